"""The rows of the review screen."""

from dataclasses import dataclass

from flows.answer_checks import Checker, is_empty
from flows.conditions import at
from flows.known_answers import Place, split
from flows.pack import Page, PageKind
from flows.view import ReviewBody, ReviewRow
from flows.walk import row_of
from flows.wording import Wording


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
    lines: list[tuple[str, str]]  # label, value


def review(checker: Checker, wording: Wording) -> ReviewBody:
    """Every answer that holds; pages in sequence with the same row share it, and rows without answers are
    left out.
    """
    rows: dict[tuple[str, int | None], _Row] = {}
    for place in checker.known.places():
        key = row_of(checker.known, place)
        page = checker.known.pack.pages[place.page]
        if key is None or page.kind is PageKind.SCAN:
            continue
        row = rows.setdefault(key, _Row(place, []))
        row.lines += (
            _photos(page, place, wording)
            if page.kind is PageKind.PHOTOS
            else _fields(place, checker, wording)
        )
    return ReviewBody(tuple(_finish(name, row, wording) for (name, _), row in rows.items() if row.lines))


def _fields(place: Place, checker: Checker, wording: Wording) -> list[tuple[str, str]]:
    lines = []
    for definition in checker.known.asked(checker.known.pack.pages[place.page], place.slot):
        value = checker.check(definition, place.slot).value
        if definition.in_review and not is_empty(value):
            label = wording.fill(wording.field(definition.field).label, place.slot)
            lines.append((label, wording.show(definition, value, place.slot)))
    return lines


def _photos(page: Page, place: Place, wording: Wording) -> list[tuple[str, str]]:
    photos = wording.known.value(at(page.photos, place.slot))
    count = len(photos) if isinstance(photos, list) else 0
    words = wording.texts.words
    text = words.photo if count == 1 else words.photos.format(count=count)
    return [("", text)] if count else []


def _finish(name: str, row: _Row, wording: Wording) -> ReviewRow:
    (_, first), *others = row.lines
    labelled = wording.texts.words.labelled
    lines = (
        first,
        *(labelled.format(label=label, value=value) if label else value for label, value in others),
    )
    group = wording.known.pack.pages[row.target.page].for_each
    label = wording.fill(wording.texts.rows[name], row.target.slot, group)
    return ReviewRow(label=label, lines=lines, target=target_of(row.target))
