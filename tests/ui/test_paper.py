"""Receipts as pictures: right dots, whole codes, bounded length, nothing but pixels."""

import dataclasses
import unicodedata

import numpy as np
import pytest
import zxingcpp
from PySide6.QtGui import QFont, QFontDatabase, QImage, QTextLayout

from flows.languages import Language
from flows.receipt import Block, Bullets, Code, Gap, ReceiptDocument, Reference, Rule, Size, Text
from ui import paper_layout
from ui.paper import PaperImage, render, to_png
from ui.paper_layout import MAX_HEIGHT_MM
from ui.paper_text import MAX_LINES

HANT, HANS, EN = Language.TRADITIONAL_CHINESE, Language.SIMPLIFIED_CHINESE, Language.ENGLISH
HKSCS = "喺嘅嚟咗冇啲㗎𠝹𡃁𨋢𠵱𥄫𨳒"
PAYLOAD = "528319476034-K7QH2M9XWD"
CODE = Code(PAYLOAD, (Text("掃描以查詢或補充", HANT), Text("Scan to check or add.", EN, Size.SMALL)))
RECEIPT = ReceiptDocument(
    (
        Text("自助報案機", HANT, Size.LARGE, bold=True, centred=True),
        Rule(),
        Text("報失收據", HANT, Size.TITLE, bold=True),
        Reference("528319476034"),
        Gap(1.5),
        CODE,
        Rule(),
        Bullets(("身份證：14 天內補領。", "八達通：即致電報失。"), HANT),
        Text("This slip is not a loss memo for travel documents.", EN, Size.SMALL),
    )
)

pytestmark = pytest.mark.usefixtures("qapp")


def dots(image: PaperImage) -> np.ndarray:
    """Rows x columns, True is black."""
    rows = np.frombuffer(image.bits, dtype=np.uint8).reshape(image.height, image.row_bytes)
    return np.unpackbits(rows, axis=1)[:, : image.width].astype(bool)


def of(*blocks: Block, width: int = 576) -> PaperImage:
    return render(ReceiptDocument(blocks), width_dots=width)


def ink_columns(image: PaperImage) -> tuple[int, int]:
    columns = np.flatnonzero(dots(image).any(axis=0))
    return int(columns[0]), int(columns[-1])


