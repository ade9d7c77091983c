"""Keeps a case: gives it its reference, checks, seals and commits it. Where `flows` and `kiosk.post` meet."""

import contextlib
import json
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from config.event_names import Event as Logged
from config.log import log
from config.settings import Settings
from flows import reference
from flows.case import LARGEST_CASE, Case
from flows.events import AdmissionChanged, CaseKept, CaseNotKept, Event
from flows.ports import Kept, NotKept
from flows.recipients import Recipient
from kiosk.post.envelope import Slot, TooLargeError
from kiosk.post.keys import KeyProblem, load_reference_key
from kiosk.post.keyset import Recipient as PostRecipient
from kiosk.post.office import Office
from kiosk.post.outbox import NotKeptReason

if TYPE_CHECKING:
    from uuid import UUID

AT_FIRST = frozenset({Recipient.REPORTS})
"""For whom cases are taken before the keys were looked at."""

Document = Mapping[str, Any]
FindFaults = Callable[[Document], bool]
"""Whether a completed case document breaks its schema."""


class Keeper:
    """Keeps the case of one visit."""

    def __init__(
        self, office: Office, kiosk_number: int, reference_key: bytes, has_faults: FindFaults
    ) -> None:
        self._office = office
        self._kiosk_number = kiosk_number
        self._reference_key = reference_key
        self._has_faults = has_faults
        self._receipt_codes: dict[UUID, str] = {}

    @staticmethod
    def open(settings: Settings, has_faults: FindFaults) -> "Keeper":
        """The keeper of this kiosk. Raises `kiosk.post.keys.KeyProblem`."""
        key = load_reference_key(settings.paths.keys)
        return Keeper(Office.open(settings), settings.kiosk_number, key, has_faults)

    def accepting(self, largest_case: int) -> bool:
        """Whether a report of `largest_case` bytes would be kept now."""
        return self._office.has_room(largest_case)

    def recipients(self) -> frozenset[Recipient]:
        """Those to whom a case can be sealed now."""
        return frozenset(Recipient(each.value) for each in self._office.offices())

    def keep(self, case: Case) -> Kept | NotKept:
        """Commit `case`. What comes back is the truth: `Kept` means that it cannot be lost any more.

        The same case again is the same commit with the same reference and receipt code.
        """
        # One code for each case: a commit that seemed to fail may have happened, with this code sealed in it.
        code = self._receipt_codes.setdefault(case.case_id, reference.new_receipt_code())

        def document_for(slot: Slot) -> bytes:
            document = {**case.document, "reference": self._reference(slot), "receipt_code": code}
            if self._has_faults(document):
                raise _InvalidDocumentError
            return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()

        try:
            photos = [photo.jpeg for photo in case.attachments]
            kept = self._office.keep(case.case_id, document_for, photos, PostRecipient(case.recipient.value))
        except (_InvalidDocumentError, TooLargeError):
            return NotKept.INVALID
        if isinstance(kept, NotKeptReason):
            return NotKept(kept.value)
        return Kept(case.case_id, self._reference(kept), code)

    def _reference(self, slot: Slot) -> str:
        return reference.compute(self._kiosk_number, slot.sequence, self._reference_key)


class Clerk:
    """Runs a keeper off the screen's thread, one task after another, so that no disk holds it up."""

    def __init__(self, open_keeper: Callable[[], Keeper], post: Callable[[Event], None]) -> None:
        """`open_keeper` is called when the keeper is first needed, and again after it raised `KeyProblem`."""
        self._open_keeper = open_keeper
        self._post = post
        self._keeper: Keeper | None = None
        self._told = AdmissionChanged(accepting=True, recipients=AT_FIRST)
        self._turn = threading.Lock()

    def keep(self, case: Case) -> None:
        """Keep `case`; the answer is posted as `CaseKept` or `CaseNotKept`."""
        self._do(lambda: self._keep(case))

    def look_for_room(self) -> None:
        """See whether a report could be kept now, and for whom; a change is posted as `AdmissionChanged`."""
        self._do(self._look_for_room)

    def _do(self, task: Callable[[], None]) -> None:
        def work() -> None:
            with self._turn:
                task()

        # A plain thread: what it raises reaches `threading.excepthook` and ends the visit, never lost.
        threading.Thread(target=work, name="clerk", daemon=True).start()

    def _keep(self, case: Case) -> None:
        keeper = self._opened()
        result = keeper.keep(case) if keeper else NotKept.STORAGE_FAILED
        if isinstance(result, Kept):
            log(Logged.CASE_KEPT, case_id=result.case_id)
            self._post(CaseKept(result))
        else:
            log(Logged.CASE_NOT_KEPT, reason=result.value)
            self._post(CaseNotKept(result))

    def _look_for_room(self) -> None:
        keeper = self._opened()
        accepting = keeper is not None and keeper.accepting(LARGEST_CASE)
        found = AdmissionChanged(accepting, keeper.recipients() if keeper is not None else AT_FIRST)
        if found != self._told:
            self._told = found
            self._post(found)

    def _opened(self) -> Keeper | None:
        if self._keeper is None:
            with contextlib.suppress(KeyProblem):
                self._keeper = self._open_keeper()
        return self._keeper


class _InvalidDocumentError(Exception):
    """The completed document breaks its schema: a fault of ours, never of the visitor's."""
