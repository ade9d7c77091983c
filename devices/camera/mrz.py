"""What the camera reads of the machine readable zone in a picture file, for `kiosk mrz --image`.

The picture is opened in a child with limits: a small file may ask for gigabytes. This module loads no
decoder.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from devices.camera.codes import PictureError, PictureFault

DEADLINE_S = 15.0


class MrzOutcome(StrEnum):
    """How an attempt to read a zone ended."""

    READ = "read"
    NO_ZONE = "no_zone"
    UNCLEAR = "unclear"
    """There is a zone, or part of one, but its check digits do not fit or its names are not clear."""


@dataclass(frozen=True, slots=True)
class MrzReading:
    """The outcome, and the lines if they were read."""

    outcome: MrzOutcome
    lines: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """For people and scripts."""
        return {"outcome": self.outcome.value, "lines": list(self.lines)}


def read_file(path: Path) -> MrzReading:
    """The zone in a picture file, as the running kiosk would read it from its camera. Raises PictureError."""
    command = (sys.executable, "-P", "-m", "devices.camera.mrz_file_child", str(path))
    try:
        child = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=DEADLINE_S
        )
    except subprocess.TimeoutExpired:
        raise PictureError(PictureFault.TOO_SLOW) from None
    if child.returncode != 0:
        raise PictureError(PictureFault.BROKE_THE_READER)
    answer = json.loads(child.stdout)
    if "fault" in answer:
        raise PictureError(PictureFault(answer["fault"]))
    return MrzReading(MrzOutcome(answer["outcome"]), tuple(answer["lines"]))
