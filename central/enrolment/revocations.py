"""Whether a certificate is refused, answered from memory for a moment: it is asked for every request."""

import threading
import time
from collections.abc import Callable

from central.store import enrolments
from central.store.store import Store

REMEMBERED_S = 5.0
"""How long a revocation may take to reach a server that runs."""

_MOST = 20_000

_Asked = tuple[int, str | None]


class Revocations:
    """Knows of certificates and their kiosks. Usable from several threads."""

    def __init__(self, store: Store, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._answers: dict[_Asked, tuple[float, bool]] = {}

    def is_revoked(self, kiosk: int, serial: str | None) -> bool:
        """Whether `kiosk` was revoked since its certificate `serial` (hexadecimal) was issued."""
        asked, now = (kiosk, serial), self._monotonic()
        with self._lock:
            known = self._answers.get(asked)
        if known is not None and now < known[0]:
            return known[1]
        answer = self._look(kiosk, serial)
        with self._lock:
            if len(self._answers) >= _MOST:
                self._answers.clear()
            self._answers[asked] = (now + REMEMBERED_S, answer)
        return answer

    def _look(self, kiosk: int, serial: str | None) -> bool:
        with self._store.reading() as db:
            certificate = None if serial is None else enrolments.certificate(db, serial.upper().lstrip("0"))
            if certificate is None:
                # The first release kept no list: such a certificate is good until its kiosk is revoked.
                return enrolments.revoked_at(db, kiosk) is not None
        if certificate.kiosk != kiosk:
            return True
        return certificate.revoked_at is not None and certificate.issued_at <= certificate.revoked_at
