"""A drain keeps its memory flat: thousands of small cases, and one as large as a case can be."""

import gc
import hashlib
import json
import queue
import resource
import socket
import threading
import tracemalloc
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import pytest

from central.centre import Centre
from central.gateway import receipts
from central.keys.keyring import Keyring
from central.server import tls
from kiosk.post.central import Central
from kiosk.post.envelope import Part, Sealed, Slot
from kiosk.post.outbox import Outbox
from kiosk.post.rounds import Hearers, Rounds
from tests.prove.scale import size

PART = 262_144 + 16
LARGEST = 60_000_000
PAGE_BYTES = resource.getpagesize()


class TinyCentre:
    """Takes parts and cases over TLS and forgets them; signs every receipt. One connection at a time."""

    def __init__(self, directory: Path) -> None:
        self._keyring = Keyring.load(directory)
        self._context = tls(directory, for_kiosks=True)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://localhost:{self._listener.getsockname()[1]}"
        self.cases = 0
        self.bytes = 0
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _run(self) -> None:
        while True:
            try:
                raw, _ = self._listener.accept()
            except OSError:
                return
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with (
                suppress(OSError),
                self._context.wrap_socket(raw, server_side=True) as connection,
                connection.makefile("rwb") as stream,
            ):
                while line := stream.readline():
                    stream.write(self._answer(*line.decode().split()[:2], stream))
                    stream.flush()

    def _answer(self, method: str, path: str, stream: object) -> bytes:
        length = 0
        while header := stream.readline().strip().lower():  # type: ignore[attr-defined]  # a binary file
            if header.startswith(b"content-length:"):
                length = int(header.partition(b":")[2])
        body = stream.read(length)  # type: ignore[attr-defined]  # the same
        self.bytes += length
        if path == "/v1/heartbeat":
            return _json({"alive": True, "key_set_version": 1})
        if path.endswith("/parts"):
            return _json({"present": []})
        if "/parts/" in path:
            return b"HTTP/1.1 204 No Content\r\n\r\n"
        assert method == "PUT"
        self.cases += 1
        claims = {
            "case": path.rpartition("/")[2],
            "envelope": hashlib.sha256(body).hexdigest(),
            "official_number": f"ADM RN {self.cases}",
        }
        return _json({"receipt": receipts.sign(self._keyring, claims)})


def _json(value: object) -> bytes:
    body = json.dumps(value).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Kiosk:
    """An outbox and the rounds that empty it, without a pace."""

    def __init__(self, base: Path, centre: TinyCentre, keys: Path) -> None:
        outbox = Outbox.open(base / "outbox.db", 128_000_000)
        assert isinstance(outbox, Outbox)
        self.outbox = outbox
        self.central = Central(centre.url, keys, 7, 30)
        wanted: queue.SimpleQueue[UUID] = queue.SimpleQueue()
        hearers = Hearers(
            lambda _case, _number: None, lambda _now: None, lambda _event, **_f: None, lambda: None
        )
        self.rounds = Rounds(outbox, self.central, wanted, hearers, lambda: 0.0, lambda low, _high: low)

    def keep(self, parts: tuple[Part, ...] = ()) -> None:
        envelope = json.dumps({"v": 2, "case": str(uuid.uuid4()), "sealed": "A" * 5000}).encode()
        assert isinstance(self.outbox.keep(uuid.uuid4(), lambda _slot: Sealed(envelope, parts)), Slot)

    def close(self) -> None:
        self.central.close()
        self.outbox.close()


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[TinyCentre]:
    Centre(tmp_path / "centre").init("ADM", ("localhost",))
    centre = TinyCentre(tmp_path / "centre")
    yield centre
    centre.close()


@pytest.fixture
def kiosk(tmp_path: Path, centre: TinyCentre) -> Iterator[Kiosk]:
    Centre(tmp_path / "centre").enrol(7, tmp_path / "keys", days=90)
    kiosk = Kiosk(tmp_path, centre, tmp_path / "keys")
    yield kiosk
    kiosk.close()


def resident() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_BYTES


def test_many_small_cases_take_no_more_memory_than_few(centre: TinyCentre, kiosk: Kiosk) -> None:
    many = size(short=600, full=10_000)
    warm = many // 4
    for _ in range(warm):
        kiosk.keep()
    kiosk.rounds.round()
    before = resident()
    for _ in range(many - warm):
        kiosk.keep()
    kiosk.rounds.round()
    assert centre.cases == many
    grown = resident() - before
    assert grown < 3_000_000, f"{grown / (many - warm):.0f} bytes for each case"


def test_the_largest_case_is_in_memory_one_part_at_a_time(centre: TinyCentre, kiosk: Kiosk) -> None:
    count = -(-LARGEST // PART)
    sealed = [number.to_bytes(4, "big") * (PART // 4) for number in range(count)]
    kiosk.keep(tuple(Part(hashlib.sha256(data).hexdigest(), data) for data in sealed))
    sealed.clear()
    tracemalloc.start()
    try:
        kiosk.rounds.round()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert centre.cases == 1
    assert centre.bytes > LARGEST
    assert peak < 8 * PART, f"{peak} bytes"
    assert kiosk.outbox.status().queued == 0
