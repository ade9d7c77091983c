"""What the code reader makes of a picture file, for `kiosk scan --image`.

The picture is opened in a child with limits: a small file may ask for gigabytes, and decoders are native
code. This module loads none of them.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

DEADLINE_S = 15.0
MAX_PAYLOAD = 4096


class PictureFault(StrEnum):
    """Why a picture was not read."""

    UNREADABLE = "unreadable"
    """No file, no picture, or a kind that is not taken (only JPEG, PNG, WebP, BMP and PNM are)."""
    TOO_LARGE = "too_large"
    TOO_SLOW = "too_slow"
    BROKE_THE_READER = "broke_the_reader"


class PictureError(Exception):
    """A picture was refused."""

    def __init__(self, fault: PictureFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Decoded:
    """A code: format in zxing's words, bytes as encoded, corners (x, y) from top left, clockwise.

    `symbology` is the AIM identifier without its bracket; empty where the decoder does not say it.
    """

    format: str
    payload: bytes
    corners: tuple[tuple[int, int], ...] = ()
    symbology: str = ""

    def as_json(self) -> dict[str, object]:
        """For people and scripts: the payload as hexadecimal digits and, where it is UTF-8, as text."""
        try:
            text = self.payload.decode()
        except UnicodeDecodeError:
            text = None
        return {
            "format": self.format,
            "symbology": self.symbology,
            "text": text,
            "hex": self.payload.hex(),
            "corners": self.corners,
        }


def read_file(path: Path) -> list[Decoded]:
    """All codes in a picture file. Raises PictureError."""
    command = (sys.executable, "-P", "-m", "devices.camera.file_child", str(path))
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
    return [
        Decoded(
            code["format"],
            bytes.fromhex(code["hex"]),
            tuple((x, y) for x, y in code["corners"]),
            code["symbology"],
        )
        for code in answer["codes"]
    ]
