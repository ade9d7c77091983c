"""What the camera reads of the machine readable zone in a picture file, for `kiosk mrz --image`.

The picture is opened in a child with limits: a small file may ask for gigabytes. This module loads no
decoder.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from devices.camera.codes import answer_of, ask_child


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
    answer = answer_of(ask_child("devices.camera.mrz_file_child", path))
    return MrzReading(MrzOutcome(answer["outcome"]), tuple(answer["lines"]))
