"""What maintenance prints: a page that shows every dot of the head, and how ready the kiosk is.

Needs a QGuiApplication, as `ui.paper` does.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flows.languages import Language
from flows.receipt import Block, Code, Gap, ReceiptDocument, Rule, Size, Text
from ui.bridge.maintenance import TEST_MARK
from ui.paper import PaperImage, render

RULER_MM = 40
_SENTENCES = (
    ("收據打印測試：字體清晰，切口整齊。", Language.TRADITIONAL_CHINESE),
    ("收据打印测试：字体清晰，切口整齐。", Language.SIMPLIFIED_CHINESE),
    ("Receipt test: sharp letters, a clean cut.", Language.ENGLISH),
)
_TICK_MM = {10: 5.0, 5: 3.5, 1: 2.0}
_PATCH_MM = 10
_STAIR_DOTS = 8
_STAIR_ROWS = 2
_MARKS = {"mend": "✕", "watch": "!", "works": "✓"}


def trial_page(kiosk: str, at: str, *, width_dots: int = 576, dots_per_mm: float = 8.0) -> PaperImage:
    """Kiosk number and time, all languages, a ruler, greys, every dot of the head once, and a code."""
    head: list[Block] = [
        Text(f"{TEST_MARK} {kiosk}", Language.ENGLISH, Size.LARGE, bold=True),
        Text(at, Language.ENGLISH, Size.SMALL),
        *(Text(words, language) for words, language in _SENTENCES),
    ]
    code = Code(f"{TEST_MARK} {kiosk}", (Text("]Q1", Language.ENGLISH, Size.SMALL),))
    return _pile(
        [
            render(ReceiptDocument(tuple(head)), width_dots=width_dots, dots_per_mm=dots_per_mm),
            _image(width_dots, [*_ruler(dots_per_mm), *_blank(dots_per_mm, 3)]),
            _image(width_dots, [*_greys(width_dots, dots_per_mm), *_blank(dots_per_mm, 3)]),
            _image(width_dots, [*_stairs(width_dots), *_blank(dots_per_mm, 2)]),
            render(ReceiptDocument((code, Gap(2))), width_dots=width_dots, dots_per_mm=dots_per_mm),
        ]
    )


def report_page(
    report: Mapping[str, Any],
    words: Mapping[str, str],
    *,
    width_dots: int = 576,
    dots_per_mm: float = 8.0,
) -> PaperImage:
    """How ready the kiosk is, in the technician's language; `report` as `MaintenanceBridge.report` has it."""
    return render(
        ReceiptDocument(tuple(_report(report, words))), width_dots=width_dots, dots_per_mm=dots_per_mm
    )


def _report(report: Mapping[str, Any], words: Mapping[str, str]) -> Iterator[Block]:
    language = Language(report["language"])

    def text(line: str, size: Size = Size.BODY, *, bold: bool = False) -> Text:
        return Text(line, language, size, bold=bold)

    def say(key: str, **values: object) -> str:
        return words[f"maintenance.{key}"].format(**values)

    broken = sum(finding["health"] == "mend" for finding in report["findings"])
    yield text(say("report.title"), Size.TITLE, bold=True)
    yield text(say("report.kiosk", kiosk=report["kiosk"]), bold=True)
    yield text(say("report.by", at=report["at"], technician=report["technician"]), Size.SMALL)
    yield Rule()
    yield text(
        say("report.not_ready", count=broken) if broken else say("report.ready"), Size.LARGE, bold=True
    )
    for finding in report["findings"]:
        part = words.get(f"maintenance.part.{finding['part'].replace(' ', '_')}", finding["part"])
        yield text(f"{_MARKS[finding['health']]} {part}: {finding['cause']}", Size.SMALL)
    yield Rule()
    yield text(say("report.tests"), bold=True)
    for test in report["tests"]:
        name = words.get(f"maintenance.test.{test['test']}", test["test"])
        yield text(f"{name}: {_verdict(test['last'], say)}", Size.SMALL)
    yield Rule()
    yield text(say("report.inspection"), bold=True)
    for item in report["items"]:
        yield text(f"{_item_words(item, language)}: {_due(item, say)}", Size.SMALL)
    yield Rule()


def _verdict(last: Mapping[str, Any], say: Any) -> str:
    if not last:
        return str(say("never"))
    return str(say("test.last_passed" if last["passed"] else "test.last_failed", **last))


def _due(item: Mapping[str, Any], say: Any) -> str:
    key = "checklist.overdue" if item["overdue"] else "checklist.due"
    return str(say(key, day=item["due_at"], days=item["every_days"]))


def _item_words(item: Mapping[str, Any], language: Language) -> str:
    return str(item.get("words", {}).get(language.value, item["item"]))


# --- rows of dots, the first dot in the highest bit ---


def _ruler(dots_per_mm: float) -> Iterator[int]:
    """A scale of RULER_MM millimetres from the margin; the rows as sets of dots."""
    margin = round(3 * dots_per_mm)
    ticks = {round(at * dots_per_mm) + margin: _tick(at) for at in range(RULER_MM + 1)}
    for row in range(round(max(_TICK_MM.values()) * dots_per_mm)):
        yield _dots(
            dot + thick for dot, length in ticks.items() if row < length * dots_per_mm for thick in (0, 1)
        )
    yield from (_dots(range(margin, margin + round(RULER_MM * dots_per_mm) + 2)) for _ in range(2))


def _tick(at_mm: int) -> float:
    return next(length for step, length in _TICK_MM.items() if at_mm % step == 0)


def _greys(width: int, dots_per_mm: float) -> Iterator[int]:
    """Patches of a quarter, a half, three quarters and all of the dots."""
    patch = width // 4
    for row in range(round(_PATCH_MM * dots_per_mm)):
        yield _dots(dot for dot in range(4 * patch) if _is_black(dot, row, dot // patch))


def _is_black(dot: int, row: int, patch: int) -> bool:
    cell = (dot % 2) + 2 * (row % 2)
    return cell in ((0,), (0, 3), (0, 1, 3), (0, 1, 2, 3))[patch]


def _stairs(width: int) -> Iterator[int]:
    """A slanting line in which each dot of the head prints: one that is dead leaves a gap."""
    for step in range(0, width, _STAIR_DOTS):
        row = _dots(range(step, min(width, step + _STAIR_DOTS)))
        yield from (row for _ in range(_STAIR_ROWS))


def _blank(dots_per_mm: float, height_mm: float) -> Iterator[int]:
    yield from (0 for _ in range(round(height_mm * dots_per_mm)))


def _dots(places: Any) -> int:
    """A row as a number: bit n is the n-th dot from the left."""
    row = 0
    for place in places:
        row |= 1 << place
    return row


def _image(width: int, rows: Sequence[int]) -> PaperImage:
    row_bytes = (width + 7) // 8
    kept = (1 << width) - 1
    bits = b"".join(_mirrored(row & kept, row_bytes) for row in rows)
    return PaperImage(width, len(rows), bits)


def _mirrored(row: int, row_bytes: int) -> bytes:
    digits = format(row, f"0{row_bytes * 8}b")[::-1]
    return int(digits, base=2).to_bytes(row_bytes, "big")


def _pile(images: Sequence[PaperImage]) -> PaperImage:
    """Pictures of one width, one above the other."""
    height = sum(image.height for image in images)
    return PaperImage(images[0].width, height, b"".join(image.bits for image in images))
