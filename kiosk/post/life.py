"""The life of a case at the kiosk: every state it can be in, every step between them. Data, no behaviour."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class CaseState(StrEnum):
    """Where a case is."""

    ADMITTED = "admitted"
    """Room for it was promised before the visitor began. It exists in the visitor's screen only."""
    QUEUED = "queued"
    """Committed: it survives a power cut and has not left the kiosk as far as anybody knows."""
    SENT = "sent"
    """An attempt to send ended without an answer: the centre may have some parts of it, or all."""
    QUARANTINED = "quarantined"
    """Set apart because the centre keeps refusing it. It stays, sealed, until the centre takes it."""
    RECEIPTED = "receipted"
    """The centre's signed receipt was verified; its ciphertext is overwritten, but may linger in the WAL."""
    ERASED = "erased"
    """Its ciphertext is in no file of the kiosk."""


class Step(StrEnum):
    """What can happen to a case."""

    COMMIT = "commit"
    SEND = "send"
    REFUSE = "refuse"
    SET_APART = "set_apart"
    RELEASE = "release"
    RECEIPT = "receipt"
    ERASE = "erase"


WAITING = frozenset({CaseState.QUEUED, CaseState.SENT, CaseState.QUARANTINED})
"""States in which the kiosk alone answers for the case: it holds the only ciphertext known to be whole."""

LIFE: Mapping[tuple[CaseState, Step], CaseState] = MappingProxyType(
    {
        (CaseState.ADMITTED, Step.COMMIT): CaseState.QUEUED,
        (CaseState.QUEUED, Step.SEND): CaseState.SENT,
        (CaseState.QUEUED, Step.REFUSE): CaseState.QUEUED,
        (CaseState.QUEUED, Step.SET_APART): CaseState.QUARANTINED,
        (CaseState.QUEUED, Step.RECEIPT): CaseState.RECEIPTED,
        (CaseState.SENT, Step.SEND): CaseState.SENT,
        (CaseState.SENT, Step.REFUSE): CaseState.SENT,
        (CaseState.SENT, Step.SET_APART): CaseState.QUARANTINED,
        (CaseState.SENT, Step.RECEIPT): CaseState.RECEIPTED,
        (CaseState.QUARANTINED, Step.SEND): CaseState.QUARANTINED,
        (CaseState.QUARANTINED, Step.REFUSE): CaseState.QUARANTINED,
        (CaseState.QUARANTINED, Step.SET_APART): CaseState.QUARANTINED,
        (CaseState.QUARANTINED, Step.RELEASE): CaseState.QUEUED,
        (CaseState.QUARANTINED, Step.RECEIPT): CaseState.RECEIPTED,
        # The centre gives the same receipt for ever: a second one says nothing new.
        (CaseState.RECEIPTED, Step.RECEIPT): CaseState.RECEIPTED,
        (CaseState.RECEIPTED, Step.ERASE): CaseState.ERASED,
        (CaseState.ERASED, Step.RECEIPT): CaseState.ERASED,
    }
)
"""What each step makes of each state. What is not here cannot happen."""


def sources(step: Step) -> frozenset[CaseState]:
    """The states in which `step` can happen."""
    return frozenset(state for state, allowed in LIFE if allowed is step)
