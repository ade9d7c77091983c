"""The courier's counter: a Unix socket at which the screen and maintenance ask, one JSON object a line.

| asked | answered |
|---|---|
| `{"ask": "status"}` | `{"event": "status", "reachable", "queued", "quarantined", "oldest_age_s"}` |
| `{"ask": "poke"}` | nothing: the courier looks at the outbox now |
| `{"ask": "watch", "case": ID}` | `{"event": "receipted", "case", "official_number"}` once it is so |

`status` is also said to everybody when the centre becomes reachable or ceases to be. What is not understood
closes the connection. Nothing here is personal data.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from kiosk.post.outbox import Status

LONGEST_LINE = 4096
MAX_CALLERS = 32
_MAX_UNSENT = 256 * 1024


@dataclass(frozen=True, slots=True)
class Inside:
    """What the desk can ask of the courier. All are quick and never raise."""

    status: Callable[[], Status | None]
    reachable: Callable[[], bool]
    official_number: Callable[[UUID], str | None]
    poke: Callable[[UUID | None], None]


class Desk:
    """Serves callers in the event loop it was opened in."""

    def __init__(self, inside: Inside) -> None:
        self._inside = inside
        self._callers: dict[asyncio.StreamWriter, set[UUID]] = {}

    async def open(self, path: Path) -> asyncio.Server:
        """Listen at `path`; a stale socket there is replaced."""
        path.parent.mkdir(mode=0o770, parents=True, exist_ok=True)
        server = await asyncio.start_unix_server(self._serve, path, limit=LONGEST_LINE)
        path.chmod(0o660)
        return server

    def close(self) -> None:
        """Hang up on everybody."""
        for caller in list(self._callers):
            caller.close()

    def tell_status(self) -> None:
        """Say to everybody how things are."""
        for caller in list(self._callers):
            _say(caller, self._status())

    def tell_receipted(self, case_id: UUID, official_number: str) -> None:
        """Say to those who watch the case that the centre has it."""
        for caller, watched in list(self._callers.items()):
            if case_id in watched:
                watched.discard(case_id)
                _say(caller, _receipted(case_id, official_number))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._callers) >= MAX_CALLERS:
            writer.close()
            return
        self._callers[writer] = set()
        try:
            while line := await reader.readline():
                self._answer(writer, line)
                await writer.drain()
        except (ValueError, KeyError, TypeError, RecursionError, OSError):
            pass  # a line too long, not in these words, or a caller that is gone: the connection ends
        finally:
            del self._callers[writer]
            writer.close()

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
            case _:
                raise ValueError

    def _watch(self, caller: asyncio.StreamWriter, case_id: UUID) -> None:
        number = self._inside.official_number(case_id)
        if number is not None:
            _say(caller, _receipted(case_id, number))
            return
        self._callers[caller].add(case_id)
        self._inside.poke(case_id)

    def _status(self) -> dict[str, Any]:
        status = self._inside.status()
        return {
            "event": "status",
            "reachable": self._inside.reachable(),
            "queued": None if status is None else status.queued,
            "quarantined": None if status is None else status.quarantined,
            "oldest_age_s": None if status is None else status.oldest_age_s,
        }


def _receipted(case_id: UUID, official_number: str) -> dict[str, Any]:
    return {"event": "receipted", "case": str(case_id), "official_number": official_number}


def _say(caller: asyncio.StreamWriter, message: dict[str, Any]) -> None:
    if caller.transport.get_write_buffer_size() > _MAX_UNSENT:
        caller.transport.abort()  # it does not listen
        return
    caller.write(json.dumps(message).encode() + b"\n")
