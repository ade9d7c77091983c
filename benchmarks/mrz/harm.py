"""Specimens before a camera: put on a table, held at an angle, lit, and seen by a lens and a sensor.

Made for measuring and proving; the pictures that the recogniser was trained on (`strips`) come another way.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

WIDTH, HEIGHT = 1280, 720
_SPARE_NOISE = 200


class Level(StrEnum):
    """How bad it is."""

    CLEAN = "clean"
    MILD = "mild"
    HARD = "hard"


@dataclass(frozen=True, slots=True)
class Scene:
    """How a document is held and seen; angles in degrees, lengths in pixels of the frame."""

    fill: float = 0.85
    """Part of the frame's width, or height if that is the narrower one, that the document takes."""
    turn: float = 0.0
    tip_x: float = 0.0
    tip_y: float = 0.0
    bend: float = 0.0
    shift: tuple[float, float] = (0.0, 0.0)
    blur: float = 0.4
    motion: float = 0.0
    motion_way: float = 0.0
    noise: float = 2.0
    light: float = 1.0
    slope_of_light: float = 0.0
    shadow: float = 0.0
    glare: float = 0.0
    glare_at: tuple[float, float] = (0.5, 0.5)
    finger: float = 0.0
    background: int = 0
    jpeg: int = 90


def scene(level: Level, random: np.random.Generator) -> Scene:
    """A scene of that level."""

    def normal(spread: float) -> float:
        return float(np.clip(random.normal(0, spread), -2.2 * spread, 2.2 * spread))

    background = int(random.integers(0, 4))
    if level is Level.CLEAN:
        return Scene(fill=random.uniform(0.75, 0.97), turn=normal(1.5), blur=random.uniform(0.3, 0.6),
                     background=background)  # fmt: skip
    mild = Scene(
        fill=random.uniform(0.68, 0.96), turn=normal(4), tip_x=normal(5), tip_y=normal(5),
        bend=abs(normal(3)),
        shift=(normal(20), normal(15)), blur=random.uniform(0.4, 0.95), noise=random.uniform(2, 7),
        light=random.uniform(0.6, 1.15), slope_of_light=normal(0.15), shadow=0.4 * (random.random() < 0.25),
        background=background, jpeg=int(random.integers(70, 95)),
    )  # fmt: skip
    if level is Level.MILD:
        return mild
    worse = [
        {"blur": random.uniform(1.1, 1.9)},
        {"motion": random.uniform(3, 6.5), "motion_way": random.uniform(0, 180)},
        {"noise": random.uniform(12, 24), "light": random.uniform(0.35, 0.7)},
        {"turn": random.choice([-1, 1]) * random.uniform(8, 15)},
        {"tip_x": random.choice([-1, 1]) * random.uniform(12, 24), "tip_y": normal(12)},
        {
            "glare": random.uniform(0.35, 0.7),
            "glare_at": (random.uniform(0.1, 0.9), random.uniform(0.6, 1.0)),
        },
        {"bend": random.uniform(8, 16)},
        {"shadow": random.uniform(0.5, 0.75), "jpeg": int(random.integers(35, 60))},
    ]
    chosen = random.choice(len(worse), 2, replace=False)
    changes = {name: value for number in chosen for name, value in worse[int(number)].items()}
    return replace(mild, **changes)


def jitter(one: Scene, random: np.random.Generator, steadiness: float = 1.0) -> Scene:
    """The same scene a moment later: a hand trembles, focus and light breathe, glare wanders."""

    def by(spread: float) -> float:
        return float(random.normal(0, spread * steadiness))

    return replace(
        one, turn=one.turn + by(0.8), tip_x=one.tip_x + by(1.2), tip_y=one.tip_y + by(1.2),
        fill=one.fill + by(0.008),
        shift=(one.shift[0] + by(6), one.shift[1] + by(6)), blur=max(0.3, one.blur * float(np.exp(by(0.2)))),
        motion=max(0.0, one.motion * float(np.exp(by(0.45)))), motion_way=one.motion_way + by(30),
        glare_at=(one.glare_at[0] + by(0.05), one.glare_at[1] + by(0.03)),
        light=max(0.2, one.light + by(0.02)),
    )  # fmt: skip


def photograph(document: Picture, one: Scene, random: np.random.Generator) -> Picture:
    """A frame (720, 1280, 3) of the document in that scene."""
    frame = _background(one.background, random)
    placed, mask = _placed(_bent(document, one.bend), one)
    picture = frame * (1 - mask) + placed * mask
    picture = _fingers(picture, mask, one, random)
    picture = _light(picture, one)
    return _sensor(picture, one, random)


