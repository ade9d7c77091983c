"""The network between one kiosk and the centre, in the place of `kiosk.post.wire.Wire`.

A call is one step of virtual time. What it meets is decided by the sky over the kiosk's region and its luck.
"""

import email.utils
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from uuid import UUID

from kiosk.post.central import Central, _Line
from kiosk.post.keyset import KeySet
from kiosk.post.outcomes import Failure, NoReply
from kiosk.post.wire import JSON, MAX_REPLY, PROBLEM, Response
from tests.prove.simulation.centres import Answer, Centre, claims, hash_of
from tests.prove.simulation.ceremony import Ceremony
from tests.prove.simulation.weather import Luck, Mishap, Sky

_PAGE = b"<html><body>Welcome! Please accept our terms.</body></html>"
_DEADLINE_S = 30.0


@dataclass(frozen=True, slots=True)
class Call:
    """A request."""

    method: str
    path: str
    body: bytes

    @property
    def what(self) -> str:
        """Its kind, for the trace."""
        words = self.path.split("/")
        return f"{self.method} {'part' if 'parts' in words else words[2]}"

    @property
    def case(self) -> UUID:
        """The case it is about."""
        return UUID(self.path.split("/")[3])


class Caller(Protocol):
    """The kiosk whose line it is."""

    number: int
    centre: Centre

    def now(self) -> float:
        """Virtual time."""

    def pass_time(self, seconds: float) -> None:
        """Time passes within a call; anything may happen meanwhile, even the end of this process."""

    def sky(self) -> Sky:
        """The weather over it."""

    def is_calm(self) -> bool:
        """Whether single calls are spared."""

    def let_in(self) -> bool:
        """Whether its client certificate is valid."""

    def later(self, delay_s: float, what: Callable[[], None]) -> None:
        """Something happens after a while, whatever becomes of the caller."""

    def heard(self, call: Call, outcome: str, wait_s: float | None) -> None:
        """A call ended: for the trace and the checks of pace."""

    def is_cursed(self, case_id: UUID) -> bool:
        """Whether the centre refuses this case whenever it comes."""

    def certificate(self) -> str | None:
        """Its next client certificate, if the centre issues it one."""


