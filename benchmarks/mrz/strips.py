"""Training pictures: single lines of OCR-B as a camera might see them, with the place of every character.

Nothing here is shared with the specimens that figures are measured on (`devices.camera.specimens`,
`benchmarks.mrz.harm`): other renderer, other damage, other seeds.
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

Picture = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<"
BLANK = len(ALPHABET)
IGNORED = -100
HEIGHT, WIDTH, STRIDE = 32, 384, 4
_CELL = 44  # width of a character in the large drawing
_TALL = 72
_FONTS = ("OCRB.otf", "OCRBS.otf")
_FONT_FOLDER = Path("/usr/share/fonts/opentype/ocr-b")
_OTHER_FONTS = Path("/usr/share/fonts/truetype/noto")
_SAME_UPSIDE_DOWN = "0OIHNZSX8"


@dataclass(frozen=True, slots=True)
class Strip:
    """A picture (HEIGHT, WIDTH) and for every column of the net its class, BLANK or IGNORED."""

    picture: Picture
    labels: Labels


class Strips:
    """Draws strips; the same seed gives the same ones."""

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        self._glyphs = [_atlas(name, stroke) for name in _FONTS for stroke in (0, 1, 2)]
        names = sorted(_OTHER_FONTS.glob("NotoSans*-Regular.ttf"))[:1] + sorted(
            _OTHER_FONTS.glob("NotoSerif-Regular.ttf")
        )
        self._other = [ImageFont.truetype(str(name), size) for name in names for size in (26, 34, 44)]

    def draw(self) -> Strip:
        """One strip: mostly a line of a zone, sometimes something that is none."""
        kind = self._random.random()
        if kind < 0.08:
            return Strip(self._worn(self._elsewhere()), np.full(WIDTH // STRIDE, BLANK, np.int64))
        text = self._text()
        large = self._line(text)
        dark, centres, pitch = self._placed(large, len(text))
        labels = _labels(text, centres, pitch)
        picture = self._worn(dark)
        if kind < 0.12:
            return Strip(np.ascontiguousarray(picture[::-1, ::-1]), _upside_down(labels))
        return Strip(picture, labels)

    # --- what is written ---

    def _text(self) -> str:
        random = self._random
        letters, digits = ALPHABET[10:36], ALPHABET[:10]
        kind = random.random()
        count = int(random.integers(20, 46))
        if kind < 0.45:  # any characters: the net shall know letters, not names
            return "".join(random.choice(list(ALPHABET), count))
        if kind < 0.75:
            words = ["".join(random.choice(list(letters), random.integers(2, 10))) for _ in range(5)]
            text = "P<" + words[0] + "<<" + "<".join(words[1 : int(random.integers(2, 5))])
            start = int(random.integers(0, 20))
            return f"{text:<<46}"[start : start + count] or "<<<<"
        alphabet = list(digits + digits + letters[:6] + "<")
        return "".join(random.choice(alphabet, count))

    # --- drawing ---

    def _line(self, text: str) -> Floats:
        """Darkness 0 to 1, (_TALL, cells * _CELL)."""
        glyphs = self._glyphs[int(self._random.integers(len(self._glyphs)))]
        line = np.zeros((_TALL, _CELL * len(text)), np.float32)
        wobble = self._random.random() < 0.3
        for place, char in enumerate(text):
            glyph = glyphs[char]
            if wobble:
                shift = self._random.normal(0, 1.0, 2)
                glyph = _moved(glyph, float(shift[0]), float(shift[1]))
            line[:, place * _CELL : (place + 1) * _CELL] = glyph
        return line

    def _placed(self, large: Floats, count: int) -> tuple[Floats, Floats, float]:
        """Darkness (HEIGHT, WIDTH), centre of each character, and its width in pixels."""
        random = self._random
        pitch = float(np.clip(random.normal(17, 2.6), 11.5, 24))
        stretch = float(np.exp(random.normal(0, 0.07)))
        scale_x, scale_y = pitch / _CELL, pitch / _CELL * stretch
        slant, tilt = random.normal(0, 0.06), random.normal(0, 0.012)
        left = float(random.uniform(-count * pitch * 0.45, WIDTH * 0.4))
        if random.random() < 0.5:
            left = float(random.uniform(-3, 60))
        middle = HEIGHT / 2 + random.normal(0, 1.6)
        columns, rows = np.meshgrid(np.arange(WIDTH, dtype=np.float32), np.arange(HEIGHT, dtype=np.float32))
        curve = random.normal(0, 1.2) * ((columns - WIDTH / 2) / (WIDTH / 2)) ** 2
        swell = 1 + random.normal(0, 0.05) * (columns - WIDTH / 2) / (WIDTH / 2)
        y = (rows - middle - tilt * (columns - WIDTH / 2) - curve) / (scale_y * swell)
        x = (columns - left) / scale_x + slant * y
        drawn = cv2.remap(large, x.astype(np.float32), (y + _TALL / 2).astype(np.float32), cv2.INTER_LINEAR)
        centres = left + (np.arange(count, dtype=np.float32) + 0.5) * pitch
        return np.asarray(drawn, np.float32), centres.astype(np.float32), pitch

    def _elsewhere(self) -> Floats:
        """Something that is no zone: another font, bars, ruling, or nothing."""
        random = self._random
        kind = random.random()
        drawn = np.zeros((HEIGHT, WIDTH), np.float32)
        if kind < 0.6 and self._other:
            image = Image.new("L", (WIDTH, HEIGHT), 0)
            letters = list("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,/-")
            text = "".join(random.choice(letters, 50))
            font = self._other[int(random.integers(len(self._other)))]
            ImageDraw.Draw(image).text(
                (int(random.integers(-20, 20)), int(random.integers(-18, 6))), text, 255, font
            )
            return (np.asarray(image) / 255).astype(np.float32)
        if kind < 0.75:
            bars = random.random(WIDTH // 3) < 0.5
            drawn[:, : len(bars) * 3] = np.repeat(bars, 3)
        elif kind < 0.85:
            drawn[int(random.integers(2, 28)) :][:3] = 1
        return drawn

    # --- wear, light, lens, sensor ---

    def _worn(self, dark: Floats) -> Picture:
        random = self._random
        ink = random.uniform(0.35, 1.0)
        paper = random.uniform(110, 250)
        if random.random() < 0.25:
            holes = cv2.resize(random.random((HEIGHT // 2, WIDTH // 2)).astype(np.float32), (WIDTH, HEIGHT))
            dark = dark * (holes > random.uniform(0.02, 0.2)).astype(np.float32)
        picture = (
            np.full((HEIGHT, WIDTH), paper, np.float32) + self._background() * random.uniform(0, 0.5) * ink
        )
        picture = picture * (1 - dark * ink * random.uniform(0.75, 0.95))
        picture = self._lit(picture)
        picture = self._through_lens(picture)
        return np.clip(picture, 0, 255).astype(np.uint8)

    def _background(self) -> Floats:
        """Guilloche, cloth, or another page shining through: up to ±60 grey levels."""
        random = self._random
        columns, rows = np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT))
        total = np.zeros((HEIGHT, WIDTH))
        for _ in range(int(random.integers(0, 4))):
            angle, length = random.uniform(0, np.pi), random.uniform(4, 60)
            wave = 6 * np.sin(columns / random.uniform(15, 60) + random.uniform(0, 6))
            total += 30 * np.sin(
                (columns * np.cos(angle) + (rows + wave) * np.sin(angle)) * 2 * np.pi / length
            )
        if random.random() < 0.3:
            coarse = random.normal(0, 40, (HEIGHT // 6 + 2, WIDTH // 8)).astype(np.float32)
            total += cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
        if random.random() < 0.1:
            total += 50 * (random.random((HEIGHT, WIDTH)) < 0.02)
        return total.astype(np.float32)

    def _lit(self, picture: Floats) -> Floats:
        random = self._random
        columns, rows = np.meshgrid(np.linspace(-1, 1, WIDTH), np.linspace(-1, 1, HEIGHT))
        light = 1 + random.uniform(-0.35, 0.35) * columns + random.uniform(-0.1, 0.1) * rows
        if random.random() < 0.2:  # the edge of a shadow
            edge = columns - random.uniform(-1, 1) + random.uniform(-1, 1) * rows
            light *= 1 - random.uniform(0.2, 0.6) / (1 + np.exp(-edge * random.uniform(10, 80)))
        picture = (picture * light).astype(np.float32)
        if random.random() < 0.25:  # glare, as a stripe or a spot
            reach = columns - random.uniform(-1, 1) + random.uniform(-0.1, 0.1) * rows
            spot = np.exp(-((reach / random.uniform(0.02, 0.2)) ** 2)) * random.uniform(0.2, 0.95)
            picture = (picture * (1 - spot) + 255 * spot).astype(np.float32)
        return picture

    def _through_lens(self, picture: Floats) -> Floats:
        random = self._random
        factor = random.choice([1.0, random.uniform(0.7, 1), random.uniform(0.42, 0.75)])
        size = (max(8, round(WIDTH * factor)), max(8, round(HEIGHT * factor)))
        small: Floats = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)
        if random.random() < 0.55:
            small = np.asarray(cv2.GaussianBlur(small, (0, 0), random.uniform(0.3, 1.7)), np.float32)
        if random.random() < 0.3:
            small = np.asarray(cv2.filter2D(small, -1, _motion(random.uniform(2, 6), random.normal(0, 0.7))),
                               np.float32)  # fmt: skip
        gain = random.uniform(0.75, 1.25)
        small = (small - 128) * gain + 128 + random.uniform(-20, 20)
        small = small + random.normal(0, random.choice([1, 4, 9, 18]), small.shape).astype(np.float32)
        if random.random() < 0.4:
            quality = (cv2.IMWRITE_JPEG_QUALITY, int(random.integers(25, 90)))
            _, packed = cv2.imencode(".jpg", np.clip(small, 0, 255).astype(np.uint8), quality)
            small = np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), np.float32)
        if random.random() < 0.15:
            sharp = small - np.asarray(cv2.GaussianBlur(small, (0, 0), 1.2), np.float32)
            small = small + sharp * random.uniform(0.5, 2)
        way = cv2.INTER_LINEAR if random.random() < 0.6 else cv2.INTER_CUBIC
        return np.asarray(cv2.resize(small, (WIDTH, HEIGHT), interpolation=way), np.float32)


def _motion(length: float, angle: float) -> Floats:
    kernel = np.zeros((9, 9), np.float32)
    way = np.array([np.cos(angle), np.sin(angle)]) * length / 2
    start, end = ((4 - way) * 16).astype(int), ((4 + way) * 16).astype(int)
    cv2.line(kernel, (int(start[0]), int(start[1])), (int(end[0]), int(end[1])), 1.0, 1, cv2.LINE_AA, 4)
    kernel /= max(float(kernel.sum()), 1e-6)
    return kernel


def _atlas(name: str, stroke: int) -> dict[str, Floats]:
    """Every character as darkness 0 to 1 in a (_TALL, _CELL) cell."""
    font = ImageFont.truetype(str(_FONT_FOLDER / name), 60)
    width = font.getlength("0")
    glyphs = {}
    for char in ALPHABET:
        image = Image.new("L", (_CELL, _TALL), 0)
        left = (_CELL - width) / 2
        ImageDraw.Draw(image).text((left, _TALL / 2), char, 255, font, anchor="lm", stroke_width=stroke)
        glyphs[char] = (np.asarray(image) / 255).astype(np.float32)
    return glyphs


def _moved(glyph: Floats, right: float, down: float) -> Floats:
    shift = np.array([[1, 0, right], [0, 1, down]], np.float32)
    return np.asarray(cv2.warpAffine(glyph, shift, (glyph.shape[1], glyph.shape[0])), np.float32)


def _labels(text: str, centres: Floats, pitch: float) -> Labels:
    """The class where a character's middle is, BLANK between two and outside, IGNORED where it is neither."""
    columns = np.arange(WIDTH // STRIDE) * STRIDE + (STRIDE - 1) / 2
    nearest = np.abs(columns[:, None] - centres[None, :]).argmin(axis=1)
    distance = np.abs(columns - centres[nearest])
    labels = np.full(len(columns), IGNORED, np.int64)
    inside = distance < max(STRIDE / 2 + 0.01, 0.17 * pitch)
    labels[distance > max(0.36 * pitch, STRIDE / 2 + 1)] = BLANK
    classes = np.array([ALPHABET.index(char) for char in text])
    labels[inside] = classes[nearest[inside]]
    cut = (centres[nearest] < 0.4 * pitch) | (centres[nearest] > WIDTH - 0.4 * pitch)
    labels[cut & (distance < 0.6 * pitch)] = IGNORED
    return labels


def _upside_down(labels: Labels) -> Labels:
    """Nothing is to be read there, but some characters look the same."""
    same = np.isin(labels, [ALPHABET.index(char) for char in _SAME_UPSIDE_DOWN])
    turned = np.where(same, IGNORED, BLANK)
    return np.ascontiguousarray(turned[::-1]).astype(np.int64)
