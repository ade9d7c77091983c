"""What was promised to visitors, and whether the centre can show it: the judge of every simulated season."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from tests.prove.simulation.centres import Row

GENESIS = bytes(32)


class Violation(AssertionError):  # noqa: N818 - a finding, told with its seed
    """A promise was broken."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One visitor's report: `token` is a word that only it contains, `photos` a digest of its photos."""

    kiosk: int
    token: str
    photos: str


@dataclass(frozen=True, slots=True)
class Promise:
    """A case that a visitor was told is received."""

    visit: Visit
    case_id: UUID
    sequence: int
    at_s: float


@dataclass(frozen=True, slots=True)
class Stored:
    """A case as the centre has it: opened, with the link of its chain."""

    kiosk: int
    case_id: UUID
    sequence: int
    previous: bytes
    sha256: bytes
    token: str
    photos: str

    @classmethod
    def of(cls, row: Row) -> Self:
        """What there is to judge of a case that was opened."""
        return cls(
            row.kiosk,
            row.case_id,
            row.sequence,
            row.previous,
            row.sha256,
            str(row.document["token"]),
            photos_digest(row.attachments),
        )


def photos_digest(photos: Sequence[bytes]) -> str:
    """One digest over the photos of a report in their order."""
    return hashlib.sha256(b"".join(hashlib.sha256(photo).digest() for photo in photos)).hexdigest()[:16]


class Ledger:
    """All promises of a season."""

    def __init__(self) -> None:
        self.promises: dict[UUID, Promise] = {}
        self.unsure: dict[UUID, Visit] = {}
        """Visits that were killed while being kept: their case may have been committed or not."""
        self.turned_away = 0

    def promised(self, promise: Promise) -> None:
        """A visitor saw "received"."""
        self.unsure.pop(promise.case_id, None)
        self.promises[promise.case_id] = promise

    def audit(self, stored: Iterable[Stored], first_sequence: int = 1) -> None:
        """Compare with what the centre has at the end. Raises `Violation`."""
        cases = list(stored)
        self._none_doubled(cases)
        self._none_lost(cases)
        self._none_half_or_unasked(cases)
        for kiosk in sorted({case.kiosk for case in cases}):
            _chain_holds([case for case in cases if case.kiosk == kiosk], first_sequence)

    def _none_doubled(self, cases: Sequence[Stored]) -> None:
        tokens: set[str] = set()
        for case in cases:
            if case.token in tokens:
                raise Violation(f"doubled: a report of kiosk {case.kiosk} is at the centre twice")
            tokens.add(case.token)

    def _none_lost(self, cases: Sequence[Stored]) -> None:
        here = {case.token for case in cases}
        for promise in self.promises.values():
            if promise.visit.token not in here:
                where = f"case {promise.sequence} of kiosk {promise.visit.kiosk}"
                raise Violation(f"lost: {where}, promised at {promise.at_s:.0f} s")

    def _none_half_or_unasked(self, cases: Sequence[Stored]) -> None:
        for case in cases:
            promise = self.promises.get(case.case_id)
            visit = promise.visit if promise else self.unsure.get(case.case_id)
            if visit is None:
                raise Violation(f"unasked: case {case.sequence} of kiosk {case.kiosk} is nobody's")
            if (case.kiosk, case.token, case.photos) != (visit.kiosk, visit.token, visit.photos):
                raise Violation(f"half: case {case.sequence} of kiosk {case.kiosk} is not what was given")
            if promise is not None and case.sequence != promise.sequence:
                raise Violation(
                    f"order: case {promise.sequence} of kiosk {case.kiosk} came as {case.sequence}"
                )


def _chain_holds(cases: Sequence[Stored], first_sequence: int) -> None:
    """The cases of one kiosk are one chain without a gap, each naming the one before it."""
    head = GENESIS
    for place, case in enumerate(sorted(cases, key=lambda case: case.sequence), first_sequence):
        if case.sequence != place:
            raise Violation(f"chain: kiosk {case.kiosk} has no case {place}, or has it twice")
        if case.previous != head:
            raise Violation(f"chain: case {place} of kiosk {case.kiosk} does not follow the one before it")
        head = case.sha256
