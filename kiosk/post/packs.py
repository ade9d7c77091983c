"""The courier's part in pack bundles: fetch a newer one, check size and signature, put it in its place.

What is in it the courier cannot judge, and need not: the screen verifies it again. A thread and a connection
of its own, so that four megabytes on a slow line keep no report waiting.
"""

import hashlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from config.event_names import Event
from kiosk.post.backoff import Clock
from kiosk.post.duties import RETRY_S
from kiosk.post.keys import PUBLIC, KeyProblem, write
from kiosk.post.keyset import load_key_set
from kiosk.post.outcomes import Alive, NoReply, Reply, silence_s
from kiosk.post.pack_bundle import MAX_BUNDLE, BundleError, PackBundle, parse
from kiosk.post.rounds import Log

NO_KEYS, NOT_NEWER, NOT_WRITTEN = "no_keys", "not_newer", "not_written"


class PackSource(Protocol):
    """The centre, as far as packs need it; `kiosk.post.central.Central` is one."""

    def packs(self, known: str) -> Reply | NoReply | bytes | None:
        """Fetch the bundle that is offered; None if there is none besides `known`."""

    def close(self) -> None:
        """Let go of the connection."""


class FetchedBundle:
    """The file that the courier may replace. Whoever reads it verifies it."""

    def __init__(self, path: Path, keys: Path) -> None:
        self._path = path
        self._keys = keys

    def read(self) -> PackBundle:
        """The bundle, verified. Raises `BundleError`, `KeyProblem`, OSError."""
        signers = load_key_set(self._keys).packs
        with self._path.open("rb") as file:
            return parse(file.read(MAX_BUNDLE + 1), signers)

    def number(self) -> int:
        """0 if there is none, or none to be believed, so that a damaged file is mended by any signed one."""
        try:
            return self.read().manifest.number
        except (BundleError, KeyProblem, OSError):
            return 0

    def etag(self) -> str:
        """As the centre names the file, "" for none: docs/reference/bundles.md."""
        number = self.number()
        if not number:
            return ""
        try:
            return f'"{number}-{hashlib.sha256(self._path.read_bytes()).hexdigest()[:16]}"'
        except OSError:
            return ""

    def install(self, data: bytes) -> int | str:
        """Put `data` in the place of the file, if it is signed, sound and newer: its number, or why not."""
        try:
            signers = load_key_set(self._keys).packs
        except KeyProblem:
            return NO_KEYS
        if not signers:
            return NO_KEYS
        try:
            fresh = parse(data, signers)
        except BundleError as error:
            return error.refusal.value
        if fresh.manifest.number <= self.number():
            return NOT_NEWER
        try:
            self._path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            write(self._path, data, PUBLIC)
        except OSError:
            return NOT_WRITTEN
        return fresh.manifest.number


class PackFetcher:
    """A thread that fetches what heartbeats tell of."""

    def __init__(self, centre: PackSource, fetched: FetchedBundle, log: Log, clock: Clock) -> None:
        self._centre = centre
        self._fetched = fetched
        self._log = log
        self._clock = clock
        self._wake = threading.Event()
        self._stopped = False
        self._offered = 0
        self._not_before = clock()
        self._thread = threading.Thread(target=self._run, name="packs", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def heard(self, alive: Alive) -> None:
        """The centre answered a heartbeat. Never blocks; may be called from any thread."""
        self._offered = alive.packs_number
        self._wake.set()

    def stop(self, timeout_s: float) -> None:
        """End after the call that is being made, and wait for that at most `timeout_s`."""
        self._stopped = True
        self._wake.set()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._stopped:
            self._wake.wait()
            self._wake.clear()
            if not self._stopped:
                self.attend()
        self._centre.close()

    def attend(self) -> None:
        """Fetch, if a newer bundle is offered and it is time."""
        offered = self._offered
        if not offered or self._clock() < self._not_before or offered <= self._fetched.number():
            return
        self._not_before = self._clock() + RETRY_S
        answer = self._centre.packs(self._fetched.etag())
        if isinstance(answer, Reply | NoReply):
            self._not_before += silence_s(answer)
        if not isinstance(answer, bytes):
            return
        installed = self._fetched.install(answer)
        if isinstance(installed, int):
            self._not_before = self._clock()  # the next number need not wait
            self._log(Event.PACK_BUNDLE_FETCHED, bundle=installed)
        else:
            self._log(Event.PACK_BUNDLE_REFUSED, bundle=offered, packs_refusal=installed)


Heard = Callable[[Alive], None]


def both(first: Heard, second: Heard) -> Heard:
    """Two who hear of each answered heartbeat."""

    def heard(alive: Alive) -> None:
        first(alive)
        second(alive)

    return heard
