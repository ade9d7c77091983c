"""What a reply of the centre means for a case: the whole judgement of the courier, as one pure table.

| reply | verdict |
|---|---|
| 2xx with a valid receipt | acknowledged: erase |
| 2xx without one, 1xx, 3xx, HTML, foreign content | not the centre: keep, alarm |
| time-out, reset, truncated, TLS failure, 408, 425, 5xx | unknown: same case again |
| 429, 503 with Retry-After | wait, all cases |
| 409 | wait, this case |
| 401, 403, client certificate rejected | not let in: stop sending, keep accepting, alarm |
| 403 wrong-kiosk and every other 4xx that the centre explains | refused: counts towards quarantine |
| every other 4xx | not the centre: a proxy's refusal says nothing about the case |
"""

from dataclasses import dataclass
from enum import StrEnum

from kiosk.post.receipts import Receipt

RETRY_AFTER_MIN_S = 1.0
RETRY_AFTER_MAX_S = 3600.0
CONFLICT_WAIT_S = 30.0

QUARANTINE_REFUSALS = 3
QUARANTINE_AFTER_S = 3600
REFUSAL_PAUSE_S = 1800.0
QUARANTINE_PAUSE_S = 86400.0
"""A quarantined case is still offered once a day: the fault may have been the centre's."""

PARTS_MISSING = "/problems/parts-missing"
_WRONG_KIOSK = "/problems/wrong-kiosk"


class Failure(StrEnum):
    """Why there is no reply that could be the centre's."""

    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"
    BROKEN_OFF = "broken_off"
    UNTRUSTED = "untrusted"
    """The server's certificate is not the centre's, or not valid now."""
    CERTIFICATE_REJECTED = "certificate_rejected"
    """The server did not accept this kiosk's certificate."""
    NOT_THE_CENTRE = "not_the_centre"
    """Somebody answered, but not in the words of the contract: a portal, a proxy, a redirect."""
    NO_KEYS = "no_keys"
    """This kiosk's own trust material is missing or belongs to another kiosk."""


@dataclass(frozen=True, slots=True)
class NoReply:
    """A call that ended without a reply."""

    failure: Failure


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply in the words of the contract. `problem` is the path of its problem type, "" for none."""

    status: int
    receipt: Receipt | None = None
    explained: bool = False
    problem: str = ""
    retry_after_s: float | None = None


class Verdict(StrEnum):
    """What to do with the case that was sent."""

    ACKNOWLEDGED = "acknowledged"
    UNKNOWN = "unknown"
    NOT_THE_CENTRE = "not_the_centre"
    WAIT_ALL = "wait_all"
    WAIT_CASE = "wait_case"
    NOT_LET_IN = "not_let_in"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Action:
    """A verdict; `wait_s` where the reply itself says how long, `receipt` where there is one."""

    verdict: Verdict
    wait_s: float | None = None
    receipt: Receipt | None = None


_FAILURES = {
    Failure.NOT_THE_CENTRE: Verdict.NOT_THE_CENTRE,
    Failure.CERTIFICATE_REJECTED: Verdict.NOT_LET_IN,
    Failure.NO_KEYS: Verdict.NOT_LET_IN,
}
_ALWAYS_UNKNOWN = frozenset({408, 425})
_OVERLOADED = frozenset({429, 503})


def decide(reply: Reply | NoReply) -> Action:
    """The action for a reply to `PUT /v1/cases/{id}` or to one of the calls before it."""
    if isinstance(reply, NoReply):
        return Action(_FAILURES.get(reply.failure, Verdict.UNKNOWN))
    if reply.receipt is not None and reply.status in {200, 201}:
        return Action(Verdict.ACKNOWLEDGED, receipt=reply.receipt)
    if reply.status < 400:
        return Action(Verdict.NOT_THE_CENTRE)
    return _decide_error(reply)


def _decide_error(reply: Reply) -> Action:
    wait_s = None if reply.retry_after_s is None else _clamped(reply.retry_after_s)
    if reply.status in _OVERLOADED and wait_s is not None:
        return Action(Verdict.WAIT_ALL, wait_s)
    if reply.status >= 500 or reply.status in _ALWAYS_UNKNOWN | _OVERLOADED:
        return Action(Verdict.UNKNOWN)
    if reply.status == 409:
        return Action(Verdict.WAIT_CASE, CONFLICT_WAIT_S if wait_s is None else wait_s)
    if reply.status in {401, 403} and reply.problem != _WRONG_KIOSK:
        return Action(Verdict.NOT_LET_IN)
    return Action(Verdict.REFUSED if reply.explained else Verdict.NOT_THE_CENTRE)


def belongs_in_quarantine(refusals: int, since_first_s: int) -> bool:
    """After three refusals over an hour. A clock that went back since does not delay it for ever."""
    return refusals >= QUARANTINE_REFUSALS and (since_first_s >= QUARANTINE_AFTER_S or since_first_s < 0)


def _clamped(seconds: float) -> float:
    return min(max(seconds, RETRY_AFTER_MIN_S), RETRY_AFTER_MAX_S)