@pytest.mark.parametrize("width", [576, 512, 384, 420])
@pytest.mark.parametrize("large", [False, True])
def test_the_code_decodes_and_nothing_leaves_the_paper(width: int, *, large: bool) -> None:
    image = render(dataclasses.replace(RECEIPT, large_print=large), width_dots=width)
    assert (image.width, len(image.bits)) == (width, image.height * ((width + 7) // 8))
    left, right = ink_columns(image)
    assert left >= 23
    assert right < width - 22
    found = zxingcpp.read_barcodes(np.where(dots(image), 0, 255).astype(np.uint8))
    assert [code.text for code in found] == [PAYLOAD]


@pytest.mark.parametrize("width", [576, 384])
def test_modules_are_at_least_four_dots_and_the_code_stands_in_white(width: int) -> None:
    grid = dots(of(Code(PAYLOAD, ()), width=width))
    rows, columns = np.flatnonzero(grid.any(axis=1)), np.flatnonzero(grid.any(axis=0))
    side = int(columns[-1] - columns[0]) + 1
    assert int(rows[-1] - rows[0]) + 1 == side
    finder = int(np.flatnonzero(~grid[rows[0], columns[0] :])[0])
    module = finder // 7
    assert finder == 7 * module
    assert module >= 4
    assert side % module == 0
    for white in (rows[0], columns[0], grid.shape[0] - 1 - rows[-1], grid.shape[1] - 1 - columns[-1]):
        assert white >= 4 * module


@pytest.mark.parametrize("width", [576, 384])
def test_the_reference_fills_the_width_on_one_line(width: int) -> None:
    image = of(Reference("528319476034"), width=width)
    left, right = ink_columns(image)
    assert right - left > 0.95 * (width - 48)
    inked = dots(image).any(axis=1)
    assert int(np.diff(inked.astype(int)).clip(min=0).sum()) == 1


def test_large_print_is_one_step_larger_and_no_wider() -> None:
    normal, large = of(Text("報失", HANT)), render(ReceiptDocument((Text("報失", HANT),), large_print=True))
    step = of(Text("報失", HANT, Size.LARGE))
    assert large == step
    assert ink_columns(large)[1] > ink_columns(normal)[1]


def test_a_heading_rather_shrinks_than_takes_a_second_line() -> None:
    one_line = of(Text("Receipt", EN, Size.TITLE, bold=True)).height
    shrunk = of(Text("Lost property report – receipt", EN, Size.TITLE, bold=True))
    assert shrunk.height <= one_line
    assert ink_columns(shrunk)[1] > 500
    title = Text("Hong Kong Police Force · Self-service kiosk", EN, Size.LARGE, bold=True)
    assert of(title).height < of(Text("Hong Kong", EN, Size.LARGE, bold=True)).height + 1
    lines = of(dataclasses.replace(title, text="Hong Kong\nPolice Force", size=Size.TITLE))
    assert of(dataclasses.replace(title, size=Size.TITLE)).height == lines.height


def test_the_weight_of_a_text_does_not_depend_on_what_stands_before() -> None:
    text = Text("此收據並非旅行證件遺失證明書。", HANT, Size.SMALL)
    alone = dots(of(text))
    after = dots(of(Bullets(("一", "二"), HANT), Rule(), CODE, Rule(), text))
    strip = alone[16:-32]
    assert np.array_equal(after[-32 - len(strip) : -32], strip)


def test_golden_geometry() -> None:
    image = render(RECEIPT)
    grid = dots(image)
    full = [row for row in range(image.height) if grid[row, 24:552].all()]
    rules = [row for row in full if row - 1 not in full]
    assert image.height == 631
    assert rules == [79, 464]
    assert len(full) == 2 * 3


def test_png_is_one_bit_and_the_same_dots() -> None:
    image = render(RECEIPT, width_dots=420)
    png = to_png(image)
    assert png[24:26] == b"\x01\x03"  # IHDR: one bit, palette
    picture = QImage.fromData(png).convertToFormat(QImage.Format.Format_Grayscale8)
    grey = np.frombuffer(picture.constBits(), np.uint8).reshape(image.height, picture.bytesPerLine())
    assert np.array_equal(grey[:, : image.width] == 0, dots(image))


def test_a_hostile_text_is_only_pixels() -> None:
    text = "O'Brien\x1b@\x1dV\x00\x10\x14\x01<b>x</b>&amp;{0}"
    image = of(Text(text, EN), width=576)
    assert type(image.bits) is bytes
    for command in (b"\x1b@", b"\x1dV", b"O'Brien", text.encode()):
        assert command not in image.bits
    assert image == of(Text("O'Brien@V<b>x</b>&amp;{0}", EN))


@pytest.mark.parametrize(
    "hidden", ["\u202e", "\u2066", "\ufeff", "\u200b", "\x07", "\ud800", "\ufffe", "\U000e0041"]
)
def test_characters_without_ink_change_nothing(hidden: str) -> None:
    assert of(Text(f"ab{hidden}cd", EN)) == of(Text("abcd", EN))


def test_rare_characters_of_hong_kong_have_their_own_glyphs() -> None:
    pictures = {dots(of(Text(character, HANT))).tobytes() for character in HKSCS}
    assert len(pictures) == len(HKSCS)
    layout = QTextLayout(HKSCS, QFont(["Noto Sans", "Noto Sans CJK HK"]))
    layout.beginLayout()
    layout.createLine()
    layout.endLayout()
    assert all(0 not in run.glyphIndexes() for run in layout.glyphRuns())


def test_the_families_are_there() -> None:
    named = {family for families in paper_layout._FAMILIES.values() for family in families}
    assert named <= set(QFontDatabase.families())


@pytest.mark.parametrize(
    "text", ["字" * 10_000, "word " * 2_000, "i" * 10_000, "\n" * 10_000, "e" + "\u0301" * 9_999]
)
def test_ten_thousand_characters_take_a_bounded_length(text: str) -> None:
    image = of(Text(text, HANT), Text("end", EN))
    line = of(Text("字", HANT)).height - of().height
    assert image.height <= of().height + (MAX_LINES + 1) * line


def test_a_shortened_paragraph_ends_in_an_ellipsis() -> None:
    per_line = 21
    assert of(Text("字" * 10_000, HANT)) == of(Text("字" * (per_line * MAX_LINES - 1) + "…", HANT))


def test_lines_of_a_text_are_kept() -> None:
    assert of(Text("one\ntwo", EN)) == of(Text("one", EN), Text("two", EN))


@pytest.mark.parametrize("language", list(Language))
def test_no_receipt_is_longer_than_the_limit_and_it_says_so(language: Language) -> None:
    blocks = tuple(Text(f"{number} " * 40, language) for number in range(200))
    image = of(*blocks)
    assert image.height <= MAX_HEIGHT_MM * 8
    assert image.height > MAX_HEIGHT_MM * 8 - 60
    said = dots(of(Text(paper_layout._SHORTENED[language], language)))
    strip = said[16:-32]
    assert np.array_equal(dots(image)[-32 - len(strip) : -32], strip)


def test_combining_marks_do_not_reach_the_next_line() -> None:
    tower = "e" + "\u0301" * 200
    alone = dots(of(Text("plain", EN), Text("x", EN)))
    beneath = dots(of(Text("plain", EN), Text(tower, EN)))
    line = 34
    assert np.array_equal(alone[16 : 16 + line - 8], beneath[16 : 16 + line - 8])


def test_an_empty_receipt_is_a_strip_of_white() -> None:
    image = of()
    assert image.height > 0
    assert not dots(image).any()


def test_the_sample_text_is_really_hkscs() -> None:
    assert all(unicodedata.category(character) == "Lo" for character in HKSCS)
