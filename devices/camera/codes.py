"""What the code reader makes of a picture file, for `kiosk scan --image`.

The picture is opened in a child with limits: a small file may ask for gigabytes, and decoders are native
code. This module loads none of them.
"""

import json
import subprocess
import sys
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

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
    """A code: format in zxing's words, corners (x, y) in pixels of the picture, clockwise from its top left.

    `payload` holds the bytes as encoded, and is what a running kiosk hands on. `text` is for people: the same
    in the charset that the code names (ECI) or, where it names none, that the decoder takes to be likely.
    `symbology` is the AIM identifier without its bracket; empty where the decoder does not say it.
    """

    format: str
    payload: bytes
    corners: tuple[tuple[int, int], ...] = ()
    symbology: str = ""
    text: str = ""

    def with_corners(self, corners: tuple[tuple[int, int], ...]) -> "Decoded":
        """The same code seen elsewhere."""
        return replace(self, corners=corners)

    def as_json(self) -> dict[str, object]:
        """For people and scripts: the payload as hexadecimal digits, and its text."""
        return {
            "format": self.format,
            "symbology": self.symbology,
            "text": self.text,
            "hex": self.payload.hex(),
            "corners": self.corners,
        }

    def as_line(self) -> str:
        """For a terminal: format, symbology, where its first corner is, and the bytes, escaped."""
        x, y = self.corners[0] if self.corners else (0, 0)
        return f"{self.format} {self.symbology} at {x},{y}: {self.payload!r}"


def read_file(path: Path) -> list[Decoded]:
    """All codes in a picture file. Raises PictureError."""
    return codes_in(ask_child("devices.camera.file_child", path))


def codes_in(said: bytes) -> list[Decoded]:
    """The codes in what the child said of a picture. Raises PictureError."""
    answer = answer_of(said)
    return [
        Decoded(
            code["format"],
            bytes.fromhex(code["hex"]),
            tuple((x, y) for x, y in code["corners"]),
            code["symbology"],
            code["text"],
        )
        for code in answer["codes"]
    ]


def ask_child(module: str, path: Path) -> bytes:
    """What a child with limits, one that reads picture files, says of this one. Raises PictureError."""
    command = (sys.executable, "-P", "-m", module, str(path))
    try:
        child = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=DEADLINE_S
        )
    except subprocess.TimeoutExpired:
        raise PictureError(PictureFault.TOO_SLOW) from None
    if child.returncode != 0:
        raise PictureError(PictureFault.BROKE_THE_READER)
    return child.stdout


def answer_of(said: bytes) -> dict[str, Any]:
    """What a child found in a picture. Raises PictureError with the fault that it tells."""
    answer: dict[str, Any] = json.loads(said)
    if "fault" in answer:
        raise PictureError(PictureFault(answer["fault"]))
    return answer
