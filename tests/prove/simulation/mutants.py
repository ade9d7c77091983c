"""Planted bugs: each breaks a promise, and a season must say so. They are part of the proof."""

import base64
import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from uuid import UUID

import pytest

from kiosk.post import backoff, central, outcomes, rounds
from kiosk.post.backoff import Breaker, Passage
from kiosk.post.outbox import Outbox, Waiting
from kiosk.post.receipts import Receipt, verify
from kiosk.post.rounds import Rounds
from tests.prove.simulation.centres import Answer, ModelCentre
from tests.prove.simulation.season import Twists

Plant = Callable[[pytest.MonkeyPatch], Twists]


class _ForgetfulCentre(ModelCentre):
    """Ignores the idempotency key: what comes again is taken again."""

    def put_case(self, kiosk: int, case_id: UUID, body: bytes) -> Answer:
        known = self._cases.get(case_id)
        if known is not None:
            again = uuid.uuid4()
            self._parts[kiosk, again] = self._parts.get((kiosk, case_id), {})
            self._cases[again] = known
            return Answer(200, token=known[2])
        return super().put_case(kiosk, case_id, body)


def server_ignores_the_key(_patch: pytest.MonkeyPatch) -> Twists:
    """The centre stores a case that comes twice as two cases."""
    return Twists(centre=_ForgetfulCentre)


def erased_on_a_bare_2xx(patch: pytest.MonkeyPatch) -> Twists:
    """Any 2xx lets a case go."""
    patch.setattr(central, "verify", lambda *known: verify(*known) or Receipt("none"))
    return Twists()


def receipt_not_checked_against_the_hash(patch: pytest.MonkeyPatch) -> Twists:
    """A receipt for other bytes of the same case lets it go."""

    def careless(token: object, keys: Any, case_id: UUID, sha256: str) -> Receipt | None:
        return verify(token, keys, case_id, _claims(token).get("envelope", sha256))

    patch.setattr(central, "verify", careless)
    return Twists()


def receipt_not_checked_against_the_case(patch: pytest.MonkeyPatch) -> Twists:
    """The receipt of an earlier case lets a later one go."""

    def careless(token: object, keys: Any, case_id: UUID, sha256: str) -> Receipt | None:
        claims = _claims(token)
        named = UUID(claims["case"]) if "case" in claims else case_id
        return verify(token, keys, named, claims.get("envelope", sha256))

    patch.setattr(central, "verify", careless)
    return Twists()


def retry_makes_a_new_id(_patch: pytest.MonkeyPatch) -> Twists:
    """A screen that does not know whether its case was kept submits it as another."""
    return Twists(retried=lambda _case_id, _visit, chance: UUID(int=chance.getrandbits(128), version=4))


def refused_case_blocks_the_queue(patch: pytest.MonkeyPatch) -> Twists:
    """The oldest case goes first or nobody does."""
    due = Rounds._due

    def strictly_in_order(self: Rounds) -> Iterator[Waiting]:
        oldest = self._outbox.next_waiting()
        if oldest is None or self._timetable.due(oldest.sequence):
            yield from due(self)

    patch.setattr(Rounds, "_due", strictly_in_order)
    return Twists()


def oldest_dropped_at_the_quota(patch: pytest.MonkeyPatch) -> Twists:
    """A full outbox makes room by forgetting its oldest case."""
    has_room = Outbox.has_room

    def ruthless(self: Outbox, size: int) -> bool:
        while not has_room(self, size) and (oldest := self.next_waiting()):
            self.receipted(oldest.sequence, "dropped")
        return True

    patch.setattr(Outbox, "has_room", ruthless)
    return Twists()


def sequence_not_committed_with_the_case(_patch: pytest.MonkeyPatch) -> Twists:
    """The chain is written now and then only: a reboot takes its last step back."""

    def step_back(outbox: Outbox) -> None:
        outbox._db.execute("UPDATE chain SET sequence = sequence - 1 WHERE sequence > 0")

    return Twists(on_reboot=step_back)


def retry_after_ignored(patch: pytest.MonkeyPatch) -> Twists:
    """A centre that asks for time is asked again at once."""
    patch.setattr(outcomes, "RETRY_AFTER_MAX_S", 1.0)
    return Twists()


def retry_after_ignored_beside_cases(patch: pytest.MonkeyPatch) -> Twists:
    """A centre that asks for time at the fetching of a key set gets cases all the same."""
    patch.setattr(Rounds, "leave_alone", lambda _self, _wait_s: None)
    return Twists()


def no_backoff(patch: pytest.MonkeyPatch) -> Twists:
    """Whatever failed is tried again at once."""
    patch.setattr(backoff, "full_jitter", lambda _attempt, _uniform: 0.0)
    return Twists()


def breaker_never_closes_again(patch: pytest.MonkeyPatch) -> Twists:
    """After five failures in a row nothing passes for ever."""
    passage = Breaker.passage

    def stubborn(self: Breaker) -> Passage:
        return Passage.BARRED if self._failures >= 5 else passage(self)

    patch.setattr(Breaker, "passage", stubborn)
    patch.setattr(Breaker, "wait_s", lambda _self: 60.0)
    return Twists()


def quarantine_is_the_end(patch: pytest.MonkeyPatch) -> Twists:
    """A case that was set apart is never offered again, though the centre would take it now."""
    patch.setattr(rounds, "QUARANTINE_PAUSE_S", 1e12)
    waiting = Outbox.next_waiting

    def only_queued(self: Outbox, after: int = 0) -> Waiting | None:
        case = waiting(self, after)
        while case is not None and case.quarantined:
            case = waiting(self, case.sequence)
        return case

    patch.setattr(Outbox, "next_waiting", only_queued)
    return Twists()


def _claims(token: object) -> Mapping[str, Any]:
    parts = str(token).split(".")
    if len(parts) != 3:
        return {}
    claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=="))
    assert isinstance(claims, dict)
    return claims


MUTANTS: tuple[Plant, ...] = (
    server_ignores_the_key,
    erased_on_a_bare_2xx,
    receipt_not_checked_against_the_hash,
    receipt_not_checked_against_the_case,
    retry_makes_a_new_id,
    refused_case_blocks_the_queue,
    oldest_dropped_at_the_quota,
    sequence_not_committed_with_the_case,
    retry_after_ignored,
    retry_after_ignored_beside_cases,
    no_backoff,
    breaker_never_closes_again,
    quarantine_is_the_end,
)
