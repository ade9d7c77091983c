"""The courier's counter: a Unix socket at which the screen and maintenance ask, one JSON object a line.

| asked | answered |
|---|---|
| `{"ask": "status"}` | `{"event": "status", …}` with the members of `Report` |
| `{"ask": "poke"}` | nothing: the courier looks at the outbox now |
| `{"ask": "watch", "case": ID}` | `{"event": "receipted", "case", "official_number"}` once it is so |
| `{"ask": "enquire", "id", "kid", "sealed"}` | `{"event": "answered", "id", "sealed"}`, or |
| | `{"event": "unanswered", "id", "reason": "unreachable" / "refused" / "too_often"}` |
| `{"ask": "open_upload", "id", "recipient", "limit", "language"}` | now and at every change |
| | `{"event": "upload", "id", "open", "reachable", "address", "files": […]}` |
| `{"ask": "drop_file", "id", "file"}`, `{"ask": "close_upload", "id", "keep"}` | nothing |
| `{"ask": "check_network"}` | `{"event": "network", "hops": […]}` with the members of `Hop` |
| `{"ask": "end_process"}` | the connection closes: the courier ends, and whoever keeps it starts it again |

An upload whose asker hangs up is closed so that nothing more arrives; its case may be committed already.

`status` is also said to everybody when the centre becomes reachable or ceases to be. What is not understood
closes the connection, as does being neither this user nor in the group of the socket's folder. Nothing here
is personal data, and what is sealed the courier cannot open.
"""

import asyncio
import contextlib
import json
import os
import socket
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from config.event_names import Event
from config.log import log
from config.peers import may_talk
from kiosk.post.enquirer import Reported, Unanswered, parse
from kiosk.post.enquiry import SealedQuestion
from kiosk.post.report import Hop, Report
from kiosk.post.uploads import UploadOrder, Uploads, Way, parse_order

_T = TypeVar("_T")

LONGEST_LINE = 8192
"""A sealed question has about 3,100 characters."""
MAX_CALLERS = 32
MAX_WATCHED = 256
"""Cases that one caller may wait for at a time; a screen waits for one."""
_MAX_UNSENT = 256 * 1024


@dataclass(frozen=True, slots=True)
class Inside:
    """What the desk can ask of the courier. All are quick and never raise."""

    report: Callable[[], Report]
    official_number: Callable[[UUID], str | None]
    poke: Callable[[UUID | None], None]
    enquire: Callable[[SealedQuestion, Reported], None]
    """Its answer may come from another thread."""
    check_network: Callable[[Callable[[list[Hop]], None]], None]
    """Its answer may come from another thread."""
    end: Callable[[], None]
    uploads: Uploads


