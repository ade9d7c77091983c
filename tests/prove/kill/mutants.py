"""Bugs planted in the product, each of which the campaign must notice, in a process of their own."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import apsw

from kiosk.post import outbox as outbox_module
from kiosk.post import outbox_schema, rounds, salvage
from kiosk.post.envelope import Sealed, Slot, envelope_hash
from kiosk.post.outbox import Outbox
from kiosk.post.outbox_schema import transaction
from kiosk.post.outcomes import Action, NoReply, Reply, Verdict, decide
from kiosk.post.receipts import Receipt

Build = Callable[[Slot], Sealed]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A bug, and the activities in which it shows."""

    plant: Callable[[], None]
    activities: tuple[str, ...]


def _received_before_committed() -> None:
    """Commits are put off to the next case, for speed: the visitor is told before."""

    def keep(outbox: Outbox, case_id: UUID, build: Build) -> Slot:
        if outbox._db.in_transaction:
            outbox._db.execute("COMMIT")
        outbox._db.execute("BEGIN IMMEDIATE")
        return outbox._slot_of(case_id) or outbox._insert(case_id, build)

    Outbox.keep = keep  # type: ignore[method-assign]  # planted


def _case_and_parts_apart() -> None:
    """The case is committed first, its parts after it."""

    def keep(outbox: Outbox, case_id: UUID, build: Build) -> Slot:
        later: list[Sealed] = []

        def without_parts(slot: Slot) -> Sealed:
            later.append(build(slot))
            return Sealed(later[0].envelope)

        with transaction(outbox._db):
            slot = outbox._slot_of(case_id) or outbox._insert(case_id, without_parts)
        for part in later[0].parts if later else ():
            outbox._db.execute(
                "INSERT INTO parts VALUES (?, ?, ?)", (slot.sequence, part.sha256, part.sealed)
            )
        return slot

    Outbox.keep = keep  # type: ignore[method-assign]  # planted


def _chain_apart() -> None:
    """The head of the chain is moved on in a transaction of its own."""

    def keep(outbox: Outbox, case_id: UUID, build: Build) -> Slot:
        before = outbox._row("SELECT sequence, head FROM chain")
        with transaction(outbox._db):
            slot = outbox._slot_of(case_id) or outbox._insert(case_id, build)
            after = outbox._row("SELECT sequence, head FROM chain")
            outbox._db.execute("UPDATE chain SET sequence = ?, head = ?", before)
        outbox._db.execute("UPDATE chain SET sequence = ?, head = ?", after)
        return slot

    Outbox.keep = keep  # type: ignore[method-assign]  # planted


def _erased_before_sent() -> None:
    """The case is taken out of the queue, as many queues do, and then sent."""
    send = rounds.Rounds._put

    def put(courier: rounds.Rounds, case: outbox_module.Waiting, envelope: bytes) -> Reply | NoReply:
        courier._outbox.receipted(case.sequence, "ADM RN 26000001")
        return send(courier, case, envelope)

    rounds.Rounds._put = put  # type: ignore[method-assign]  # planted


def _any_yes_is_a_receipt() -> None:
    """A bare 200 counts as delivered."""

    def believe(reply: Reply | NoReply) -> Action:
        if isinstance(reply, Reply) and reply.status == 200:
            return Action(Verdict.ACKNOWLEDGED, receipt=Receipt("ADM RN 26000001"))
        return decide(reply)

    rounds.decide = believe  # type: ignore[attr-defined]  # planted


def _erased_in_two_steps() -> None:
    """Parts are deleted in one transaction, the case is marked in the next."""
    whole = Outbox.receipted

    def receipted(outbox: Outbox, sequence: int, official_number: str) -> None:
        outbox._db.execute("DELETE FROM parts WHERE case_sequence = ?", (sequence,))
        whole(outbox, sequence, official_number)

    Outbox.receipted = receipted  # type: ignore[method-assign]  # planted


def _migration_not_atomic() -> None:
    """Each statement of a step commits by itself."""

    @contextmanager
    def none(_db: apsw.Connection) -> Iterator[None]:
        yield

    outbox_schema.transaction = none  # planted


def _salvage_deletes_first() -> None:
    """The damaged file is deleted as soon as the new one is written."""
    build = salvage._build

    def build_and_delete(path: Path, *rest: object) -> object:
        incomplete = build(path, *rest)  # type: ignore[arg-type]  # passed through
        path.unlink()
        return incomplete

    salvage._build = build_and_delete  # type: ignore[assignment]  # planted


def _salvage_unmarked() -> None:
    """Nothing keeps the damaged file from being opened while it is salvaged."""
    build = salvage._build

    def build_unmarked(path: Path, found: salvage.Survey, chain: tuple[int, bytes], now: int) -> object:
        salvage.damage_mark(path).unlink(missing_ok=True)
        return build(path, found, chain, now)

    salvage._build = build_unmarked  # type: ignore[assignment]  # planted


def _chain_in_memory() -> None:
    """The place in the chain is remembered in memory, and read from there by the next case."""
    known: dict[int, tuple[int, bytes]] = {}

    def insert(outbox: Outbox, case_id: UUID, build: Build) -> Slot:
        sequence, head = known.get(0) or outbox._row("SELECT sequence, head FROM chain")
        slot = Slot(int(sequence) + 1, bytes(head))
        sealed = build(slot)
        name = envelope_hash(sealed.envelope)
        known[0] = (slot.sequence, name)
        outbox._db.execute(
            "INSERT INTO cases (sequence, case_id, previous, hash, kept_at, state, envelope) "
            "VALUES (?, ?, ?, ?, 0, 'queued', ?)",
            (slot.sequence, case_id.bytes, slot.previous, name, sealed.envelope),
        )
        outbox._db.executemany(
            "INSERT INTO parts (case_sequence, sha256, sealed) VALUES (?, ?, ?)",
            [(slot.sequence, part.sha256, part.sealed) for part in sealed.parts],
        )
        return slot

    Outbox._insert = insert  # type: ignore[method-assign]  # planted


MUTANTS: Mapping[str, Mutant] = {
    "received-before-committed": Mutant(_received_before_committed, ("submit",)),
    "case-and-parts-apart": Mutant(_case_and_parts_apart, ("submit",)),
    "chain-apart": Mutant(_chain_apart, ("submit",)),
    "chain-in-memory": Mutant(_chain_in_memory, ("submit",)),
    "erased-before-sent": Mutant(_erased_before_sent, ("upload",)),
    "any-yes-is-a-receipt": Mutant(_any_yes_is_a_receipt, ("upload",)),
    "erased-in-two-steps": Mutant(_erased_in_two_steps, ("upload",)),
    "migration-not-atomic": Mutant(_migration_not_atomic, ("migrate",)),
    "salvage-deletes-first": Mutant(_salvage_deletes_first, ("salvage",)),
    "salvage-unmarked": Mutant(_salvage_unmarked, ("salvage",)),
}
