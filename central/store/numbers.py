"""Official numbers, unique for ever, reserved in blocks so that no two cases wait for each other."""

import threading
from dataclasses import dataclass

import sqlalchemy as sa

from central.store.dialects import insert
from central.store.schema import OFFICIAL_NUMBERS
from central.store.store import Store

BLOCK = 50


@dataclass(slots=True)
class _Block:
    year: int
    next: int
    last: int


class OfficialNumbers:
    """Hands out the numbers of `division`. A crash leaves a gap of at most a block; none is given twice."""

    def __init__(self, store: Store, division: str) -> None:
        self._store = store
        self._division = division
        self._lock = threading.Lock()
        self._block = _Block(0, 1, 0)

    def take(self, year: int) -> str:
        """The next number of a year, like `ADM RN 26000001`."""
        with self._lock:
            if self._block.year != year or self._block.next > self._block.last:
                self._block = self._reserve(year)
            number = self._block.next
            self._block.next += 1
        return f"{self._division} RN {year % 100:02d}{number:06d}"

    def give_back(self) -> None:
        """Return what is left of the block, if nobody has reserved beyond it."""
        with self._lock, self._store.writing() as db:
            block, self._block = self._block, _Block(0, 1, 0)
            mine = (OFFICIAL_NUMBERS.c.year == block.year, OFFICIAL_NUMBERS.c.last == block.last)
            db.execute(sa.update(OFFICIAL_NUMBERS).where(*mine).values(last=block.next - 1))

    def _reserve(self, year: int) -> _Block:
        with self._store.writing() as db:
            fresh = insert(db, OFFICIAL_NUMBERS).values(year=year, last=BLOCK)
            raised = fresh.on_conflict_do_update(
                index_elements=[OFFICIAL_NUMBERS.c.year], set_={"last": OFFICIAL_NUMBERS.c.last + BLOCK}
            )
            last = db.execute(raised.returning(OFFICIAL_NUMBERS.c.last)).scalar_one()
        return _Block(year, last - BLOCK + 1, last)
