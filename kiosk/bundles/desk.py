"""Which packs the next visit asks with: the newest bundle that is signed, fits, and is good on this kiosk.

`PackDesk`, in the screen host, has bundles checked in another process (`kiosk.bundles.check`) when something
has changed, chooses, remembers, and goes back when screens fail. It never reads a pack itself.
"""

import contextlib
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

from config.event_names import Event
from config.log import log
from config.settings import Settings
from kiosk.bundles.shelf import PackShelf
from kiosk.bundles.slow_checks import SlowChecks
from kiosk.post.keys import KEY_SET, KeyProblem
from kiosk.post.keyset import load_key_set
from kiosk.post.pack_ledger import SHIPPED, Refused, read_ledger, write_ledger

FAILURES = 3
"""Screens that may fail with a new bundle before one visit with it has ended."""
OTHER_RELEASE, MISTAKES, NO_ROOM = "other_release", "mistakes", "no_room"
CHECK_FAILED, CHECK_SLOW, SCREENS_FAILED = "check_failed", "check_slow", "screens_failed"

LOOK = (sys.executable, "-P", "-m", "kiosk.bundles.check")  # -P: never import from the working directory

_MOST_ASIDE = 7


def stamp_of(settings: Settings) -> str:
    """Names what a check depends on besides the bundle: another release or site looks again."""
    site = settings.site
    about = [version("report-kiosk"), site.code, site.kind, site.languages, site.services]
    return hashlib.sha256(json.dumps(about).encode()).hexdigest()[:16]


