"""Draws the pictures of the guides from played visits: `python docs/pictures.py [--visits FOLDER]`.

Each visit runs the real processes; the pictures it leaves are put on sheets. With
`--visits` the folders of visits played before are used again, and `--services FOLDER` draws nothing but the
sheets of the services from the folder that `kiosk tour` wrote.
"""

import argparse
import subprocess
import sys
import tempfile
from itertools import product
from pathlib import Path

import receipt_pdf
import technician_pictures
from PIL import Image

from flows.loading.pack_loader import pack_names

PICTURES = Path(__file__).parent / "pictures"
SCRIPT = "lost-wallet"
LANGUAGES = ("zh-Hant", "zh-Hans", "en")
ORIENTATIONS = ("portrait", "landscape")

SHEET_WIDTH = 1680
STRIP_HEIGHT = 520
GAP = 12
GROUND = "#8D99A6"
COLOURS = 128
"""Flat screens lose nothing that one sees, and a sheet stays a few hundred kilobytes."""

SERVICE_LANGUAGES = ("en", "zh-Hant")
SERVICE_COLUMNS = 6
MOST_BYTES = 250_000
ON_THE_WAY = frozenset(
    ("attract", "language", "triage-danger-now", "triage-happening-now", "triage-hurt", "services", "survey")
)
"""Screens that every service has."""

BANNER = ("attract", "loss-categories", "items-1-description", "review", "received")
"""The screens of the picture in README.md, by the end of their file names."""


def play(visits: Path) -> None:
    """Play the visit in every language and orientation, one after the other."""
    kiosk = Path(sys.executable).with_name("kiosk")
    for language, orientation in product(LANGUAGES, ORIENTATIONS):
        folder = visits / f"{language}-{orientation}"
        words = ("visit", SCRIPT, "--language", language, "--orientation", orientation, "--out", folder)
        subprocess.run([kiosk, *words], check=True)


def sheet(pictures: list[Path], columns: int) -> Image.Image:
    """The pictures in rows, all of one width, tops aligned."""
    width = (SHEET_WIDTH - GAP * (columns + 1)) // columns
    images = [_scaled(Image.open(path).convert("RGB"), width) for path in pictures]
    rows = [images[start : start + columns] for start in range(0, len(images), columns)]
    height = GAP + sum(max(image.height for image in row) + GAP for row in rows)
    ground = Image.new("RGB", (SHEET_WIDTH, height), GROUND)
    top = GAP
    for row in rows:
        for place, image in enumerate(row):
            ground.paste(image, (GAP + place * (width + GAP), top))
        top += max(image.height for image in row) + GAP
    return ground


def strip(pictures: list[Path]) -> Image.Image:
    """The pictures side by side, all of one height."""
    images = [Image.open(path).convert("RGB") for path in pictures]
    images = [_scaled(image, round(image.width * STRIP_HEIGHT / image.height)) for image in images]
    width = sum(image.width + GAP for image in images) + GAP
    ground = Image.new("RGB", (width, STRIP_HEIGHT + 2 * GAP), GROUND)
    left = GAP
    for image in images:
        ground.paste(image, (left, GAP))
        left += image.width + GAP
    return ground


def draw(visits: Path) -> None:
    """Write the sheets of visits, the receipts on paper and as PDF, and the picture of README.md."""
    PICTURES.mkdir(exist_ok=True)
    for language, orientation in product(LANGUAGES, ORIENTATIONS):
        screens = sorted((visits / f"{language}-{orientation}").glob("[0-9]*.png"))
        columns = 6 if orientation == "portrait" else 4
        _save(sheet(screens, columns), f"lost-wallet-{language}-{orientation}.png")
    receipts = [visits / f"{language}-portrait" / "receipt.png" for language in LANGUAGES]
    _save(sheet(receipts, len(receipts)), "receipts.png")
    draw_pdfs()
    draw_technician()
    example = visits / "zh-Hant-portrait"
    banner = [next(example.glob(f"*-{name}.png")) for name in BANNER]
    _save(strip([*banner, example / "receipt.png"]), "banner.png")


def draw_services(tour: Path) -> None:
    """Write a sheet of each service's typical visit, in English and Chinese by turns."""
    (PICTURES / "services").mkdir(exist_ok=True)
    for name in pack_names():
        one, other = (_screens(tour / f"{name}-typical-{language}") for language in SERVICE_LANGUAGES)
        own = [page for page in one if page not in ON_THE_WAY]
        turns = [one[page] if number % 2 else other.get(page, one[page]) for number, page in enumerate(own)]
        if "declare" in own or "notice" in own:  # else the visit was not finished: its old sheet stays
            _save_within(sheet(turns, SERVICE_COLUMNS), PICTURES / "services" / f"{name}.png")


def _screens(folder: Path) -> dict[str, Path]:
    """The pictures of a visit by the name of the page, in the order in which they were seen."""
    return {path.stem[3:]: path for path in sorted(folder.glob("[0-9]*.png"))}


def _save_within(image: Image.Image, path: Path) -> None:
    """Save with as many colours and dots as fit into a page of the documentation."""
    for colours, part in ((64, 1.0), (32, 1.0), (32, 0.85), (16, 0.75), (16, 0.6)):
        small = _scaled(image, round(image.width * part))
        # Colours by place in the cube, not by frequency: the red of the emergency button must stay red.
        flat = small.quantize(colours, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        flat.save(path, optimize=True)
        if path.stat().st_size <= MOST_BYTES:
            return


def draw_pdfs() -> None:
    """Write the receipts as PDF, side by side."""
    with tempfile.TemporaryDirectory() as folder:
        pages = [Path(folder) / f"{language}.png" for language in LANGUAGES]
        for page, language in zip(pages, LANGUAGES, strict=True):
            receipt_pdf.draw(page, language)
        _save(sheet(pages, len(pages)), "receipts-pdf.png")


def draw_technician() -> None:
    """Write the sheets of the technician's guide."""
    for name, pictures in technician_pictures.shots():
        _save(sheet(list(pictures), len(pictures)), f"{name}.png")


def _scaled(image: Image.Image, width: int) -> Image.Image:
    return image.resize((width, round(image.height * width / image.width)), Image.Resampling.LANCZOS)


def _save(image: Image.Image, name: str) -> None:
    flat = image.quantize(COLOURS, dither=Image.Dither.NONE)
    flat.save(PICTURES / name, optimize=True)


def main() -> None:
    """Entry of `make docs`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visits", type=Path, help="folders of visits played before")
    parser.add_argument("--services", type=Path, help="the folder that `kiosk tour` wrote")
    given = parser.parse_args()
    if given.services is not None:
        draw_services(given.services)
        return
    visits = given.visits
    if visits is None:
        visits = Path("build/visits")
        play(visits)
    draw(visits)


if __name__ == "__main__":
    main()
