"""Many cases at once: each stored once, no number twice, and an odd one never holds up the others."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from central.centre import Centre, now
from central.gateway.service import Service
from central.keys.keyring import Keyring
from central.store import cases, numbers
from central.store.cases import Case
from central.store.numbers import OfficialNumbers
from central.store.schema import CASES
from central.store.store import Store

CASES_AT_ONCE = 60


def together(service: Service, messages: list[Any]) -> list[Any]:
    """Offer all of them before the first transaction begins."""
    intake, held = service._intake, 0
    while intake._writers.acquire(blocking=False):
        held += 1
    with ThreadPoolExecutor(len(messages)) as threads:
        offered = [threads.submit(service.receive_case, 7, each.case_id, each.body) for each in messages]
        end = time.monotonic() + 20
        while len(intake._queue) < len(messages) and time.monotonic() < end:
            time.sleep(0.001)
        intake._writers.release(held)
        return [each.result(timeout=20) for each in offered]


def test_cases_that_come_together_share_a_transaction(
    service: Service, store: Store, sealing: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    add = cases.add

    def counted(db: sa.Connection, new: Any) -> Any:
        sizes.append(len(new))
        return add(db, new)

    monkeypatch.setattr(cases, "add", counted)
    messages = [sealing.seal(sequence=n) for n in range(1, CASES_AT_ONCE + 1)]
    answers = together(service, messages)
    assert all(answer.created for answer in answers)
    assert len({answer.receipt for answer in answers}) == CASES_AT_ONCE
    assert sizes == [CASES_AT_ONCE]
    with store.reading() as db:
        assert sorted(case.sequence for case in cases.listed(db)) == list(range(1, CASES_AT_ONCE + 1))


def test_an_odd_case_among_others_comes_alone_and_they_come_whole(
    store: Store, keyring: Keyring, sealing: Any
) -> None:
    def brings(db: sa.Connection, case: Case, document: Any) -> None:
        if document["text"] == "odd":
            raise KeyError("odd")
        db.execute(sa.update(CASES).where(CASES.c.case_id == case.case_id).values(handled_by="brought"))

    service = Service(store, keyring, OfficialNumbers(store, "ADM"), now, [brings])
    documents = [b'{"text":"odd"}' if n == 4 else b'{"text":"bag"}' for n in range(9)]
    messages = [sealing.seal(document, sequence=n) for n, document in enumerate(documents, start=1)]
    assert all(answer.created for answer in together(service, messages))
    with store.reading() as db:
        brought = [case.handled_by or "alone" for case in cases.listed(db)]
    assert sorted(brought) == ["alone", *["brought"] * 8]


def at_once(work: Callable[[Any], Any], items: list[Any]) -> list[Any]:
    with ThreadPoolExecutor(len(items)) as threads:
        return list(threads.map(work, items))


def test_when_the_database_goes_away_everyone_who_waits_is_told(
    service: Service, sealing: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise OperationalError("statement", {}, Exception("away"))

    def refused(message: Any) -> bool:
        with pytest.raises(OperationalError):
            service.receive_case(7, message.case_id, message.body)
        return True

    messages = [sealing.seal(sequence=n) for n in range(1, 9)]
    with monkeypatch.context() as patched:
        patched.setattr(cases, "add", away)
        assert all(at_once(refused, messages))
    assert all(at_once(lambda each: service.receive_case(7, each.case_id, each.body).created, messages))


def test_two_servers_never_give_a_number_twice(centre: Centre, store: Store) -> None:
    here, there = OfficialNumbers(store, "ADM"), OfficialNumbers(other := centre.store(), "ADM")
    with ThreadPoolExecutor(8) as threads:
        given = list(threads.map(lambda n: (here, there)[n % 2].take(2026), range(6 * numbers.BLOCK)))
    other.close()
    assert len(set(given)) == len(given)
    assert all(number.startswith("ADM RN 26") for number in given)


def test_an_orderly_end_leaves_no_gap_and_a_crash_at_most_a_block(store: Store) -> None:
    first = OfficialNumbers(store, "ADM")
    assert [first.take(2026) for _ in range(3)][-1] == "ADM RN 26000003"
    first.give_back()
    second = OfficialNumbers(store, "ADM")
    assert second.take(2026) == "ADM RN 26000004"
    assert second.take(2027) == "ADM RN 27000001"
    third = OfficialNumbers(store, "ADM")
    assert int(third.take(2027)[-6:]) == numbers.BLOCK + 1
    second.give_back()  # somebody has reserved beyond it: nothing is given back
    assert int(third.take(2027)[-6:]) == numbers.BLOCK + 2
    assert int(OfficialNumbers(store, "ADM").take(2027)[-6:]) == 2 * numbers.BLOCK + 1
