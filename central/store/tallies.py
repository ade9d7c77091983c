"""How often each option of the survey was chosen, per kiosk and day."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from central.store.schema import TALLIES


@dataclass(frozen=True, slots=True)
class Tally:
    """One option of one question after one service."""

    service: str
    question: str
    option: str
    count: int


def replace(db: sa.Connection, kiosk: int, day: dt.date, tallies: Sequence[Tally]) -> None:
    """What a kiosk counted on a day, instead of what it had said before."""
    db.execute(sa.delete(TALLIES).where(TALLIES.c.kiosk == kiosk, TALLIES.c.day == day))
    if tallies:
        rows = [
            {
                "kiosk": kiosk,
                "day": day,
                **{name: getattr(tally, name) for name in Tally.__slots__},
            }
            for tally in tallies
        ]
        db.execute(sa.insert(TALLIES), rows)


def between(db: sa.Connection, first: dt.date, last: dt.date) -> list[tuple[int, dt.date, Tally]]:
    """Kiosk, day and tally, of all days from `first` to `last`."""
    words = (TALLIES.c.service, TALLIES.c.question, TALLIES.c.option, TALLIES.c["count"])
    query = sa.select(TALLIES.c.kiosk, TALLIES.c.day, *words).where(TALLIES.c.day.between(first, last))
    return [(kiosk, day, Tally(*tally)) for kiosk, day, *tally in db.execute(query)]
