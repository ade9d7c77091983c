"""Finds the receipt of a code. Unknown, not yet here and not to be opened are one and the same answer."""

import datetime as dt
import hmac
import ipaddress
import logging
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from central.enquiries.codes import Codes
from central.keys.keyring import Keyring
from central.public.press import Press
from central.public.receipt import CaseFacts, Receipt, ReceiptSettings
from central.sealed.base import UnreadableError
from central.sealed.facts import receipt_code
from central.store import enquiries
from central.store.enquiries import ATTEMPTS_KEPT, Asked, Limit
from central.store.store import Store

_log = logging.getLogger(__name__)

_NAME = re.compile(r"([0-9]{12})-([0-9A-Z]{10})")
_PER_REFERENCE = 20
_PER_ADDRESS = 60
_AT_ONCE = 2
_NETWORK_BITS = 64  # of an IPv6 address: what one household has


class TooOftenError(Exception):
    """The limit of this address or reference is reached."""


class Vault(Protocol):
    """Opens case documents."""

    def document(self, case_id: UUID) -> Any:
        """The case document. Raises `UnreadableError`."""
        ...


@dataclass(frozen=True, slots=True)
class Receipts:
    """Receipts as signed PDF."""

    store: Store
    vault: Vault
    keyring: Keyring
    press: Press
    codes: Codes
    settings: ReceiptSettings
    clock: Callable[[], dt.datetime]
    # Setting a page takes a processor for half a second: never all of them.
    _turns: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(_AT_ONCE))

    def find(self, name: str, address: str) -> bytes | None:
        """The PDF for `{reference}-{receipt code}`, asked from an IP address. Raises `TooOftenError`."""
        matched = _NAME.fullmatch(name)
        reference, code = (matched[1], matched[2]) if matched else ("", "")
        with self.store.writing() as db:
            if enquiries.attempt(db, self._limits(reference, address), self.clock()) is not None:
                raise TooOftenError
            known = enquiries.cases_by_reference(db, reference)
        tag = receipt_code(code, self.keyring)
        case = next((each for each in known if hmac.compare_digest(each.receipt_code or b"", tag)), None)
        return None if case is None else self._pdf(case, reference, code)

    def _pdf(self, case: Asked, reference: str, code: str) -> bytes | None:
        try:
            document = self.vault.document(case.case_id)
        except UnreadableError:
            _log.warning("the receipt of case %s cannot be made: no key opens it", case.case_id)
            return None
        facts = CaseFacts(
            case.kiosk, reference, code, case.force_number or case.official_number, case.received_at
        )
        with self._turns:
            return self.press.printed(Receipt.of(facts, document, self.settings))

    def _limits(self, reference: str, address: str) -> list[Limit]:
        limits = [Limit(self.codes.bucket("receipt-address", network(address)), _PER_ADDRESS, ATTEMPTS_KEPT)]
        if reference:
            bucket = self.codes.bucket("receipt", reference)
            limits.append(Limit(bucket, _PER_REFERENCE, ATTEMPTS_KEPT))
        return limits


def network(address: str) -> str:
    """What counts as one asker: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, _NETWORK_BITS), strict=False))
    return str(parsed)
