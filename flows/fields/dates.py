"""Dates and times: ISO 8601 text in, the same out, nothing that cannot have been."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from flows.messages import Problem
from flows.view import Message

EARLIEST = date(1900, 1, 1)

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}")


class Certainty(StrEnum):
    """How well a visitor remembers."""

    EXACT = "exact"
    BETWEEN = "between"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Span:
    """Dates that a field takes; both ends belong to it."""

    earliest: date
    latest: date


def check_date(text: str, span: Span, *, today: date) -> date | Message:
    """The date, or what is wrong with it."""
    day = _date(text)
    if day is None:
        return Message(Problem.DATE_INVALID)
    if day > span.latest:
        future = span.latest == today
        return (
            Message(Problem.DATE_FUTURE) if future else _outside(Problem.DATE_TOO_LATE, "latest", span.latest)
        )
    if day < span.earliest:
        return _outside(Problem.DATE_TOO_EARLY, "earliest", span.earliest)
    return day


def years_before(day: date, years: int) -> date:
    """The same day so many years ago; the 28th where that February had no 29th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def is_time(text: str) -> bool:
    """Whether `text` is a time of day, `HH:MM`."""
    return _time(text) is not None


def check_when(value: Mapping[str, str], span: Span, *, now: datetime) -> dict[str, str] | Message:
    """A moment in the past, or what is wrong with it.

    `value` has `certainty` and, as it needs, `date`, `time`, `until_date`, `until_time`; a time may be empty.
    The answer has only the keys that its certainty needs. A missing `until_date` is the same day.
    """
    match value.get("certainty"):
        case Certainty.UNKNOWN:
            return {"certainty": Certainty.UNKNOWN.value}
        case Certainty.EXACT:
            moment = _moment(value.get("date", ""), value.get("time", ""), span, now)
            return moment if isinstance(moment, Message) else {"certainty": Certainty.EXACT.value} | moment
        case Certainty.BETWEEN:
            return _between(value, span, now)
        case _:
            return Message(Problem.DATE_INVALID)


def _between(value: Mapping[str, str], span: Span, now: datetime) -> dict[str, str] | Message:
    start = _moment(value.get("date", ""), value.get("time", ""), span, now)
    if isinstance(start, Message):
        return start
    end = _moment(value.get("until_date") or start["date"], value.get("until_time", ""), span, now)
    if isinstance(end, Message):
        return end
    if (end["date"], end["time"] or "24:00") < (start["date"], start["time"]):
        return Message(Problem.WHEN_ORDER)
    return {
        "certainty": Certainty.BETWEEN.value,
        **start,
        "until_date": end["date"],
        "until_time": end["time"],
    }


def _moment(day_text: str, time_text: str, span: Span, now: datetime) -> dict[str, str] | Message:
    if not day_text:
        return Message(Problem.REQUIRED)
    day = check_date(day_text, span, today=now.date())
    if isinstance(day, Message):
        return day
    if time_text:
        clock = _time(time_text)
        if clock is None:
            return Message(Problem.TIME_INVALID)
        if day == now.date() and clock > now.time():
            return Message(Problem.TIME_FUTURE)
    return {"date": day.isoformat(), "time": time_text}


def _outside(problem: Problem, name: str, limit: date) -> Message:
    return Message(problem, {name: limit.isoformat()})


def _date(text: str) -> date | None:
    """Only `YYYY-MM-DD`: `date.fromisoformat` alone would also take week dates."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _time(text: str) -> time | None:
    if not _TIME.fullmatch(text):
        return None
    try:
        return time.fromisoformat(text)
    except ValueError:
        return None
