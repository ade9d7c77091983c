"""The screen's side: the newest keys without a restart, alarms instead of refusals, chains of a kiosk."""

import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from config.settings import Paths, Settings
from kiosk.post.envelope import Slot
from kiosk.post.keys import KeyProblem
from kiosk.post.keyset import install_key_set
from kiosk.post.office import Office
from kiosk.post.outbox import Outbox

YEARS = 365 * 86_400.0


class Kiosk:
    """A kiosk's office, and what lies in its outbox."""

    def __init__(self, base: Path, now: Callable[[], float]) -> None:
        self.keys = base / "keys"
        paths = Paths(state=base / "state", runtime=base / "run", keys=self.keys)
        self.settings = Settings(kiosk_number=7, paths=paths)
        self.office = Office.open(self.settings, now)

    def keep(self) -> tuple[Slot, dict[str, Any]]:
        """Keep a case; its place, and the envelope that lies in the outbox."""
        case_id = uuid.uuid4()
        slot = self.office.keep(case_id, lambda _slot: b'{"reference":"000712345678"}')
        assert isinstance(slot, Slot)
        return slot, self.envelope(case_id)

    def envelope(self, case_id: UUID) -> dict[str, Any]:
        outbox = Outbox.open(self.settings.paths.outbox, 64_000_000)
        assert isinstance(outbox, Outbox)
        waiting = outbox.find_waiting(case_id)
        assert waiting is not None
        body: dict[str, Any] = json.loads(outbox.envelope(waiting.sequence))
        outbox.close()
        return body


@pytest.fixture
def clock(now: float) -> list[float]:
    """A wall clock to be set."""
    return [now]


@pytest.fixture
def kiosk(tmp_path: Path, paper_centre: Any, clock: list[float]) -> Iterator[Kiosk]:
    paper_centre.enrol(tmp_path / "keys")
    kiosk = Kiosk(tmp_path, lambda: clock[0])
    yield kiosk
    kiosk.office.close()


def kids(envelope: dict[str, Any]) -> list[str]:
    return [key["kid"] for key in envelope["keys"]]


def test_a_case_is_sealed_to_primary_and_escrow(kiosk: Kiosk, paper_centre: Any) -> None:
    slot, envelope = kiosk.keep()
    assert slot.sequence == 1
    assert envelope["v"] == 2
    assert kids(envelope) == [pair.kid for pair in paper_centre.pairs]


def test_the_next_case_is_sealed_to_the_newest_keys(kiosk: Kiosk, paper_centre: Any, new_pair: Any) -> None:
    kiosk.keep()
    rotated = new_pair(paper_centre.pairs[1].suite)
    install_key_set(kiosk.keys, paper_centre.key_set(2, [rotated]))
    assert kids(kiosk.keep()[1]) == [rotated.kid]


@pytest.mark.parametrize("years", [-20, 20])
def test_a_clock_far_off_raises_an_alarm_and_refuses_nobody(
    kiosk: Kiosk, paper_centre: Any, clock: list[float], years: int, said: list[str]
) -> None:
    clock[0] += years * YEARS
    assert kids(kiosk.keep()[1]) == [pair.kid for pair in paper_centre.pairs]
    assert said == ["sealing_key_lapsed"]


def test_valid_keys_raise_no_alarm(kiosk: Kiosk, said: list[str]) -> None:
    kiosk.keep()
    assert said == []


def test_a_kiosk_with_a_new_disk_begins_where_it_was_told(
    tmp_path: Path, paper_centre: Any, now: float
) -> None:
    paper_centre.enrol(tmp_path / "keys")
    (tmp_path / "keys" / "enrolment.json").write_text('{"kiosk": 7, "first_sequence": 412}')
    kiosk = Kiosk(tmp_path, lambda: now)
    assert [kiosk.keep()[0].sequence for _ in range(2)] == [412, 413]
    kiosk.office.close()


@pytest.mark.parametrize("file", ["keyset.jws", "roots.json", "enrolment.json"])
def test_an_office_does_not_open_on_damaged_keys(kiosk: Kiosk, file: str) -> None:
    (kiosk.keys / file).write_text("CANARY")
    with pytest.raises(KeyProblem, match=file):
        Office.open(kiosk.settings)
