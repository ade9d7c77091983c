"""What a reply of the centre means for a case: the whole judgement of the courier, as one pure table.

The first row that fits decides; `docs/reference/outcomes.md` is made from the same rows. A problem type of
the contract weighs more than the status it came with, because a proxy can make a status but not a type.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from kiosk.post.receipts import Receipt

RETRY_AFTER_MIN_S = 1.0
RETRY_AFTER_MAX_S = 3600.0
CONFLICT_WAIT_S = 30.0

QUARANTINE_REFUSALS = 3
QUARANTINE_AFTER_S = 3600
QUARANTINE_REFUSALS_ANYHOW = 12
REFUSAL_PAUSE_S = 1800.0
QUARANTINE_PAUSE_S = 86400.0
"""A quarantined case is still offered once a day: the fault may have been the centre's."""

PARTS_MISSING = "/problems/parts-missing"
NO_KEY_SET = "/problems/no-key-set"
REVOKED = "/problems/revoked"
REFUSALS = tuple(
    f"/problems/{name}"
    for name in (
        "wrong-kiosk",
        "case-differs",
        "not-an-envelope",
        "does-not-open",
        "part-differs",
        "too-large",
        "too-many-parts",
        "not-a-request",
    )
)
"""Problems of what was sent. They say nothing about anything else."""


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
    described_by: str = ""
    """The last word of a `Link` to a description of the problem, for the log only."""


@dataclass(frozen=True, slots=True)
class Alive:
    """The centre's answer to a heartbeat: its newest key set, and its clock in seconds since 1970."""

    key_set_version: int
    time: float | None = None
    packs_number: int = 0
    """Of the pack bundle that is offered to this kiosk; 0 for none."""


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


@dataclass(frozen=True, slots=True)
class Row:
    """One row: which replies it is for, in words and as a test, and what they mean."""

    words: str
    verdict: Verdict
    fits: Callable[[Reply | NoReply], bool]


def _failed(*failures: Failure) -> Callable[[Reply | NoReply], bool]:
    return lambda reply: isinstance(reply, NoReply) and reply.failure in failures


def _replied(fits: Callable[[Reply], bool]) -> Callable[[Reply | NoReply], bool]:
    return lambda reply: isinstance(reply, Reply) and fits(reply)


def _problem(*types: str) -> Callable[[Reply | NoReply], bool]:
    return _replied(lambda reply: reply.status >= 400 and reply.problem in types)


def _status(*statuses: int) -> Callable[[Reply | NoReply], bool]:
    return _replied(lambda reply: reply.status in statuses)


TABLE = (
    Row("no connection: name, route, port", Verdict.UNKNOWN, _failed(Failure.UNREACHABLE)),
    Row("no whole reply before the deadline of the call", Verdict.UNKNOWN, _failed(Failure.TIMED_OUT)),
    Row("connection reset, reply truncated or not HTTP", Verdict.UNKNOWN, _failed(Failure.BROKEN_OFF)),
    Row(
        "server certificate expired, not yet valid, for another name, or of another authority",
        Verdict.NOT_THE_CENTRE,
        _failed(Failure.UNTRUSTED),
    ),
    Row(
        "client certificate rejected: expired, or of another authority",
        Verdict.NOT_LET_IN,
        _failed(Failure.CERTIFICATE_REJECTED),
    ),
    Row("the kiosk's own keys missing or another kiosk's", Verdict.NOT_LET_IN, _failed(Failure.NO_KEYS)),
    Row(
        "body larger than 64 KiB, or a reply that the contract does not have for this call",
        Verdict.NOT_THE_CENTRE,
        _failed(Failure.NOT_THE_CENTRE),
    ),
    Row(
        "200, 201 with a receipt that was verified for this case and this envelope",
        Verdict.ACKNOWLEDGED,
        _replied(lambda reply: reply.status in {200, 201} and reply.receipt is not None),
    ),
    Row(
        "any other 1xx, 2xx, 3xx: no valid receipt, a redirect, HTML, another content type",
        Verdict.NOT_THE_CENTRE,
        _replied(lambda reply: reply.status < 400),
    ),
    Row(f"problem `{PARTS_MISSING}`, `{NO_KEY_SET}`", Verdict.WAIT_CASE, _problem(PARTS_MISSING, NO_KEY_SET)),
    Row(f"problem `{REVOKED}`", Verdict.NOT_LET_IN, _problem(REVOKED)),
    Row("problem " + ", ".join(f"`{name}`" for name in REFUSALS), Verdict.REFUSED, _problem(*REFUSALS)),
    Row(
        "429, 503 with a `Retry-After` that makes sense",
        Verdict.WAIT_ALL,
        _replied(lambda reply: reply.status in {429, 503} and reply.retry_after_s is not None),
    ),
    Row("429, 503 without one", Verdict.UNKNOWN, _status(429, 503)),
    Row("408, 425", Verdict.UNKNOWN, _status(408, 425)),
    Row("511: a portal says that it is one (RFC 6585)", Verdict.NOT_THE_CENTRE, _status(511)),
    Row("any other 5xx", Verdict.UNKNOWN, _replied(lambda reply: reply.status >= 500)),
    Row("409", Verdict.WAIT_CASE, _status(409)),
    Row("401, 403", Verdict.NOT_LET_IN, _status(401, 403)),
    Row(
        "any other 4xx that the centre explains (`application/problem+json`): 400, 404, 410, 413, 415, 422",
        Verdict.REFUSED,
        _replied(lambda reply: reply.explained),
    ),
    Row(
        "any other 4xx: a proxy's refusal says nothing about the case",
        Verdict.NOT_THE_CENTRE,
        lambda _reply: True,
    ),
)


