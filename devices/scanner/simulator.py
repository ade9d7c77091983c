"""A serial scanner on a pseudo-terminal with a stable name, for development and tests."""

import contextlib
import os
import select
import threading
import tty
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_NOISE = bytes(range(256)) * 2
_CHUNK = 4096


class ScannerSimulator:
    """One scanner. `link` is the name an adapter opens; it is there only while the scanner is plugged in."""

    def __init__(self, link: Path) -> None:
        self._link = link
        self._master: int | None = None
        self._slave: int | None = None
        self._lock = threading.Lock()

    def start(self) -> None:
        """Plug it in."""
        self.plug()

    def stop(self) -> None:
        """Pull it out."""
        self.unplug()

    def plug(self) -> None:
        """It appears under its name."""
        with self._lock:
            if self._master is not None:
                return
            self._master, self._slave = os.openpty()
            tty.setraw(self._slave)  # before anybody opens it: no echo, no translation of CR and LF
            os.set_blocking(self._master, False)
            self._link.parent.mkdir(parents=True, exist_ok=True)
            self._link.unlink(missing_ok=True)
            self._link.symlink_to(os.ttyname(self._slave))

    def unplug(self) -> None:
        """It disappears; who reads from it gets an error."""
        with self._lock:
            if self._master is None or self._slave is None:
                return
            self._link.unlink(missing_ok=True)
            os.close(self._slave)
            os.close(self._master)
            self._master = self._slave = None

    def scan(self, payload: bytes, *, suffix: bytes = b"\r") -> None:
        """Read a code: the payload and the suffix go out."""
        self.send(payload + suffix)

    def send(self, data: bytes, timeout_s: float = 5.0) -> None:
        """Bytes as they are. What nobody reads within the time is lost, as on a real line."""
        with self._lock:
            master = self._master
            while data and master is not None and select.select([], [master], [], timeout_s)[1]:
                with contextlib.suppress(BlockingIOError):
                    data = data[os.write(master, data[:_CHUNK]) :]

    def command(self, words: Mapping[str, Any]) -> None:
        """`scan` text, `scan_hex`, `send_hex` (without suffix), or `fault`: plug/none, unplug, garble,
        endless (100 kB).

        Raises ValueError.
        """
        if "scan" in words:
            self.scan(str(words["scan"]).encode())
        elif "scan_hex" in words:
            self.scan(bytes.fromhex(str(words["scan_hex"])))
        elif "send_hex" in words:
            self.send(bytes.fromhex(str(words["send_hex"])))
        else:
            self._fault(str(words.get("fault")))

    def _fault(self, fault: str) -> None:
        if fault == "unplug":
            self.unplug()
        elif fault in {"plug", "none"}:
            self.plug()
        elif fault == "garble":
            self.send(_NOISE)
        elif fault == "endless":
            self.send(b"A" * 100_000)
        else:
            raise ValueError(f"unknown fault {fault!r}")