class Desk:
    """Serves callers in the event loop it was opened in."""

    def __init__(self, inside: Inside) -> None:
        self._inside = inside
        self._callers: dict[asyncio.StreamWriter, set[UUID]] = {}
        self._curious: set[asyncio.StreamWriter] = set()
        self._ways: dict[asyncio.StreamWriter, set[UUID]] = {}
        self._group = os.getgid()

    async def open(self, path: Path) -> asyncio.Server:
        """Listen at `path`; a stale socket there is replaced."""
        path.parent.mkdir(mode=0o770, parents=True, exist_ok=True)
        self._group = path.parent.stat().st_gid
        server = await asyncio.start_unix_server(self._serve, path, limit=LONGEST_LINE)
        path.chmod(0o660)
        return server

    def close(self) -> None:
        """Hang up on everybody."""
        for caller in list(self._callers):
            caller.close()

    def tell_status(self) -> None:
        """Say to everybody how things are."""
        report = self._status()
        for caller in list(self._callers):
            _say(caller, report)

    def tell_receipted(self, case_id: UUID, official_number: str) -> None:
        """Say to those who watch the case that the centre has it."""
        for caller, watched in list(self._callers.items()):
            if case_id in watched:
                watched.discard(case_id)
                _say(caller, _receipted(case_id, official_number))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reason = self._reason_to_refuse(writer.get_extra_info("socket"))
        if reason:
            log(Event.COURIER_PEER_DROPPED, reason=reason)
            writer.close()
            return
        self._callers[writer] = set()
        try:
            while line := await reader.readline():
                self._answer(writer, line)
                await writer.drain()
        except (ValueError, KeyError, TypeError, RecursionError):
            log(Event.COURIER_PEER_DROPPED, reason="malformed")  # a line too long, or not in these words
        except OSError:
            pass  # it went
        finally:
            del self._callers[writer]
            for upload_id in self._ways.pop(writer, ()):
                self._inside.uploads.close(upload_id, keep=True)
            writer.close()

    def _reason_to_refuse(self, peer: socket.socket) -> str:
        if len(self._callers) >= MAX_CALLERS:
            return "too_many"
        return "" if may_talk(peer, os.getuid(), self._group) else "not_allowed"

    def _answer(self, caller: asyncio.StreamWriter, line: bytes) -> None:
        """Raises ValueError, KeyError, TypeError or RecursionError for what is not understood."""
        asked = json.loads(line)
        match asked["ask"]:
            case "status":
                _say(caller, self._status())
            case "poke":
                self._inside.poke(None)
            case "watch":
                self._watch(caller, UUID(str(asked["case"])))
            case "enquire":
                self._enquire(caller, parse(asked))
            case "open_upload" | "drop_file" | "close_upload" as about:
                self._upload(caller, about, asked)
            case "check_network":
                self._check_network(caller)
            case "end_process":
                log(Event.COURIER_ASKED_TO_END)
                self._inside.end()
            case _:
                raise ValueError

    def _check_network(self, caller: asyncio.StreamWriter) -> None:
        """One check at a time for all who ask: it costs the centre a call."""
        self._curious.add(caller)
        if len(self._curious) == 1:
            self._inside.check_network(self._from_anywhere(self._tell_network))

    def _tell_network(self, hops: list[Hop]) -> None:
        curious, self._curious = self._curious, set()
        for caller in curious & self._callers.keys():
            _say(caller, {"event": "network", "hops": [asdict(hop) for hop in hops]})

    def _watch(self, caller: asyncio.StreamWriter, case_id: UUID) -> None:
        number = self._inside.official_number(case_id)
        if number is not None:
            _say(caller, _receipted(case_id, number))
            return
        watched = self._callers[caller]
        if len(watched) >= MAX_WATCHED and case_id not in watched:
            raise ValueError
        watched.add(case_id)
        self._inside.poke(case_id)

    def _enquire(self, caller: asyncio.StreamWriter, question: SealedQuestion) -> None:
        def tell(outcome: str | Unanswered) -> None:
            self._tell_answer(caller, question.enquiry_id, outcome)

        self._inside.enquire(question, self._from_anywhere(tell))

    def _upload(self, caller: asyncio.StreamWriter, about: str, asked: dict[str, Any]) -> None:
        if about == "open_upload":
            self._open_upload(caller, parse_order(asked))
        elif about == "drop_file":
            self._inside.uploads.drop(UUID(str(asked["id"])), UUID(str(asked["file"])))
        else:
            self._close_upload(caller, UUID(str(asked["id"])), keep=asked["keep"] is True)

    def _open_upload(self, caller: asyncio.StreamWriter, order: UploadOrder) -> None:
        def tell(way: Way) -> None:
            if caller in self._callers:
                _say(caller, _said(way))

        self._ways.setdefault(caller, set()).add(order.upload_id)
        self._inside.uploads.open(order, self._from_anywhere(tell))

    def _close_upload(self, caller: asyncio.StreamWriter, upload_id: UUID, *, keep: bool) -> None:
        self._ways.get(caller, set()).discard(upload_id)
        self._inside.uploads.close(upload_id, keep=keep)

    @staticmethod
    def _from_anywhere(tell: Callable[[_T], None]) -> Callable[[_T], None]:
        """What any thread may call to have `tell` called in this loop."""
        loop = asyncio.get_running_loop()

        def reported(what: _T) -> None:
            with contextlib.suppress(RuntimeError):  # the end has begun, and the loop is closed
                loop.call_soon_threadsafe(tell, what)

        return reported

    def _tell_answer(self, caller: asyncio.StreamWriter, enquiry_id: UUID, outcome: str | Unanswered) -> None:
        if caller not in self._callers:
            return  # who asked is gone
        if isinstance(outcome, Unanswered):
            _say(caller, {"event": "unanswered", "id": str(enquiry_id), "reason": outcome.value})
        else:
            _say(caller, {"event": "answered", "id": str(enquiry_id), "sealed": outcome})

    def _status(self) -> dict[str, Any]:
        return {"event": "status", **asdict(self._inside.report())}


def _receipted(case_id: UUID, official_number: str) -> dict[str, Any]:
    return {"event": "receipted", "case": str(case_id), "official_number": official_number}


def _said(way: Way) -> dict[str, Any]:
    files = [{**asdict(each), "file_id": str(each.file_id)} for each in way.files]
    return {
        "event": "upload",
        "id": str(way.upload_id),
        "open": way.is_open,
        "reachable": way.is_reachable,
        "address": way.address,
        "files": files,
    }


def _say(caller: asyncio.StreamWriter, message: dict[str, Any]) -> None:
    if caller.transport.get_write_buffer_size() > _MAX_UNSENT:
        caller.transport.abort()  # it does not listen
        return
    caller.write(json.dumps(message).encode() + b"\n")
