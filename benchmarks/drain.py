"""P8: a kiosk with 10,000 waiting reports finds its centre again, beside a bare loop on the same server."""

import contextlib
import json
import queue
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import httpx

from benchmarks.figures import Figure, Limit, NothingMeasuredError, Of, Peer, Samples
from benchmarks.workplace import Workplace, wait_until
from config.settings import Centre as CentreSettings
from config.settings import Paths, Post, Settings
from kiosk.post.central import Central
from kiosk.post.envelope import Slot
from kiosk.post.identity import client_tls
from kiosk.post.office import Office
from kiosk.post.outbox import Outbox, OutboxProblem
from kiosk.post.rounds import Hearers, Rounds

REPORTS = 10_000
_STRETCH = 500
"""Reports of one sample."""

_QUOTA_MB = 1000
_KIOSK, _OTHER_KIOSK = 1, 2
_PAGE_MB = 4096 / 2**20


def measure(workplace: Workplace) -> Iterator[Figure]:
    """Reports a second, and how the memory of the draining process grows meanwhile."""
    folder = workplace.folder / "drain"
    with _centre(folder / "centre") as url:
        ours, theirs = (settings_of(folder, url, number) for number in (_KIOSK, _OTHER_KIOSK))
        fill(ours, REPORTS)
        bodies = fill(theirs, REPORTS)
        # The bare loop goes half before and half after: what the machine and the server become is shared.
        half = len(bodies) // 2
        before = _bare_loop(theirs, url, bodies[:half])
        moments, memory = _drain(ours)
        after = _bare_loop(theirs, url, bodies[half:])
    peer = Peer(f"bare httpx loop, the same {len(bodies)} reports", _rates([before, after]))
    yield Figure(
        f"drain of {REPORTS} reports", "a second", _rates([moments]), peer, Limit(Of.RATIO, 0.7, least=True)
    )
    grown = max(0.0, memory[-1] - memory[len(memory) // 10])
    yield Figure(
        "the same: memory grown after the first tenth", "MB", Samples((grown,)), None, Limit(Of.MEDIAN, 2.0)
    )


def _rates(runs: list[list[float]]) -> Samples:
    """Reports a second of each whole stretch."""
    return Samples.of(
        (
            _STRETCH / (run[last] - run[last - _STRETCH])
            for run in runs
            for last in range(_STRETCH, len(run), _STRETCH)
        ),
        "drain",
    )


@contextlib.contextmanager
def _centre(directory: Path) -> Iterator[str]:
    """The reference centre in a process of its own; gives its address."""
    program = str(Path(sys.executable).with_name("report-centre"))
    subprocess.run([program, "init", str(directory)], check=True, stdout=subprocess.DEVNULL)
    for number in (_KIOSK, _OTHER_KIOSK):
        keys = directory.parent / f"keys{number}"
        command = [program, "enrol", str(number), "--centre", str(directory), "--out", str(keys)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    port = _free_port()
    serving = subprocess.Popen(
        [program, "serve", str(directory), "--port", str(port), "--inbox-port", "0", "--public-port", "0",
         "--ops-port", "0"],
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_until(lambda: _listens(port), "the centre", 30)
        yield f"https://localhost:{port}"
    finally:
        serving.terminate()
        serving.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def settings_of(folder: Path, url: str, number: int) -> Settings:
    return Settings(
        kiosk_number=number,
        centre=CentreSettings(url=url),
        post=Post(quota_mb=_QUOTA_MB),
        paths=Paths(state=folder / f"state{number}", runtime=folder / "run", keys=folder / f"keys{number}"),
    )


@dataclass(frozen=True, slots=True)
class Report:
    case_id: UUID
    body: bytes


def fill(settings: Settings, count: int) -> list[Report]:
    """Keep reports of the usual size; give them back as they will be sent."""
    office, case_ids = Office.open(settings), [uuid4() for _ in range(count)]
    answers = {f"question {number}": "An answer as long as most are." for number in range(40)}

    def document_for(slot: Slot) -> bytes:
        reference = f"{settings.kiosk_number:04d}{slot.sequence:08d}"
        return json.dumps({"reference": reference, **answers}).encode()

    for case_id in case_ids:
        if not isinstance(office.keep(case_id, document_for), Slot):
            raise NothingMeasuredError("a report was not kept")
    office.close()
    with contextlib.closing(_opened(settings)) as outbox:
        return [Report(case_id, outbox.envelope(place)) for place, case_id in enumerate(case_ids, 1)]


def _opened(settings: Settings) -> Outbox:
    outbox = Outbox.open(settings.paths.outbox, settings.post.quota_mb * 1_000_000)
    if isinstance(outbox, OutboxProblem):
        raise NothingMeasuredError(f"{outbox.path}: {outbox.fault}")
    return outbox


def _bare_loop(settings: Settings, url: str, reports: list[Report]) -> list[float]:
    """What a client without a promise would do: put, look at the status, go on. Gives moments in seconds."""
    moments = [time.monotonic()]
    with httpx.Client(base_url=url, verify=client_tls(settings.paths.keys)) as client:
        for report in reports:
            reply = client.put(
                f"/v1/cases/{report.case_id}",
                content=report.body,
                headers={"Content-Type": "application/json"},
            )
            if reply.status_code != httpx.codes.CREATED:
                raise NothingMeasuredError(f"the centre answered {reply.status_code}")
            moments.append(time.monotonic())
    return moments


def _drain(settings: Settings) -> tuple[list[float], list[float]]:
    """What the courier does: read, put, verify the receipt, erase. Gives moments, and resident MB at each."""
    moments, memory = [time.monotonic()], [_resident_mb()]

    def receipted(_case_id: UUID, _official_number: str) -> None:
        moments.append(time.monotonic())
        memory.append(_resident_mb())

    def nothing(*_values: object, **_fields: object) -> None:
        return

    hearers = Hearers(receipted=receipted, reachable=nothing, log=nothing, progress=nothing)
    with contextlib.closing(_opened(settings)) as outbox:
        central = Central(settings.centre.url, settings.paths.keys, settings.kiosk_number, 30.0)
        rounds = Rounds(outbox, central, queue.SimpleQueue(), hearers, time.monotonic, _least)
        while outbox.status().queued:
            time.sleep(min(rounds.round(), 60.0))
        central.close()
    return moments, memory


def _least(least: float, _most: float) -> float:
    """Chance at its least: the spread of kiosks that start together is no part of the measure."""
    return least


def _resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE_MB
