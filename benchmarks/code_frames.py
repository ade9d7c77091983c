"""Photographs of codes with their expected content, placed in frames of a camera."""

import hashlib
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
"""Grey (rows, columns)."""

WIDTH, HEIGHT = 1280, 720
FORMATS = {
    "aztec": "Aztec",
    "code128": "Code128",
    "datamatrix": "DataMatrix",
    "pdf417": "PDF417",
    "qrcode": "QRCode",
}
"""Beginnings of folders' names, and what is expected in them."""
_KINDS = {".png", ".jpg", ".webp"}


@dataclass(frozen=True, slots=True)
class Photograph:
    """A picture and what it says: text, or bytes where charsets are no matter."""

    name: str
    format: str
    picture: Picture
    text: str | None
    payload: bytes | None

    @property
    def tuned_on(self) -> bool:
        """Half of the pictures is for tuning, the other for reporting; by name, the same for ever."""
        return hashlib.sha256(self.name.encode()).digest()[0] % 2 == 0

    def random(self, purpose: str) -> np.random.Generator:
        """The same numbers for the same picture and purpose."""
        seed = hashlib.sha256(f"{purpose} {self.name}".encode()).digest()
        return np.random.default_rng(int.from_bytes(seed[:8], "big"))


def photographs(folder: Path) -> Iterator[Photograph]:
    """All with an expected content beside them: NAME.bin or NAME.txt. The folder's name says the format."""
    for path in sorted(folder.rglob("*")):
        format_ = FORMATS.get(path.parent.name.split("-")[0])
        text, payload = path.parent / f"{path.stem}.txt", path.parent / f"{path.stem}.bin"
        if path.suffix not in _KINDS or format_ is None or not (text.exists() or payload.exists()):
            continue
        picture = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_GRAYSCALE)
        yield Photograph(
            f"{path.parent.name}/{path.name}",
            format_,
            np.asarray(picture, np.uint8),
            text.read_bytes().decode() if text.exists() else None,
            payload.read_bytes() if payload.exists() else None,
        )


def frames(photograph: Photograph) -> Iterator[tuple[str, Picture]]:
    """The photograph in one frame of each set, by the set's name."""
    for name, place in SETS.items():
        yield name, place(photograph.picture, photograph.random(name))


def noisy(frame: Picture, random: np.random.Generator, sigma: float = 3.0) -> Picture:
    """As the next frame of the same scene."""
    return _bytes(frame + random.normal(0.0, sigma, frame.shape))


def _white(picture: Picture, _random: np.random.Generator) -> Picture:
    return _placed(_fitted(picture), np.full((HEIGHT, WIDTH), 255, np.uint8))


def _textured(picture: Picture, random: np.random.Generator) -> Picture:
    return _placed(_fitted(picture), _table(random))


def _scaled(picture: Picture, random: np.random.Generator) -> Picture:
    scale = random.uniform(0.8, 1.5)
    fitted = _fitted(picture)
    scale = min(scale, WIDTH / fitted.shape[1], HEIGHT / fitted.shape[0])
    kind = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    resized = cv2.resize(fitted, None, fx=scale, fy=scale, interpolation=kind)
    return _placed(np.asarray(resized, np.uint8), _table(random))


def _turned(picture: Picture, random: np.random.Generator) -> Picture:
    angle = math.radians(random.uniform(-15, 15))
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    return _warped(picture, lambda corners: corners @ turn.T, _table(random))


def _leaning(picture: Picture, random: np.random.Generator) -> Picture:
    """Perspective: each corner up to 6 % of the side away from where it belongs."""
    away = random.uniform(-0.06, 0.06, (4, 2))
    return _warped(picture, lambda corners: corners + away * np.ptp(corners, axis=0), _table(random))


def _hard_to_see(picture: Picture, random: np.random.Generator) -> Picture:
    """Slightly out of focus, noisy, and a lamp mirrored on it."""
    frame = cv2.GaussianBlur(_textured(picture, random), (0, 0), random.uniform(0.3, 0.9)).astype(np.float64)
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    top, left = HEIGHT / 2 + random.uniform(-150, 150), WIDTH / 2 + random.uniform(-250, 250)
    lamp = np.exp(-(((rows - top) / 160) ** 2 + ((columns - left) / 240) ** 2))
    return noisy(_bytes(frame * 0.8 + 70 * lamp), random, random.uniform(2, 7))


SETS: dict[str, Callable[[Picture, np.random.Generator], Picture]] = {
    "white": _white,
    "textured": _textured,
    "scaled": _scaled,
    "turned": _turned,
    "leaning": _leaning,
    "blur, noise, glare": _hard_to_see,
}


def _fitted(picture: Picture) -> Picture:
    """Native size, or smaller if the frame is."""
    scale = min(1.0, WIDTH / picture.shape[1], HEIGHT / picture.shape[0])
    if scale == 1.0:
        return picture
    size = max(1, int(picture.shape[1] * scale)), max(1, int(picture.shape[0] * scale))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _placed(picture: Picture, frame: Picture) -> Picture:
    rows, columns = picture.shape
    top, left = (HEIGHT - rows) // 2, (WIDTH - columns) // 2
    frame[top : top + rows, left : left + columns] = picture
    return frame


def _warped(
    picture: Picture, move: Callable[[npt.NDArray[Any]], npt.NDArray[Any]], frame: Picture
) -> Picture:
    """Its corners moved about its middle, made smaller if they would leave the frame."""
    rows, columns = picture.shape
    fitted = min(1.0, WIDTH / columns, HEIGHT / rows)
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * (columns * fitted / 2, rows * fitted / 2)
    moved = move(corners)
    moved *= min(1.0, *((WIDTH / 2, HEIGHT / 2) / np.abs(moved).max(axis=0)))
    source = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float32)
    target = (np.array([WIDTH / 2, HEIGHT / 2]) + moved).astype(np.float32)
    matrix = cv2.getPerspectiveTransform(source, target)
    inside = cv2.warpPerspective(np.full_like(picture, 255), matrix, (WIDTH, HEIGHT))
    placed = np.where(inside > 127, cv2.warpPerspective(picture, matrix, (WIDTH, HEIGHT)), frame)
    return np.asarray(placed, np.uint8)


def _table(random: np.random.Generator) -> Picture:
    """A surface with grain and patches of light, nowhere like a code."""
    coarse = cv2.resize(random.normal(0, 14, (9, 16)), (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    grain = cv2.resize(random.normal(0, 9, (HEIGHT // 3, WIDTH // 3)), (WIDTH, HEIGHT))
    return _bytes(random.uniform(110, 190) + coarse + grain)


def _bytes(values: npt.NDArray[Any]) -> Picture:
    return np.asarray(np.clip(values, 0, 255), np.uint8)
