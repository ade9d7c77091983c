"""Other ways of reading a zone, where they are installed: Debian's Tesseract with its `eng` model."""

import re
import shutil
import subprocess
from collections.abc import Callable

import cv2
import numpy as np

from benchmarks.mrz.harm import Picture
from devices.camera.mrz_strip import Window, cut
from devices.camera.zone_lines import find_lines

Read = Callable[[Picture], tuple[str, ...] | None]

_ZONE_LINE = re.compile(r"[A-Z0-9<]{28,46}")
_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<"


def available() -> list[tuple[str, Read]]:
    """The peers of this machine."""
    if shutil.which("tesseract") is None:
        return []
    return [("tesseract eng, whole frame", _whole), ("finder + tesseract eng", _by_line)]


def _whole(frame: Picture) -> tuple[str, ...] | None:
    return _zone(_tesseract(np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), np.uint8), 6).splitlines())


def _by_line(frame: Picture) -> tuple[str, ...] | None:
    grey = np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), np.uint8)
    texts = []
    for line in sorted(find_lines(grey, most=4), key=lambda one: one.middle((one.left + one.right) / 2)):
        scale = line.height / 26
        strip = cut([grey], Window(line, line.left - 12 * scale, scale), round(line.length / scale) + 24)
        texts.append(_tesseract(np.pad(strip, 10, mode="edge"), 7))
    return _zone(texts)


def _tesseract(grey: Picture, segmentation: int) -> str:
    _, packed = cv2.imencode(".png", grey)
    done = subprocess.run(
        ("tesseract", "-", "-", "--psm", str(segmentation), "-c", f"tessedit_char_whitelist={_CHARACTERS}"),
        input=packed.tobytes(), capture_output=True, check=False,
        env={"OMP_THREAD_LIMIT": "1", "PATH": "/usr/bin"},
    )  # fmt: skip
    return done.stdout.decode()


def _zone(texts: list[str]) -> tuple[str, ...] | None:
    """The lines that look like those of a zone, none checked."""
    joined = ["".join(text.split()) for text in texts]
    return tuple(text for text in joined if _ZONE_LINE.fullmatch(text)) or None