def decide(reply: Reply | NoReply) -> Action:
    """The action for a reply to `PUT /v1/cases/{id}`, or for one to another call that did not succeed."""
    verdict = next(row.verdict for row in TABLE if row.fits(reply))
    if isinstance(reply, NoReply):
        return Action(verdict)
    if verdict is Verdict.ACKNOWLEDGED:
        return Action(verdict, receipt=reply.receipt)
    return Action(verdict, _wait_s(verdict, reply.retry_after_s))


UPLOAD_PROBLEMS = tuple(
    f"/problems/{name}" for name in ("no-such-upload", "upload-differs", "no-such-recipient", "too-often")
)
"""Problems of the ways for a visitor's phone: they never answer the sending of a case."""

PROBLEMS = (*REFUSALS, PARTS_MISSING, NO_KEY_SET, REVOKED, *UPLOAD_PROBLEMS)
"""Every problem type that the centre answers a kiosk with."""

_NAMES = {name: name.rpartition("/")[2] for name in PROBLEMS}


def silence_s(reply: Reply | NoReply) -> float:
    """Seconds for which the centre asks to be left alone; 0 if it does not ask."""
    action = decide(reply)
    return action.wait_s or 0.0 if action.verdict is Verdict.WAIT_ALL else 0.0


def code(reply: Reply | NoReply) -> str:
    """A short name of what went wrong, for the log and for maintenance; never a word of the other side's."""
    if isinstance(reply, NoReply):
        return reply.failure.value
    return _NAMES.get(reply.problem, f"http-{reply.status}")


def belongs_in_quarantine(refusals: int, since_first_s: int) -> bool:
    """After three refusals over an hour, or twelve: a clock that went back must not delay it for ever."""
    over_an_hour = refusals >= QUARANTINE_REFUSALS and since_first_s >= QUARANTINE_AFTER_S
    return over_an_hour or refusals >= QUARANTINE_REFUSALS_ANYHOW


CONSEQUENCES = {
    Verdict.ACKNOWLEDGED: "Remember the official number, overwrite the ciphertext, empty the WAL.",
    Verdict.UNKNOWN: "Keep. Whether the centre has the case is unknown: the same bytes again, after a probe.",
    Verdict.NOT_THE_CENTRE: "Keep, alarm `not_the_centre`, try again after a probe.",
    Verdict.WAIT_ALL: "Keep; nothing is sent to the centre for as long as it said (1 s to 1 h).",
    Verdict.WAIT_CASE: "Keep; this case waits 30 s or as long as the centre said (1 s to 1 h), others go on.",
    Verdict.NOT_LET_IN: "Stop sending, keep accepting, alarm `not_let_in`, try again after a probe.",
    Verdict.REFUSED: "Keep; counts towards quarantine; others go on.",
}


def as_rows() -> Iterator[tuple[str, str, str]]:
    """The table for people: reply, verdict, what the courier does. Source of `docs/reference/outcomes.md`."""
    for row in TABLE:
        yield row.words, row.verdict.value, CONSEQUENCES[row.verdict]


def _wait_s(verdict: Verdict, retry_after_s: float | None) -> float | None:
    if verdict not in {Verdict.WAIT_ALL, Verdict.WAIT_CASE}:
        return None
    if retry_after_s is None:
        return CONFLICT_WAIT_S
    return min(max(retry_after_s, RETRY_AFTER_MIN_S), RETRY_AFTER_MAX_S)
