"""Officers and their tokens. A token is shown once; the centre keeps its SHA-256."""

import datetime as dt
import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from central.store import inbox
from central.store.inbox import Officer, Role
from central.store.store import Store

_TOKEN_BYTES = 32
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
# Names that the history gives to others.
_RESERVED = re.compile(r"centre|kiosk-.*")
_CENTRE = "centre"


class OfficerError(Exception):
    """An officer cannot be added or changed; `args[0]` says why."""


@dataclass(frozen=True, slots=True)
class Officers:
    """The officers of a centre."""

    store: Store
    clock: Callable[[], dt.datetime]

    def add(self, name: str, role: Role) -> str:
        """Add an officer; the token, which is never seen again. Raises `OfficerError`."""
        if not _NAME.fullmatch(name) or _RESERVED.fullmatch(name):
            raise OfficerError("a name is 1-64 of a-z 0-9 . _ - and neither centre nor kiosk-…")
        token, now = secrets.token_urlsafe(_TOKEN_BYTES), self.clock()
        with self.store.writing() as db:
            if inbox.find_officer(db, name) is not None:
                raise OfficerError(
                    f"there is an officer {name}; a new token: report-centre officers rotate {name}"
                )
            inbox.add_officer(db, Officer(name, role, now, None), _digest(token))
            self._note(db, now, "officer_added", name, role)
        return token

    def rotate(self, name: str) -> str:
        """A new token; the old one ends now. Raises `OfficerError`."""
        token, now = secrets.token_urlsafe(_TOKEN_BYTES), self.clock()
        with self.store.writing() as db:
            officer = _known(db, name)
            inbox.change_officer(db, name, {"token": _digest(token)})
            self._note(db, now, "officer_token_rotated", name, officer.role)
        return token

    def disable(self, name: str) -> None:
        """Let an officer in no more. Raises `OfficerError`."""
        self._change(name, "officer_disabled", {"disabled_at": self.clock()})

    def enable(self, name: str) -> None:
        """Let an officer in again, with the token there was. Raises `OfficerError`."""
        self._change(name, "officer_enabled", {"disabled_at": None})

    def all(self) -> list[Officer]:
        """Everyone, by name."""
        with self.store.reading() as db:
            return inbox.list_officers(db)

    def by_token(self, token: str) -> Officer | None:
        """Whose token this is, if at work. It is found by its hash, so the time taken tells nothing."""
        with self.store.reading() as db:
            officer = inbox.officer_by_token(db, _digest(token))
        return officer if officer is not None and officer.disabled_at is None else None

    def _change(self, name: str, action: str, values: dict[str, dt.datetime | None]) -> None:
        now = self.clock()
        with self.store.writing() as db:
            officer = _known(db, name)
            inbox.change_officer(db, name, values)
            self._note(db, now, action, name, officer.role)

    def _note(self, db: sa.Connection, at: dt.datetime, action: str, name: str, role: Role) -> None:
        inbox.add_entry(db, at, _CENTRE, _CENTRE, action, facts={"officer": name, "role": role.value})


def _known(db: sa.Connection, name: str) -> Officer:
    officer = inbox.find_officer(db, name)
    if officer is None:
        raise OfficerError(f"there is no officer {name}")
    return officer


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
