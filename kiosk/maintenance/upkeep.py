"""Self-tests and inspections: what there is to do, what was found last, and what is overdue."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from config.settings import Settings
from kiosk.findings import Finding, Health, span
from kiosk.maintenance.ledger import Judgement, Kind, Ledger

CHECKLIST = Path(__file__).with_name("checklist.toml")
DAY_S = 86_400.0
_INSPECT = "kiosk maintenance, inspection"


class SelfTest(StrEnum):
    """What a technician tries out and judges."""

    PRINTER = "printer"
    SCANNER = "scanner"
    DOCUMENT_READER = "document_reader"
    CAMERA = "camera"
    PANEL_LAMP = "panel_lamp"
    PANEL_BUZZER = "panel_buzzer"
    PANEL_KEYPAD = "panel_keypad"
    SPEAKER = "speaker"
    HEADPHONES = "headphones"
    TOUCH = "touch"
    DISPLAY = "display"


class Words(BaseModel):
    """One text in every language."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    zh_hant: Annotated[str, Field(alias="zh-Hant", min_length=1)]
    zh_hans: Annotated[str, Field(alias="zh-Hans", min_length=1)]
    en: Annotated[str, Field(min_length=1)]


class Item(BaseModel):
    """One thing that is looked at every so many days."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    every_days: Annotated[int, Field(ge=1, le=3660)]
    words: Words


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    items: dict[Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,39}$")], Item]


@cache
def checklist() -> Mapping[str, Item]:
    """The items of an inspection, in their order."""
    return _File.model_validate(tomllib.loads(CHECKLIST.read_text(encoding="utf-8"))).items


@dataclass(frozen=True, slots=True)
class Due:
    """An item, with what was found last and when it is due; seconds since 1970."""

    item: str
    last: Judgement | None
    due_at: float
    overdue: bool


def due(ledger: Ledger, name: str, now: float) -> Due:
    """When an item is due: so many days after it was looked at last, at once if it was found bad."""
    last = ledger.last(Kind.ITEM, name)
    if last is not None and not last.passed:
        return Due(name, last, last.at, overdue=True)
    begun = ledger.made_at() if last is None else last.at
    due_at = begun + checklist()[name].every_days * DAY_S
    return Due(name, last, due_at, overdue=now > due_at)


def items_as_json(ledger: Ledger, now: float) -> list[dict[str, Any]]:
    """The checklist, for the socket."""
    listed = []
    for name, item in checklist().items():
        found = due(ledger, name, now)
        listed.append(
            {
                "item": name,
                "words": item.words.model_dump(by_alias=True),
                "every_days": item.every_days,
                "due_at": found.due_at,
                "overdue": found.overdue,
                "last": None if found.last is None else asdict(found.last),
            }
        )
    return listed


def tests_as_json(ledger: Ledger) -> list[dict[str, Any]]:
    """The self-tests, for the socket."""
    lasts = ((test, ledger.last(Kind.TEST, test.value)) for test in SelfTest)
    return [{"test": test.value, "last": None if last is None else asdict(last)} for test, last in lasts]


def findings(ledger: Ledger, settings: Settings, now: float) -> Iterator[Finding]:
    """What failed its self-test, what was not tested for long, what is due."""
    yield from _tests(ledger, settings.maintenance.test_every_days, now)
    yield from _inspection(ledger, now)


def _tests(ledger: Ledger, every_days: int, now: float) -> Iterator[Finding]:
    lasts = {test: ledger.last(Kind.TEST, test.value) for test in SelfTest}
    failed = [(test, last) for test, last in lasts.items() if last is not None and not last.passed]
    for test, last in failed:
        remedy = "mend or replace it, then test it again in maintenance"
        yield Finding(f"self-test: {_spoken(test)}", Health.WATCH, f"failed on {_day(last.at)}", remedy)
    long_ago = {test: last for test, last in lasts.items() if last is not None and last.passed}
    old = [test for test, last in long_ago.items() if now - last.at > every_days * DAY_S]
    if now - ledger.made_at() > every_days * DAY_S:
        old += [test for test, last in lasts.items() if last is None]
    if old:
        told = ", ".join(_since(test, lasts[test]) for test in old)
        yield Finding("self-tests", Health.WATCH, f"not tested: {told}", "test them in maintenance")
    elif not failed:
        yield Finding("self-tests", Health.WORKS, f"{len(long_ago)} of {len(SelfTest)} recorded as passed")


def _since(test: SelfTest, last: Judgement | None) -> str:
    return f"{_spoken(test)} {'ever' if last is None else f'since {_day(last.at)}'}"


def _inspection(ledger: Ledger, now: float) -> Iterator[Finding]:
    every = [due(ledger, name, now) for name in checklist()]
    late = sorted((each for each in every if each.overdue), key=lambda each: each.due_at)
    if late:
        names = ", ".join(_spoken(each.item) for each in late)
        cause = f"overdue by {span(max(0.0, now - late[0].due_at))}: {names}"
        yield Finding("inspection", Health.WATCH, cause, f"look at them and record it: {_INSPECT}")
        return
    soonest = min(every, key=lambda each: each.due_at)
    cause = f"next is due on {_day(soonest.due_at)}: {_spoken(soonest.item)}"
    yield Finding("inspection", Health.WORKS, cause)


def _spoken(name: str) -> str:
    return name.replace("_", " ")


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).date().isoformat()