class QuietCaller:
    """A caller to whom the line does nothing but come and go."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.at_s = 0.0
        """Virtual time."""
        self.away = True
        """Whether there is no line at all."""
        self.cursed: set[UUID] = set()
        """Cases that the centre refuses."""

    def now(self) -> float:
        """See `Caller`."""
        return self.at_s

    def pass_time(self, seconds: float) -> None:
        """See `Caller`."""
        self.at_s += seconds

    def sky(self) -> Sky:
        """See `Caller`."""
        return Sky.NO_NETWORK if self.away else Sky.FAIR

    def is_calm(self) -> bool:
        """See `Caller`."""
        return True

    def let_in(self) -> bool:
        """See `Caller`."""
        return True

    def later(self, delay_s: float, what: Callable[[], None]) -> None:
        """See `Caller`: nothing comes late here."""

    def is_cursed(self, case_id: UUID) -> bool:
        """See `Caller`."""
        return case_id in self.cursed

    def certificate(self) -> str | None:
        """See `Caller`: none is due here."""
        return None

    def heard(self, call: Call, outcome: str, wait_s: float | None) -> None:
        """See `Caller`."""


class SimulatedLine:
    """`Wire`, simulated."""

    def __init__(self, caller: Caller, ceremony: Ceremony, luck: Luck, chance: random.Random) -> None:
        self._caller = caller
        self._ceremony = ceremony
        self._luck = luck
        self._chance = chance
        self._last_token = ""

    def close(self) -> None:
        """Nothing is open."""

    def call(
        self,
        method: str,
        path: str,
        body: bytes,
        _headers: Mapping[str, str],
        deadline_s: float,  # noqa: ARG002 - virtual time has its own
        most: int = MAX_REPLY,
    ) -> Response | NoReply:
        """One request and what came back, of at most `most` bytes."""
        call = Call(method, path, body)
        self._caller.pass_time(self._chance.uniform(0.02, 0.4))
        reply = self._meet(call, self._caller.sky())
        if isinstance(reply, Response) and len(reply.body) > most:
            reply = NoReply(Failure.NOT_THE_CENTRE)
        self._caller.heard(call, _name(reply), _wait_s(reply))
        self._caller.pass_time(0.01)
        return reply

    def _meet(self, call: Call, sky: Sky) -> Response | NoReply:
        match sky:
            case Sky.NO_NETWORK:
                return self._lost(Failure.UNREACHABLE)
            case Sky.PORTAL:
                return _page(200)
            case Sky.BROKEN:
                return self._broken(call)
            case Sky.BUSY:
                return self._overload(self._chance.choice((429, 503)))
            case Sky.BAD_RELEASE if call.what == "PUT cases":
                return _problem(422, "/problems/does-not-open")
        if not self._caller.let_in():
            return NoReply(Failure.CERTIFICATE_REJECTED)
        return self._fair(call, Mishap.NONE if self._caller.is_calm() else self._luck.draw())

    def _broken(self, call: Call) -> Response | NoReply:
        """A centre that breaks may do so before or after its commit."""
        if self._chance.random() < 0.3:
            self._deliver(call)
        return _problem(self._chance.choice((500, 502, 504)), "about:blank")

    def _fair(self, call: Call, mishap: Mishap) -> Response | NoReply:
        match mishap:
            case Mishap.LOST_BEFORE:
                return self._lost(Failure.TIMED_OUT)
            case Mishap.LOST_AFTER:
                self._deliver(call)
                return self._lost(self._chance.choice((Failure.TIMED_OUT, Failure.BROKEN_OFF)))
            case Mishap.LATE:
                self._caller.later(self._chance.uniform(1, 1800), lambda: self._arrive_late(call))
                return self._lost(Failure.TIMED_OUT)
            case Mishap.DOUBLED:
                self._deliver(call)
            case Mishap.DOUBLED_LATE:
                self._caller.later(self._chance.uniform(1, 86_400), lambda: self._arrive_late(call))
        return self._odd_answer(call, mishap)

    def _odd_answer(self, call: Call, mishap: Mishap) -> Response:
        match mishap:
            case Mishap.UNAVAILABLE:
                return self._overload(503)
            case Mishap.TOO_MANY:
                return self._overload(429)
            case Mishap.NOT_FOUND_PAGE:
                return _page(404)
        return self._odd_receipt(call, mishap) if call.what == "PUT cases" else self._deliver(call)

    def _odd_receipt(self, call: Call, mishap: Mishap) -> Response:
        match mishap:
            case Mishap.BARE_OK:
                return _json(200, {})
            case Mishap.STRANGE_RECEIPT:
                token = self._ceremony.receipt(claims(call.case, hash_of(b"other bytes"), 1))
                return _json(201, {"receipt": token})
            case Mishap.STALE_RECEIPT if self._last_token:
                return _json(200, {"receipt": self._last_token})
            case Mishap.CONFLICT:
                return _problem(409, "about:blank")
            case Mishap.REFUSED_ONCE:
                return _problem(422, "/problems/not-an-envelope")
        return self._deliver(call)

    def _overload(self, status: int) -> Response:
        """With a wait that makes sense, as seconds or as a date; one that is absurd, or none."""
        now, wait_s = int(self._caller.now()), self._chance.randint(1, 600)
        kind = self._chance.choice(("seconds", "seconds", "date", "999999999", "0", "soon", ""))
        match kind:
            case "seconds":
                return _problem(status, "about:blank", str(wait_s))
            case "date":
                return _problem(status, "about:blank", _date(now + wait_s), _date(now))
        return _problem(status, "about:blank", kind)

    def _lost(self, failure: Failure) -> NoReply:
        self._caller.pass_time(self._chance.uniform(0.1, _DEADLINE_S))
        return NoReply(failure)

    def _arrive_late(self, call: Call) -> None:
        self._deliver(call)

    def _deliver(self, call: Call) -> Response:
        """The centre gets it; what it says."""
        kiosk, centre = self._caller.number, self._caller.centre
        match call.what:
            case "PUT cases" if self._caller.is_cursed(call.case):
                return _problem(422, "/problems/does-not-open")
            case "PUT cases":
                answer = centre.put_case(kiosk, call.case, call.body)
                self._last_token = answer.token or self._last_token
                return _answered(answer, {"receipt": answer.token})
            case "PUT part":
                return _answered(
                    centre.put_part(kiosk, call.case, call.path.rpartition("/")[2], call.body), None
                )
            case "GET part":
                answer = centre.parts(kiosk, call.case)
                return _answered(answer, {"present": sorted(answer.present)})
            case "POST heartbeat":
                centre.beat(kiosk, json.loads(call.body))
                return _json(200, {"alive": True, "key_set_version": self._ceremony.version})
            case "GET keyset":
                return _json(200, {"key_set": self._ceremony.token})
            case "POST certificates":
                certificate = self._caller.certificate()
                return (
                    _json(200, {"certificate": certificate}) if certificate else _problem(403, "about:blank")
                )
        return _page(404)


class SimulatedCentral(Central):
    """The courier's real client on a simulated line."""

    def __init__(self, line: SimulatedLine, key_set: Callable[[], KeySet], wall: Callable[[], float]) -> None:
        super().__init__("https://centre.example", Path(), 0, _DEADLINE_S, wall=wall)
        self._simulated = line
        self._key_set = key_set

    def _opened(self) -> _Line | NoReply:
        self._line = _Line(self._simulated, self._key_set(), 0)
        return self._line


def _answered(answer: Answer, body: object) -> Response:
    if answer.problem:
        return _problem(answer.status, answer.problem)
    return _json(answer.status, body) if body is not None else Response(answer.status, "", "", "", b"")


def _json(status: int, body: object) -> Response:
    return Response(status, JSON, "", "", json.dumps(body).encode())


def _problem(status: int, kind: str, retry_after: str = "", date: str = "") -> Response:
    body = json.dumps({"type": kind, "status": status}).encode()
    return Response(status, PROBLEM, retry_after, "", body, date)


def _page(status: int) -> Response:
    return Response(status, "text/html", "", "", _PAGE)


def _date(at_s: int) -> str:
    """A date of HTTP."""
    return email.utils.formatdate(at_s, usegmt=True)


def _name(reply: Response | NoReply) -> str:
    return reply.failure.value if isinstance(reply, NoReply) else str(reply.status)


def _wait_s(reply: Response | NoReply) -> float | None:
    """The wait a reply asks for, as the contract reads it: seconds, between one and an hour."""
    if isinstance(reply, NoReply) or reply.status not in {429, 503}:
        return None
    if reply.retry_after.isdigit():
        wait_s = float(reply.retry_after)
    elif reply.date:
        until, now = map(email.utils.parsedate_to_datetime, (reply.retry_after, reply.date))
        wait_s = (until - now).total_seconds()
    else:
        return None
    return min(max(wait_s, 1.0), 3600.0)