class PackDesk:
    """Chooses the packs of the next screen. For one thread, the screen host's; never raises, never waits."""

    def __init__(
        self,
        settings: Settings,
        command: Sequence[str] = LOOK,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._paths = settings.paths
        self._shelf = PackShelf(settings.paths.packs)
        self._stamp = stamp_of(settings)
        self._command = command
        self._clock = clock
        self._ledger = read_ledger(settings.paths.packs)
        self._usable: tuple[tuple[int, str], ...] = ()
        self._looking: tuple[subprocess.Popen[bytes], IO[bytes], float] | None = None
        self._slow = SlowChecks(clock)
        self._seen: object = None
        """What there was to look at when it was looked at last."""
        if self._ledger.stamp == self._stamp and self._ledger.in_use != SHIPPED:
            self._usable = ((self._ledger.in_use, self._ledger.in_use_digest),)

    @property
    def current(self) -> int:
        """The bundle for the next screen, as it was last verified; `SHIPPED` if there is none."""
        return self._usable[0][0] if self._usable else SHIPPED

    def verified(self) -> int:
        """The same, verified once more: every byte, by the keys of the newest key set."""
        while self._usable and not self._is_believed(*self._usable[0]):
            self._usable = self._usable[1:]
            self._seen = None  # what was damaged may be mended from the courier's file
            self._choose()
        return self.current

    def options(self, number: int) -> list[str]:
        """For the command line of a screen with that bundle."""
        return [] if number == SHIPPED else ["--packs", str(number)]

    def turn(self) -> None:
        """Look if anything has changed; take what a look has found."""
        if self._looking is not None:
            self._follow_look(*self._looking)
        elif (there := self._there()) != self._seen or self._slow.is_due:
            self._seen = there
            self._start_look()

    def failed(self, number: int) -> None:
        """A screen with that bundle failed."""
        if number != self.current or number <= self._ledger.proven_up_to:
            return
        self._keep(failures=self._ledger.failures + 1)
        if self._ledger.failures >= FAILURES:
            log(Event.PACK_BUNDLE_ROLLED_BACK, bundle=number)
            self._set_aside(number, dict(self._usable)[number], SCREENS_FAILED)
            self._choose()

    def settled(self, number: int) -> None:
        """A visit with that bundle ended as visits do."""
        if number > self._ledger.proven_up_to:
            self._keep(proven_up_to=number, failures=0)

    def close(self) -> None:
        """End a look that is under way."""
        if self._looking is not None:
            process, said, _ = self._looking
            process.kill()
            process.wait()
            said.close()
            self._looking = None

    def _is_believed(self, number: int, digest: str) -> bool:
        try:
            signers = load_key_set(self._paths.keys).packs
        except KeyProblem:
            return False  # without a key set no report can be sealed either
        whole = self._shelf.whole(number, signers)
        return whole is not None and whole[1] == digest

    def _there(self) -> object:
        return tuple(_identity(path) for path in (self._paths.fetched_packs, self._paths.keys / KEY_SET))

    def _start_look(self) -> None:
        patience_s = self._slow.begin()
        said = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the look has ended
        try:
            process = subprocess.Popen(
                [*self._command, *sorted(self._slow.left_out)],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.DEVNULL,
            )
        except OSError:
            said.close()
            return
        self._looking = (process, said, self._clock() + patience_s)

    def _follow_look(self, process: subprocess.Popen[bytes], said: IO[bytes], until: float) -> None:
        code = process.poll()
        if code is None and self._clock() < until:
            return
        if code is None:
            process.kill()
            process.wait()
        self._looking = None
        with said:
            said.seek(0)
            lines = said.read().splitlines()
        if code is None:
            self._take_slow(lines)
        elif code == -signal.SIGTERM:  # somebody ends this service, or that process: no fault of a bundle
            self._seen = None
        elif code == os.EX_OK:
            self._take(lines)
        else:
            self._take_failure(lines)

    def _take(self, lines: list[bytes]) -> None:
        told = _findings(lines)
        if told is None:
            return
        waiting = [each for each in self._usable if each[1] in self._slow.left_out]
        usable = {(number, digest) for number, digest in told["usable"]}
        self._usable = tuple(sorted(usable.union(waiting), reverse=True))
        self._slow.settle()
        refused = None if told["refused"] is None else Refused.model_validate(told["refused"])
        newest = self._usable[0][0] if self._usable else SHIPPED
        aside = [
            each
            for each in (*self._ledger.set_aside, *self._slow.refused)
            if each.stamp == self._stamp and each.number > newest
        ]
        self._refuse(refused or max(aside, key=lambda each: each.number, default=None))
        self._choose()

    def _take_failure(self, lines: list[bytes]) -> None:
        """A check that ended by itself: its bundle is not for this kiosk."""
        number, digest = (_findings(lines) or {}).get("examining", (SHIPPED, ""))
        if number != SHIPPED:
            self._set_aside(number, digest, CHECK_FAILED)
            log(Event.PACK_BUNDLE_REFUSED, bundle=number, packs_refusal=CHECK_FAILED)
            self._seen = None  # look at the others

    def _take_slow(self, lines: list[bytes]) -> None:
        """A check that took too long says nothing of its bundle. It is tried again; the others at once."""
        number, digest = (_findings(lines) or {}).get("examining", (SHIPPED, ""))
        slow = Refused(number=number, digest=digest, reason=CHECK_SLOW, stamp=self._stamp)
        self._slow.note(slow)
        if number > self.current:
            self._refuse(slow)
        if number != SHIPPED:
            self._seen = None

    def _set_aside(self, number: int, digest: str, reason: str) -> None:
        aside = Refused(number=number, digest=digest, reason=reason, stamp=self._stamp)
        others = [each for each in self._ledger.set_aside if each.digest != digest][-_MOST_ASIDE:]
        self._keep(set_aside=(*others, aside), refused=aside)
        self._usable = tuple(each for each in self._usable if each[1] != digest)

    def _refuse(self, refused: Refused | None) -> None:
        if refused == self._ledger.refused:
            return
        self._keep(refused=refused)
        if refused is not None and refused not in self._ledger.set_aside:
            log(Event.PACK_BUNDLE_REFUSED, bundle=refused.number, packs_refusal=refused.reason)

    def _choose(self) -> None:
        number = self.current
        digest = dict(self._usable).get(number, "")
        ledger = self._ledger
        if (number, digest, self._stamp) == (ledger.in_use, ledger.in_use_digest, ledger.stamp):
            return
        if number != ledger.in_use:
            log(Event.PACK_BUNDLE_SWITCHED, bundle=number)
        newest = number > ledger.highest
        self._keep(
            in_use=number,
            in_use_digest=digest,
            highest=number if newest else ledger.highest,
            highest_digest=digest if newest else ledger.highest_digest,
            failures=0,
            # Another release may fail where an earlier one did not.
            proven_up_to=ledger.proven_up_to if ledger.stamp == self._stamp else SHIPPED,
            stamp=self._stamp,
        )

    def _keep(self, **changed: object) -> None:
        """Remember, on the disk if it can be written, and for this life in any case."""
        self._ledger = self._ledger.model_copy(update=changed)
        with contextlib.suppress(OSError):
            self._paths.packs.mkdir(mode=0o755, parents=True, exist_ok=True)
            write_ledger(self._paths.packs, self._ledger)


def _findings(lines: Sequence[bytes]) -> dict[str, Any] | None:
    """The last line of a look; None if it said nothing that makes sense."""
    try:
        told = json.loads(lines[-1])
    except (IndexError, ValueError):
        return None
    return told if isinstance(told, dict) else None


def _identity(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
