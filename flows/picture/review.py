"""The rows of the review screen."""

from dataclasses import dataclass
from enum import Enum, auto

from flows.answering.answer_checks import Checker, is_empty
from flows.answering.known_answers import Place, split
from flows.answering.walk import row_of
from flows.conditions import at
from flows.pack import FieldDef, Page, PageKind
from flows.picture.totals import total
from flows.picture.wording import Wording
from flows.privacy import Place as Shown
from flows.privacy import may_appear
from flows.view import FieldKind, ReviewBody, ReviewRow

_MOST_TOLD = 2
"""Answers with which the row of a list tells a member; the rest stands in the member's own rows."""

_SPEAKS_FOR_ITSELF = frozenset({FieldKind.CHOICE, FieldKind.MULTI_CHOICE, FieldKind.YES_NO, FieldKind.LISTED})
_SAYS_LITTLE = frozenset({FieldKind.DATE, FieldKind.TIME, FieldKind.NUMBER, FieldKind.MONEY})
"""Answers that are words of the pack, and answers that could be of anything."""


class _Telling(Enum):
    """How much a line says without its label."""

    ALL = auto()
    ALONE = auto()  # enough while the row has nothing else
    LITTLE = auto()


def target_of(place: Place) -> str:
    """How a row names the page that changes it."""
    return place.page if place.slot is None else f"{place.page}[{place.slot}]"


def parse_target(target: str) -> Place:
    """Read `target_of` back; of anything else comes a place that no pack has."""
    base, slot = split(target)
    return Place(base.removesuffix("[]"), slot)


@dataclass(slots=True)
class _Row:
    target: Place
    lines: list["_Line"]


@dataclass(frozen=True, slots=True)
class _Line:
    label: str
    value: str
    speakable: bool
    telling: _Telling = _Telling.ALL


def review(checker: Checker, wording: Wording) -> ReviewBody:
    """Every answer that holds; pages in sequence with the same row share it, and rows without answers are
    left out.
    """
    rows: dict[tuple[str, int | None], _Row] = {}
    for place in checker.known.places():
        key = row_of(checker.known, place)
        page = checker.known.pack.pages[place.page]
        if key is None or not _is_told(page):
            continue
        row = rows.setdefault(key, _Row(place, []))
        row.lines += _lines(page, place, checker, wording)
    return ReviewBody(tuple(_finish(name, row, wording) for (name, _), row in rows.items() if row.lines))


def _lines(page: Page, place: Place, checker: Checker, wording: Wording) -> list[_Line]:
    match page.kind:
        case PageKind.PHOTOS:
            words = wording.texts.words
            return _count(at(page.photos, place.slot), words.photo, words.photos, wording)
        case PageKind.FILES:
            words = wording.texts.words
            return _count(page.files, words.file, words.files, wording)
        case PageKind.LIST:
            return _members(page, checker, wording)
    return _fields(place, checker, wording)


def _members(page: Page, checker: Checker, wording: Wording) -> list[_Line]:
    """What no row of its own tells of a member, and how many are told there: nothing is read twice.

    Also of an empty list: from here the visitor may still add to it.
    """
    words, slots = wording.texts.words, checker.known.slots(page.list_of)
    others = [slot for slot in slots if not _has_row(page.list_of, slot, checker, wording)]
    lines = [_member(page.list_of, slot, checker, wording) for slot in others]
    if told := len(slots) - len(others):
        lines = [_Line("", words.above.format(count=told), speakable=True), *lines]
    lines = lines or [_Line("", words.none, speakable=True)]
    summed = total(page, checker, wording)
    return [*lines, _Line("", summed, speakable=False)] if summed else lines


def _has_row(group: str, slot: int, checker: Checker, wording: Wording) -> bool:
    """Whether a member stands on the review screen in a row of its own, with its own way to change it."""
    known = checker.known
    pages = ((place, known.pack.pages[place.page]) for place in known.places() if place.slot == slot)
    own = ((place, page) for place, page in pages if page.for_each == group and _is_told(page))
    return any(_lines(page, place, checker, wording) for place, page in own)


def _is_told(page: Page) -> bool:
    return bool(page.row) and page.kind is not PageKind.SCAN


def _member(group: str, slot: int, checker: Checker, wording: Wording) -> _Line:
    """A member by what was said of it first, as far as that may be seen; its name alone where nothing may."""
    known = checker.known
    places = (p for p in known.places() if p.slot == slot and known.pack.pages[p.page].for_each == group)
    said = [line for place in places for line in _telling(place, checker, wording)][:_MOST_TOLD]
    words, label = wording.texts.words, wording.member(group, slot)
    value = words.separator.join(line.value for line in said)
    text = wording.labelled(label, value) if value else label
    return _Line("", text, speakable=all(line.speakable for line in said))


def _telling(place: Place, checker: Checker, wording: Wording) -> list[_Line]:
    """Answers of which something is seen: one that is only said to be given tells no member from another."""
    if checker.known.pack.pages[place.page].kind is not PageKind.QUESTION:
        return []
    given = wording.texts.words.given
    return [line for line in _fields(place, checker, wording, brief=True) if line.value != given]


def _fields(place: Place, checker: Checker, wording: Wording, *, brief: bool = False) -> list[_Line]:
    """The answers of a question page; a brief telling leaves out a currency that its amount bears."""
    lines = []
    for definition in checker.known.asked(checker.known.pack.pages[place.page], place.slot):
        value = checker.check(definition, place.slot).value
        if brief and checker.known.is_said_by_amount(definition, place.slot):
            continue
        if definition.in_review and not is_empty(value):
            label = wording.fill(wording.field(definition.field).label, place.slot)
            shown = wording.show(definition, value, place.slot)
            speakable = may_appear(definition.privacy, Shown.SPEECH)
            lines.append(_Line(label, shown, speakable, _telling_of(definition)))
    return lines


def _telling_of(definition: FieldDef) -> _Telling:
    if definition.kind in _SAYS_LITTLE or not may_appear(definition.privacy, Shown.REVIEW):
        return _Telling.LITTLE
    return _Telling.ALL if definition.kind in _SPEAKS_FOR_ITSELF else _Telling.ALONE


def _count(name: str, one: str, several: str, wording: Wording) -> list[_Line]:
    listed = wording.known.value(name)
    count = len(listed) if isinstance(listed, list) else 0
    text = one if count == 1 else several.format(count=count)
    return [_Line("", text, speakable=True)] if count else []


def _finish(name: str, row: _Row, wording: Wording) -> ReviewRow:
    group = wording.known.pack.pages[row.target.page].for_each
    label = wording.fill(wording.texts.rows[name], row.target.slot, group)
    plain = 0 if _is_labelled(row.lines, label) else 1
    lines = [line.value for line in row.lines[:plain]]
    lines += [
        wording.labelled(line.label, line.value) if line.label else line.value for line in row.lines[plain:]
    ]
    spoken = tuple(text for text, line in zip(lines, row.lines, strict=True) if line.speakable)
    return ReviewRow(label=label, lines=tuple(lines), target=target_of(row.target), spoken=spoken)


def _is_labelled(lines: list[_Line], row: str) -> bool:
    """Whether the first line bears its label: the others always do, and `row` may say enough for it."""
    first, fields = lines[0], [line for line in lines if line.label]
    if first.label == row or first.telling is _Telling.ALL:
        return False
    return first.telling is _Telling.LITTLE or len(fields) > 1
