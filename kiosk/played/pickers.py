"""How a played visitor tells days and times: with the calendar and the clock of the screen."""

from datetime import date, timedelta
from typing import Any

from flows.view import Field, FieldKind
from kiosk.played.scene import Scene


def tell(scene: Scene, field: Field, answer: Any) -> None:
    """Choose a day, a time, or both, as a script says them."""
    with scene.finger.at(field.name):
        if field.kind is FieldKind.WHEN:
            _tell_when(scene, answer)
        elif field.kind is FieldKind.DATE:
            _choose_day(scene, _day(scene, answer), _shown_month(scene, field))
        else:
            _choose_time(scene, str(answer))


def _tell_when(scene: Scene, when: dict[str, Any]) -> None:
    scene.finger.tap(f"when:certainty:{when['certainty']}")
    if when["certainty"] == "unknown":
        return
    _tell_moment(scene, when["days_ago"], when.get("time", ""))
    if when["certainty"] == "between":
        scene.finger.tap("when:part:until")
        _tell_moment(scene, when["until_days_ago"], when.get("until_time", ""))


def _tell_moment(scene: Scene, days_ago: int, clock: str) -> None:
    if days_ago < 2:
        scene.finger.tap("day:yesterday" if days_ago else "day:today")
    else:
        scene.finger.tap("day:earlier")
        _choose_day(scene, scene.part.today - timedelta(days=days_ago), scene.part.today)
    if clock:
        _choose_time(scene, clock)


def _choose_time(scene: Scene, clock: str) -> None:
    hour, minute = clock.split(":")
    scene.finger.tap(f"hour:{hour}")
    if minute != "00":
        scene.finger.tap(f"minute:{minute}")


def _day(scene: Scene, answer: Any) -> date:
    """A day as a script says it: `{ days_ago = 3 }`, `{ days_ahead = 60 }`, or the date itself."""
    if isinstance(answer, dict):
        return scene.part.today + timedelta(days=answer.get("days_ahead", 0) - answer.get("days_ago", 0))
    return date.fromisoformat(str(answer))


def _shown_month(scene: Scene, field: Field) -> date:
    """A day of the month at which the calendar of a field is open."""
    if field.value:
        return date.fromisoformat(str(field.value))
    return max(scene.part.today, date.fromisoformat(field.earliest or date.min.isoformat()))


def _choose_day(scene: Scene, wanted: date, shown: date) -> None:
    if scene.is_there("years:previous"):
        _choose_year(scene, wanted.year)
        scene.finger.tap(f"month:{wanted:%Y-%m}")
        shown = wanted
    months = (wanted.year - shown.year) * 12 + wanted.month - shown.month
    for _ in range(abs(months)):
        scene.finger.tap("month:next" if months > 0 else "month:previous")
    scene.finger.tap(f"day:{wanted.isoformat()}")


def _choose_year(scene: Scene, year: int) -> None:
    """The years are shown by pages; the name of each that is in sight ends with it."""
    while not scene.is_there(f"year:{year}"):
        first = min(int(item.objectName().partition(":")[2]) for item in scene.finger.shown("year:"))
        scene.finger.tap("years:previous" if year < first else "years:next")
    scene.finger.tap(f"year:{year}")
