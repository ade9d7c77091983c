"""Storing cases that come at the same time in one transaction: they share the wait for the disk."""

import logging
import threading
from collections import deque
from collections.abc import Sequence
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from central.store import cases
from central.store.cases import Case
from central.store.store import Store

_LOG = logging.getLogger(__name__)
_MOST_TOGETHER = 64
_WRITERS = {"sqlite": 1, "postgresql": 2}
"""Transactions at once: SQLite has one writer; PostgreSQL works on one while another waits for the disk."""


class OnReceived(Protocol):
    """Does what a new case brings with it."""

    def __call__(self, db: sa.Connection, case: Case, document: Any) -> None:
        """Called in the transaction that stores the case, once for each case there ever is."""
        ...


class _Waiting:
    """A case on its way into the database."""

    def __init__(self, case: Case, document: Any) -> None:
        self.case = case
        self.document = document
        self._done = threading.Event()
        self._added = False
        self._error: BaseException | None = None

    def finish(self, *, added: bool = False, error: BaseException | None = None) -> None:
        self._added, self._error = added, error
        self._done.set()

    def result(self) -> bool:
        self._done.wait()
        if self._error is not None:
            raise self._error
        return self._added


class Intake:
    """Stores cases, each once. Usable from many threads; whoever comes while others write is written next."""

    def __init__(self, store: Store, on_received: Sequence[OnReceived] = ()) -> None:
        self._store = store
        self._on_received = on_received
        self._queue: deque[_Waiting] = deque()
        self._writers = threading.Semaphore(_WRITERS[store.dialect])

    def add(self, case: Case, document: Any) -> bool:
        """Store a case with all it brings, and wait for the disk; false when it was there already."""
        waiting = _Waiting(case, document)
        self._queue.append(waiting)
        with self._writers:
            together = self._taken()
            if together:
                self._write(together)
        return waiting.result()

    def _taken(self) -> list[_Waiting]:
        taken: list[_Waiting] = []
        while len(taken) < _MOST_TOGETHER:
            try:
                taken.append(self._queue.popleft())
            except IndexError:
                break
        # In one order everywhere: two transactions with the same cases never wait for each other in a ring.
        return sorted(taken, key=lambda each: each.case.case_id.bytes)

    def _write(self, together: Sequence[_Waiting]) -> None:
        try:
            added = self._stored(together, self._on_received)
        except OperationalError as error:
            for each in together:
                each.finish(error=error)
        except Exception as error:  # noqa: BLE001 - whatever one of them brought, the others are stored
            self._write_apart(together, error)
        except BaseException as error:
            for each in together:  # nobody waits for ever
                each.finish(error=error)
            raise
        else:
            for each in together:
                each.finish(added=each.case.official_number in added)

    def _write_apart(self, together: Sequence[_Waiting], error: Exception) -> None:
        if len(together) > 1:
            for each in together:
                self._write([each])
            return
        [alone] = together
        _LOG.error("case %s came without its messages: %s", alone.case.case_id, type(error).__name__)
        try:
            alone.finish(added=bool(self._stored(together, ())))
        except Exception as second:  # noqa: BLE001 - raised again to the one who waits
            alone.finish(error=second)

    def _stored(self, together: Sequence[_Waiting], on_received: Sequence[OnReceived]) -> frozenset[str]:
        """The official numbers of those that were not there before."""
        with self._store.writing() as db:
            added = cases.add(db, [each.case for each in together])
            for each in together:
                if each.case.official_number in added:
                    for brought in on_received:
                        brought(db, each.case, each.document)
        return added
