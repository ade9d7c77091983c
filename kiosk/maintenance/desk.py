"""The maintenance socket (docs/reference/maintenance.md): a connection is a session, a line is a request."""

import asyncio
import json
import os
import socket
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from config.event_names import Event
from config.events import Level
from config.log import log
from config.peers import may_talk
from kiosk.maintenance.access import Entered
from kiosk.maintenance.events import MOST
from kiosk.maintenance.office import Answer, Office, as_answer

IDLE_S = 60.0
LONGEST_LINE = 8192
LONGEST_PIN = 64
MAX_CALLERS = 8

UNKNOWN: Answer = {"event": "failed", "reason": "unknown"}
NOT_ENTERED: Answer = {"event": "denied", "reason": "not_entered", "wait_s": 0}

Errand = Callable[[], Answer | None]
"""Takes its time, on a thread; None if the request names something unknown."""
Understand = Callable[[Mapping[str, Any]], Errand]
"""Raises ValueError, KeyError or TypeError for a request that is not in the words of the page."""


class Desk:
    """Serves callers in the event loop it was opened in."""

    def __init__(self, office: Office, idle_s: float = IDLE_S) -> None:
        self._office = office
        self._idle_s = idle_s
        self._callers: set[asyncio.StreamWriter] = set()
        self._group = os.getgid()

    async def open(self, path: Path, inherited: socket.socket | None = None) -> asyncio.Server:
        """Listen at `path`, or on the socket that the service manager made there."""
        path.parent.mkdir(mode=0o770, parents=True, exist_ok=True)
        self._group = path.parent.stat().st_gid
        if inherited is not None:
            return await asyncio.start_unix_server(self._serve, sock=inherited, limit=LONGEST_LINE)
        server = await asyncio.start_unix_server(self._serve, path, limit=LONGEST_LINE)
        path.chmod(0o660)
        return server

    def close(self) -> None:
        """Hang up on everybody."""
        for caller in list(self._callers):
            caller.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reason = self._reason_to_refuse(writer.get_extra_info("socket"))
        if reason:
            log(Event.MAINTENANCE_PEER_DROPPED, reason=reason)
            writer.close()
            return
        self._callers.add(writer)
        session = _Session(self._office, self._idle_s)
        try:
            await self._converse(session, reader, writer)
        except (ValueError, RecursionError):
            log(Event.MAINTENANCE_PEER_DROPPED, reason="malformed")  # too long, or no JSON object
        except TimeoutError:
            writer.transport.abort()  # nobody touches the screen any more, or it does not listen
        except OSError:
            pass  # it went
        finally:
            session.end()
            self._callers.discard(writer)
            writer.close()

    async def _converse(
        self, session: "_Session", reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while True:
            async with asyncio.timeout(self._idle_s):
                line = await reader.readline()
            if not line.endswith(b"\n"):
                return
            asked = json.loads(line)
            if not isinstance(asked, dict):
                raise ValueError("not an object")  # noqa: TRY004 - one kind of error for what is malformed
            if asked.get("ask") == "leave":
                return
            answer = await session.answer(asked)
            writer.write(json.dumps(answer).encode() + b"\n")
            async with asyncio.timeout(self._idle_s):
                await writer.drain()

    def _reason_to_refuse(self, peer: socket.socket) -> str:
        if len(self._callers) >= MAX_CALLERS:
            return "too_many"
        return "" if may_talk(peer, os.getuid(), self._group) else "not_allowed"


class _Session:
    """One connection: nobody, until somebody has entered."""

    def __init__(self, office: Office, idle_s: float) -> None:
        self._office = office
        self._idle_s = idle_s
        self._technician = ""
        self._before: Mapping[str, Understand] = {
            "door": lambda _: office.door,
            "findings": lambda _: office.findings,
            "enter": self._entering,
        }
        self._inside: Mapping[str, Understand] = {
            "devices": lambda _: office.devices,
            "restart": lambda asked: partial(office.restart, _text(asked, "what")),
            "network": lambda _: office.network,
            "tests": lambda _: office.tests,
            "record": lambda asked: partial(
                office.record, _text(asked, "test"), self._technician, passed=_flag(asked, "passed")
            ),
            "checklist": lambda _: office.checklist,
            "tick": lambda asked: partial(
                office.tick, _text(asked, "item"), self._technician, passed=_flag(asked, "passed")
            ),
            "events": lambda asked: partial(office.events, _count(asked), Level(asked.get("least", "info"))),
            "facts": lambda _: office.facts,
            "bundle": lambda _: office.bundle,
        }

    def end(self) -> None:
        """The connection is over."""
        if self._technician:
            log(Event.MAINTENANCE_LEFT)
        self._technician = ""

    async def answer(self, asked: Mapping[str, Any]) -> Answer:
        """What is said to one request; never raises for what is in it."""
        name = str(asked.get("ask"))
        understand = self._before.get(name)
        if understand is None and not self._technician:
            return NOT_ENTERED
        understand = understand or self._inside.get(name)
        if understand is None:
            return UNKNOWN
        try:
            errand = understand(asked)
        except (ValueError, KeyError, TypeError):
            return UNKNOWN
        return await asyncio.to_thread(errand) or UNKNOWN

    def _entering(self, asked: Mapping[str, Any]) -> Errand:
        by_pass = "pass" in asked
        credential, pin = _text(asked, "pass" if by_pass else "code"), _text(asked, "pin")
        return partial(self._enter, credential, pin[:LONGEST_PIN], by_pass=by_pass)

    def _enter(self, credential: str, pin: str, *, by_pass: bool) -> Answer:
        """Whoever tries anew has left first: a guess inside a session is worth no less."""
        self.end()
        outcome = self._office.enter(credential, pin, by_pass=by_pass)
        if isinstance(outcome, Entered):
            self._technician = outcome.technician
        return as_answer(outcome, self._idle_s)


def _text(asked: Mapping[str, Any], name: str) -> str:
    value = asked[name]
    if not isinstance(value, str):
        raise TypeError(name)
    return value


def _flag(asked: Mapping[str, Any], name: str) -> bool:
    value = asked[name]
    if not isinstance(value, bool):
        raise TypeError(name)
    return value


def _count(asked: Mapping[str, Any]) -> int:
    value = asked.get("count", 100)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MOST:
        raise ValueError("count")
    return value
