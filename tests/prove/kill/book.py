"""The books of the campaign: what was promised, what the centre has, whether an outbox agrees with both."""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from uuid import UUID

from kiosk.post.envelope import GENESIS, envelope_hash
from kiosk.post.outbox import Outbox
from kiosk.post.outcomes import PARTS_MISSING, Alive, Failure, NoReply, Reply
from kiosk.post.receipts import Receipt
from kiosk.post.wreck import Named, named
from tests.prove.kill.victim import Post, opened

REOPEN_S = 2.0
_ROWS = "SELECT sequence, case_id, previous, hash, state, envelope FROM cases ORDER BY sequence"
_PARTS = "SELECT case_sequence, sha256, sealed FROM parts"


class Violation(AssertionError):  # noqa: N818 - what it is
    """A promise was broken."""


def demand(holds: object, broken: str) -> None:
    """Raise `Violation` unless it holds."""
    if not holds:
        raise Violation(broken)


@dataclass(frozen=True, slots=True)
class Content:
    """A waiting case as it is in an outbox."""

    case_id: UUID
    envelope: bytes
    parts: tuple[bytes, ...]


def contents(outbox: Outbox) -> dict[int, Content]:
    """Everything that waits, by sequence."""
    found = {}
    after = 0
    while case := outbox.next_waiting(after):
        after = case.sequence
        parts = tuple(outbox.part(after, name) for name in outbox.part_names(after))
        found[after] = Content(case.case_id, outbox.envelope(after), parts)
    return found


@dataclass(slots=True)
class Centre(Post):
    """A centre that takes everything, remembers it, and now and then does not answer, or not as it should."""

    envelopes: dict[UUID, bytes] = field(default_factory=dict)
    parts: dict[UUID, dict[str, bytes]] = field(default_factory=dict)
    asked: int = 0

    def ask(self, *words: object) -> object:
        """Answer a question of the line, or of rounds that run in this very process."""
        question, *arguments = words
        answer: object = getattr(self, f"_{question}")(*arguments)
        return answer

    def _put_case(self, case_id: UUID, envelope: bytes) -> Reply | NoReply:
        self.asked += 1
        if self.asked % 7 == 0:
            return NoReply(Failure.BROKEN_OFF)  # lost on the way there
        if self.asked % 11 == 0:
            return Reply(200)  # somebody in between says yes, and has nothing to show for it
        said = named(envelope)
        demand(
            said is not None and said.case_id == case_id, "an envelope came under the name of another case"
        )
        kept = self.envelopes.get(case_id, envelope)
        demand(kept == envelope, f"case {case_id} came twice, and not the same")
        if said is not None and set(said.parts) - set(self.parts.get(case_id, {})):
            return Reply(409, explained=True, problem=PARTS_MISSING)
        self.envelopes[case_id] = envelope
        if self.asked % 5 == 0:
            return NoReply(Failure.TIMED_OUT)  # lost on the way back
        return Reply(201, Receipt("ADM RN 26000001"))

    def _put_part(self, case_id: UUID, sha256: str, sealed: bytes) -> NoReply | None:
        self.asked += 1
        if self.asked % 9 == 0:
            return NoReply(Failure.BROKEN_OFF)
        demand(hashlib.sha256(sealed).hexdigest() == sha256, f"a part of {case_id} does not have its name")
        self.parts.setdefault(case_id, {})[sha256] = sealed
        return None

    def _parts_present(self, case_id: UUID) -> frozenset[str]:
        return frozenset(self.parts.get(case_id, {}))

    def _heartbeat(self, _status: object) -> Alive:
        return Alive(1)

    def said(self) -> list[Named]:
        """What the envelopes say, in the order of their sequence."""
        every = [said for said in map(named, self.envelopes.values()) if said is not None]
        return sorted(every, key=lambda said: said.sequence)

    def audit(self) -> None:
        """Gap proof: one chain from the first case to the last, nothing twice."""
        head = GENESIS
        for place, said in enumerate(self.said(), start=1):
            demand(said.sequence == place, f"the centre misses {place}, or has it twice")
            demand(said.previous == head, f"the chain breaks at {place}")
            head = envelope_hash(self.envelopes[said.case_id])


@dataclass(slots=True)
class Book:
    """What visitors were told."""

    received: dict[UUID, int] = field(default_factory=dict)
    """By case, the sequence that was acknowledged."""

    slowest_reopen_s: float = 0.0

    def audit(self, path: Path, centre: Centre) -> None:
        """Open the outbox at `path`, and find everything that was received here or at the centre, whole."""
        began = time.perf_counter()
        outbox = opened(path)
        took_s = time.perf_counter() - began
        self.slowest_reopen_s = max(self.slowest_reopen_s, took_s)
        demand(took_s <= REOPEN_S, f"it took {took_s:.1f} s to open")
        try:
            self._compare(outbox, centre)
        finally:
            outbox.close()

    def _compare(self, outbox: Outbox, centre: Centre) -> None:
        db = outbox._db
        demand(db.pragma("quick_check") == "ok", "the file is damaged")
        rows = db.execute(_ROWS).fetchall()
        parts: dict[int, dict[str, bytes]] = {}
        for sequence, name, data in db.execute(_PARTS):
            parts.setdefault(sequence, {})[name] = data
        _audit_chain(rows, db.execute("SELECT sequence, head FROM chain").fetchall())
        waiting = {}
        for sequence, raw, _previous, name, state, envelope in rows:
            case_id = UUID(bytes=raw)
            if state == "receipted":
                demand(case_id in centre.envelopes, f"case {sequence} was erased, and the centre has it not")
                demand(sequence not in parts, f"parts of {sequence} are left, the case is not")
                continue
            _audit_case(case_id, name, envelope, parts.get(sequence, {}))
            waiting[case_id] = sequence
        for case_id, sequence in self.received.items():
            if case_id not in centre.envelopes:
                demand(waiting.get(case_id) == sequence, f"case {sequence} was received and is lost")


def _audit_chain(rows: Sequence[tuple[object, ...]], chain: Sequence[tuple[object, ...]]) -> None:
    for before, after in pairwise(rows):
        if after[0] == before[0] + 1:  # type: ignore[operator]  # both are the INTEGER primary key
            demand(after[2] == before[3], f"the chain breaks before {after[0]}")
    if rows:
        demand(chain == [(rows[-1][0], rows[-1][3])], "the head of the chain is not its last case")


def _audit_case(case_id: UUID, name: bytes, envelope: bytes, parts: dict[str, bytes]) -> None:
    said = named(envelope)
    demand(envelope_hash(envelope) == name, f"case {case_id} is not what was committed")
    demand(said is not None and said.case_id == case_id, f"case {case_id} holds another")
    demand(said is not None and set(said.parts) == set(parts), f"case {case_id} is there in part")
    for sha256, data in parts.items():
        demand(hashlib.sha256(data).hexdigest() == sha256, f"a part of {case_id} is damaged")
