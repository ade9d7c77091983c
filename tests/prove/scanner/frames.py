"""Frames from a simulated scanner through a pseudo-terminal, the adapter and the grammars into a visit."""

import resource
import threading
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

from config.settings import Scanner
from devices.scanner.adapter import ScannerService
from devices.scanner.codes import Code
from devices.scanner.debounce import Debounce
from devices.scanner.simulator import ScannerSimulator
from devices.supervisor import BackOff, Supervised
from flows.documents.reading import Unreadable
from flows.ports import Device, DeviceState
from tests.prove.scanner import payloads
from tests.prove.scanner.bursts import Burst, Setting, bursts
from tests.prove.scanner.campaign import Violation

_MOST_GROWTH_KB = 40_000
_SETTING = Setting()
_IN_ONE_GO = 40


class Everything(Debounce):
    """Hands on every code: what is drawn may come twice, and as fast as it can be sent."""

    def is_new(self, payload: bytes, now: float) -> bool:  # noqa: ARG002 - as declared
        return True


def run(count: int, seed: int, folder: Path, act: Callable[[bytes], bool], patience_s: float = 20.0) -> int:
    """At least `count` frames. Returns how many were delivered. Raises Violation.

    `act` gives a payload to a visit and says whether it did anything. A third of the frames is shown while
    nobody listens: none of them may come out.
    """
    random = Random(seed)  # noqa: S311 - a campaign is to be repeated
    rig = _Rig(folder, patience_s)
    try:
        return _run(rig, random, count, act)
    finally:
        rig.stop()


def _run(rig: "_Rig", random: Random, count: int, act: Callable[[bytes], bool]) -> int:
    pool = [one for one in bursts(_SETTING, random, 200) if _is_plain(one)]
    pool += [_junk(random) for _ in range(200)]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sent, expected = 0, list[bytes]()
    while sent < count:
        listened = random.random() < 0.67
        rig.listen(on=listened)
        chosen = random.choices(pool, k=_IN_ONE_GO)
        # One kind of code after the other: without identifiers a line would belong to the code before it.
        chosen.sort(key=lambda burst: bool(burst.expected and burst.expected[0].symbology))  # type: ignore[union-attr]
        rig.simulator.send(b"".join(burst.data for burst in chosen))
        got = [one.body for burst in chosen for one in burst.expected if isinstance(one, Code)]
        expected += got if listened else []
        sent += sum(len(burst.expected) for burst in chosen)
        rig.wait_until_read(sent)
        if rig.delivered != expected:
            raise Violation(f"after {sent} frames: {rig.delivered[-9:]} came of {expected[-9:]}")
        for body in got if listened else []:
            if isinstance(payloads.check(body), Unreadable) and act(body):
                raise Violation(f"{body!r} did something")
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory
    if grown > _MOST_GROWTH_KB:
        raise Violation(f"grown by {grown} kB over {sent} frames")
    return len(expected)


def _is_plain(burst: Burst) -> bool:
    """All of it whole codes of one line, all with or all without identifier: no pause has to be kept."""
    codes = [one for one in burst.expected if isinstance(one, Code)]
    kinds = {bool(one.symbology) for one in codes}
    one_line = not any(b"\n" in one.body for one in codes)
    return len(codes) == len(burst.expected) and len(kinds) == 1 and one_line and not burst.early


def _junk(random: Random) -> Burst:
    """What people hold before a scanner."""
    body = payloads.drawn(random)[:4000].translate(None, b"\r\n")
    body = b"=" + body if body[:1] in b"]PIACV" else body
    return Burst(body + b"\r", [Code("", body)]) if body else Burst()


class _Rig:
    def __init__(self, folder: Path, patience_s: float) -> None:
        self._patience_s = patience_s
        self.delivered: list[bytes] = []
        self._ready = threading.Event()
        self.simulator = ScannerSimulator(folder / "scanner")
        self.simulator.start()
        self.service = ScannerService(
            Device.SCANNER, Scanner(), str(folder / "scanner"), self._state, self._take, sys=folder
        )
        self.service._debounce = Everything()
        self._worker = Supervised(self.service, self._state, BackOff(0.05, 0.1))
        self._worker.start()
        if not self._ready.wait(patience_s):
            raise Violation("it is not ready")

    def listen(self, *, on: bool) -> None:
        if on:
            self.service.arm()
        else:
            self.service.disarm()

    def wait_until_read(self, frames: int) -> None:
        end = time.monotonic() + self._patience_s
        while int(self.service.facts()["frames"]) < frames:
            if time.monotonic() > end or not self._ready.is_set():
                raise Violation(f"{self.service.facts()} of {frames} frames")
            time.sleep(0.002)

    def stop(self) -> None:
        self._worker.stop()
        self.simulator.stop()

    def _state(self, _: Device, state: DeviceState) -> None:
        if state is DeviceState.READY:
            self._ready.set()
        else:
            self._ready.clear()

    def _take(self, _: Device, __: str, body: bytes) -> None:
        self.delivered.append(body)