def _background(kind: int, random: np.random.Generator) -> Floats:
    columns, rows = np.meshgrid(np.arange(WIDTH, dtype=np.float32), np.arange(HEIGHT, dtype=np.float32))
    colour = random.uniform(40, 220, 3)
    picture = np.ones((HEIGHT, WIDTH, 3), np.float32) * colour.astype(np.float32)
    if kind == 1:  # wood
        picture += (12 * np.sin(rows / 9 + 3 * np.sin(columns / 140)))[:, :, None]
    elif kind == 2:  # cloth, a ceiling, a face: soft spots
        spots = random.normal(0, 45, (9, 16, 3)).astype(np.float32)
        picture += cv2.resize(spots, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    elif kind == 3:  # a printed page below
        page = picture.astype(np.uint8)
        for row in range(30, HEIGHT, 34):
            words = "".join(random.choice(list("abcdefghi klmnop rstuvw "), 80))
            cv2.putText(page, words, (10, row), cv2.FONT_HERSHEY_DUPLEX, 0.7, (25, 25, 25), 1, cv2.LINE_AA)
        picture = page.astype(np.float32)
    return picture


def _bent(document: Picture, bend: float) -> Floats:
    """A page that is not flat: its middle stands up by so many pixels of a thousand."""
    picture = document.astype(np.float32)
    if bend < 0.5:
        return picture
    height, width = document.shape[:2]
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    rise = bend * width / 1000 * np.sin(columns / width * np.pi)
    sag = 0.25 * bend * width / 1000 * np.sin(columns / width * 2 * np.pi)
    bent = cv2.remap(picture, columns + sag, rows + rise - bend * width / 2000, cv2.INTER_LINEAR,
                     borderMode=cv2.BORDER_REPLICATE)  # fmt: skip
    return np.asarray(bent, np.float32)


def _placed(document: Floats, one: Scene) -> tuple[Floats, Floats]:
    """The document in the frame and where it is, by a pinhole camera 60° wide."""
    height, width = document.shape[:2]
    scale = one.fill * min(WIDTH / width, HEIGHT / height)
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * np.array([width, height]) * scale / 2
    points = np.column_stack([corners, np.zeros(4)])
    for axis, angle in ((0, one.tip_x), (1, one.tip_y), (2, one.turn)):
        points = points @ _rotation(axis, np.deg2rad(angle)).T
    distance = WIDTH / 2 / np.tan(np.deg2rad(30))
    seen = points[:, :2] * (distance / (distance + points[:, 2:]))
    seen += np.array([WIDTH / 2 + one.shift[0], HEIGHT / 2 + one.shift[1]])
    source = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    to_frame = cv2.getPerspectiveTransform(source, seen.astype(np.float32))
    if scale < 1:  # against moiré, as a lens does
        document = np.asarray(cv2.GaussianBlur(document, (0, 0), 0.42 / scale), np.float32)
    placed = cv2.warpPerspective(document, to_frame, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR,
                                 borderMode=cv2.BORDER_REPLICATE)  # fmt: skip
    mask = cv2.warpPerspective(np.ones((height, width, 1), np.float32), to_frame, (WIDTH, HEIGHT))
    return np.asarray(placed, np.float32), np.asarray(mask, np.float32).reshape(HEIGHT, WIDTH, 1)


def _rotation(axis: int, angle: float) -> npt.NDArray[np.float64]:
    first, second = [number for number in range(3) if number != axis]
    turn = np.eye(3)
    turn[first, first] = turn[second, second] = np.cos(angle)
    turn[first, second], turn[second, first] = -np.sin(angle), np.sin(angle)
    return turn


def _fingers(picture: Floats, mask: Floats, one: Scene, random: np.random.Generator) -> Floats:
    """A thumb over the left or right edge; `finger` is how far it reaches in, as part of the width."""
    if one.finger <= 0:
        return picture
    rows, columns = np.nonzero(mask[:, :, 0] > 0.5)
    side = columns.min() if random.random() < 0.5 else columns.max()
    reach = round(one.finger * (columns.max() - columns.min()))
    drawn = picture.copy()
    centre = (int(side), int(rows.min() + 0.8 * (rows.max() - rows.min())))
    cv2.ellipse(drawn, centre, (reach, 45), 0, 0, 360, (120, 150, 205), -1)
    return drawn


def _light(picture: Floats, one: Scene) -> Floats:
    columns, rows = np.meshgrid(
        np.linspace(0, 1, WIDTH, dtype=np.float32), np.linspace(0, 1, HEIGHT, dtype=np.float32)
    )
    light = one.light * (1 + one.slope_of_light * (columns * 2 - 1))
    if one.shadow:
        light = light * (1 - one.shadow / (1 + np.exp((columns - 0.35 - 0.3 * rows) * 60)))
    picture = picture * light[:, :, None]
    if one.glare:
        x, y = one.glare_at
        spot = one.glare * np.exp(-((((columns - x) / 0.09) ** 2 + ((rows - y) / 0.13) ** 2) ** 2))
        picture = picture * (1 - spot[:, :, None]) + 255 * spot[:, :, None]
    return np.asarray(picture, np.float32)


@cache
def _noise() -> Floats:
    """Drawn once, larger than a frame: every frame takes another part of it."""
    shape = (HEIGHT + _SPARE_NOISE, WIDTH + _SPARE_NOISE, 3)
    return np.random.default_rng(0).standard_normal(shape, np.float32)


def _sensor(picture: Floats, one: Scene, random: np.random.Generator) -> Picture:
    if one.blur > 0.3:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), one.blur), np.float32)
    if one.motion >= 1:
        kernel = np.zeros((15, 15), np.float32)
        angle = np.deg2rad(one.motion_way)
        for step in np.linspace(-one.motion / 2, one.motion / 2, 60):
            x, y = 7 + step * np.cos(angle), 7 + step * np.sin(angle)
            if 0 <= x < 14.5 and 0 <= y < 14.5:
                kernel[round(y), round(x)] += 1
        picture = np.asarray(cv2.filter2D(picture, -1, kernel / kernel.sum()), np.float32)
    if one.noise:
        strength = one.noise * random.uniform(0.8, 1.2)
        top, left = random.integers(0, _SPARE_NOISE, 2)
        noise = _noise()[top : top + HEIGHT, left : left + WIDTH]
        picture = picture + noise * np.float32(strength * random.choice([-1, 1]))
    _, packed = cv2.imencode(
        ".jpg", np.clip(picture, 0, 255).astype(np.uint8), (cv2.IMWRITE_JPEG_QUALITY, one.jpeg)
    )
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
