"""What is told to visitors, put into the queue in the transaction of what it tells about."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from central.sending.reporter import reachable
from central.store import messages
from central.store.cases import Case
from central.store.messages import Kind


@dataclass(frozen=True, slots=True)
class MessageQueue:
    """Queues messages. Every function works inside the transaction of `db`."""

    clock: Callable[[], dt.datetime]

    def queue_received(self, db: sa.Connection, case: Case, document: Any) -> None:
        """A case came in: confirm it wherever the visitor can be reached."""
        messages.queue(db, case.case_id, reachable(document), Kind.RECEIVED, self.clock())

    def queue_accepted(self, db: sa.Connection, case_id: UUID) -> None:
        """A case was accepted."""
        self._queue(db, case_id, Kind.ACCEPTED)

    def queue_rejected(self, db: sa.Connection, case_id: UUID) -> None:
        """A case was rejected."""
        self._queue(db, case_id, Kind.REJECTED)

    def queue_check(self, db: sa.Connection, case_id: UUID, check_id: UUID) -> None:
        """Somebody asks about a case: send the six digits to its visitor."""
        self._queue(db, case_id, Kind.CHECK, check_id)

    def _queue(self, db: sa.Connection, case_id: UUID, kind: Kind, check_id: UUID | None = None) -> None:
        channels = messages.channels_of(db, case_id)
        messages.queue(db, case_id, channels, kind, self.clock(), check_id)
