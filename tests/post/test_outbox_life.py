"""The life of a case: every step from every state does what the table says, and nothing else."""

import uuid
from pathlib import Path
from uuid import UUID

import pytest

from kiosk.post.envelope import Sealed, Slot
from kiosk.post.life import LIFE, WAITING, CaseState, Step, sources
from kiosk.post.outbox import Outbox, StorageError

KEPT = [state for state in CaseState if state is not CaseState.ADMITTED]
ROUTES = {
    CaseState.QUEUED: [],
    CaseState.SENT: [Step.SEND],
    CaseState.QUARANTINED: [Step.SET_APART],
    CaseState.RECEIPTED: [Step.RECEIPT],
    CaseState.ERASED: [Step.RECEIPT, Step.ERASE],
}
STEPS = [step for step in Step if step is not Step.COMMIT]


class Life:
    """One case in an outbox, to which things happen."""

    def __init__(self, path: Path) -> None:
        outbox = Outbox.open(path, 16_000_000, lambda: 1000.0)
        assert isinstance(outbox, Outbox)
        self.outbox = outbox
        self.case_id = uuid.uuid4()
        slot = outbox.keep(self.case_id, lambda _slot: Sealed(b"sealed"))
        assert isinstance(slot, Slot)
        self.sequence = slot.sequence
        self._take = {
            Step.SEND: lambda: outbox.sent(self.sequence),
            Step.REFUSE: lambda: outbox.refused(self.sequence),
            Step.SET_APART: lambda: outbox.quarantine(self.sequence),
            Step.RELEASE: lambda: outbox.release(self.case_id),
            Step.RECEIPT: lambda: outbox.receipted(self.sequence, "ADM RN 26000001"),
            Step.ERASE: outbox.scrub,
        }

    def take(self, step: Step) -> None:
        self._take[step]()

    @property
    def state(self) -> CaseState | None:
        return self.outbox.state(self.case_id)


@pytest.mark.parametrize("state", KEPT)
@pytest.mark.parametrize("step", STEPS)
def test_every_step_from_every_state(tmp_path: Path, state: CaseState, step: Step) -> None:
    life = Life(tmp_path / "outbox.db")
    for before in ROUTES[state]:
        life.take(before)
    assert life.state is state
    if (state, step) in LIFE or step in {Step.RELEASE, Step.ERASE}:  # which choose their cases themselves
        life.take(step)
    else:
        with pytest.raises(StorageError):
            life.take(step)
    assert life.state is LIFE.get((state, step), state)
    waiting = life.outbox.next_waiting()
    assert (waiting is not None) is (life.state in WAITING)
    if waiting is not None:
        assert waiting.state is life.state
        assert life.outbox.envelope(life.sequence) == b"sealed"
    life.outbox.close()


def test_the_table_ends_where_nothing_is_left() -> None:
    assert {state for state, _ in LIFE} == set(CaseState)
    assert {LIFE[state, step] for state in WAITING for step in STEPS if (state, step) in LIFE} == {
        *WAITING,
        CaseState.RECEIPTED,
    }
    assert sources(Step.ERASE) == {CaseState.RECEIPTED}
    assert sources(Step.RECEIPT) >= WAITING, "a receipt ends every wait"


def test_a_released_case_begins_anew(tmp_path: Path) -> None:
    life = Life(tmp_path / "outbox.db")
    life.outbox.sent(1)
    life.outbox.refused(1, "/problems/too-large")
    life.outbox.quarantine(1)
    (quarantined,) = life.outbox.quarantined()
    assert (quarantined.case_id, quarantined.refusals, quarantined.problem) == (
        life.case_id,
        1,
        "/problems/too-large",
    )
    assert not life.outbox.release(uuid.uuid4())
    assert life.outbox.release(life.case_id)
    assert not life.outbox.release(life.case_id)
    assert life.outbox.quarantined() == []
    waiting = life.outbox.next_waiting()
    assert waiting is not None
    assert (waiting.state, waiting.refusals) == (CaseState.QUEUED, 0)
    assert life.outbox.refused(1) == (1, 0)
    life.outbox.close()


def test_the_status_tells_the_states_apart(tmp_path: Path) -> None:
    life = Life(tmp_path / "outbox.db")
    more = [UUID(int=number, version=4) for number in range(4)]
    for case_id in more:
        life.outbox.keep(case_id, lambda _slot: Sealed(b"sealed"))
    life.outbox.sent(1)
    life.outbox.quarantine(2)
    life.outbox.receipted(3, "ADM RN 26000003")
    status = life.outbox.status()
    assert (status.queued, status.sent, status.quarantined, status.unerased) == (3, 1, 1, 1)
    assert life.outbox.scrub()
    assert life.outbox.status().unerased == 0
    life.outbox.close()
