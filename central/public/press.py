"""The press: a receipt becomes a signed PDF. What that needs is loaded when a visitor first asks for one."""

import datetime as dt
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from central.public.receipt import Receipt, ReceiptSettings

if TYPE_CHECKING:
    from central.public.signing import DocumentSigner


class Press:
    """Prints for the centre in `directory`. Usable from several threads."""

    def __init__(self, directory: Path, settings: ReceiptSettings, clock: Callable[[], dt.datetime]) -> None:
        self._directory = directory
        self._settings = settings
        self._clock = clock
        self._signer: DocumentSigner | None = None
        self._one_makes_it = threading.Lock()

    def printed(self, receipt: Receipt) -> bytes:
        """The signed PDF."""
        # WeasyPrint and pyHanko take two seconds to load: no kiosk shall wait for them after a restart.
        from central.public.pdf import render

        return self._ready_signer().sign(render(receipt, self._settings, self._clock()))

    def _ready_signer(self) -> "DocumentSigner":
        from central.public.signing import DocumentSigner

        with self._one_makes_it:
            if self._signer is None:
                self._signer = DocumentSigner.of(self._directory, self._clock())
            return self._signer
