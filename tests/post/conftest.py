"""A real centre with mutual TLS on loopback, kiosks enrolled with it, and couriers as real processes."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
import uvicorn

from central.archive import Archive
from central.centre import Centre
from central.server import KioskProtocol, Listener, bind, tls
from central.serving import joined
from central.store import parts
from config.settings import Centre as CentreSettings
from config.settings import Paths, Settings
from kiosk.post.courier_client import CourierClient, CourierStatus, Receipted
from kiosk.post.envelope import Slot
from kiosk.post.office import Office

CANARY = "CANARY-陳大文-A1234563"
PHOTO = b"\xff\xd8\xff" + CANARY.encode() * 200


def _wait_for(condition: Callable[[], object], seconds: float = 60.0) -> None:
    """Return when `condition` holds; fail when it does not within `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.005)


class RunningCentre:
    """A centre whose gateway can be started and stopped at one address."""

    def __init__(self, directory: Path, port: int) -> None:
        self.directory = directory
        self.port = port
        self.centre = Centre(directory)
        self.centre.init("ADM", ("localhost", "127.0.0.1"))
        self._store = self.centre.store()
        self.archive = Archive(self._store, self.centre.keyring())
        self._rooms = joined(self.centre)
        self._app = self._rooms.__enter__().gateway
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    def start(self) -> None:
        socket_ = bind("127.0.0.1", self.port)
        context = tls(self.directory, for_kiosks=True)
        listener = Listener("gateway", self._app, socket_, KioskProtocol, context)
        self._server = server = uvicorn.Server(listener.configuration())
        self._thread = threading.Thread(target=server.run, kwargs={"sockets": [socket_]})
        self._thread.start()
        _wait_for(lambda: server.started)

    def stop(self) -> None:
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join()
            self._server = None

    def close(self) -> None:
        self.stop()
        self._rooms.__exit__(None, None, None)
        self._store.close()

    def part_names(self, kiosk: int, case_id: UUID) -> set[bytes]:
        with self._store.reading() as db:
            return parts.names(db, kiosk, case_id)

    def case_ids(self) -> list[UUID]:
        return [case.case_id for case in self.archive.cases()]


@dataclass
class Kiosk:
    """One kiosk: its settings, its office, its courier process."""

    settings: Settings
    office: Office
    courier: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self.settings.paths.keys.parent / "courier.log"

    def events(self) -> list[str]:
        """What the courier has logged."""
        return [json.loads(line)["event"] for line in self.log.read_text().splitlines()]

    def keep(self, text: str = CANARY, photos: int = 0) -> UUID:
        """Keep a case that says `text`; return its id."""
        case_id = uuid.uuid4()

        def document_for(slot: Slot) -> bytes:
            reference = f"{self.settings.kiosk_number:04d}{slot.sequence:08d}"
            return json.dumps({"reference": reference, "text": text}, ensure_ascii=False).encode()

        kept = self.office.keep(case_id, document_for, [PHOTO + bytes([n]) for n in range(photos)])
        assert isinstance(kept, Slot)
        return case_id

    def start_courier(self) -> None:
        code = (
            "import sys; from config.settings import Settings; from kiosk.post import courier;"
            "sys.exit(courier.run(Settings.model_validate_json(sys.argv[1])))"
        )
        with self.log.open("a") as log:
            self.courier = subprocess.Popen(
                [sys.executable, "-c", code, self.settings.model_dump_json()], stderr=log
            )

    def end_courier(self, number: int = signal.SIGTERM) -> int:
        """Signal the courier; return its exit status."""
        assert self.courier is not None
        os.kill(self.courier.pid, number)
        status = self.courier.wait()
        self.courier = None
        return status

    def waiting(self) -> int:
        status = self.office.status()
        assert status is not None
        return status.queued + status.quarantined

    def state_bytes(self) -> bytes:
        """Everything in the kiosk's state and key files."""
        folders = (self.settings.paths.state, self.settings.paths.keys)
        files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
        # In another process: closing a file of SQLite here would drop the locks our own outbox has on it.
        # Not checked: a log may vanish meanwhile, and then holds nothing.
        return subprocess.run(["cat", "--", *files], check=False, capture_output=True).stdout

    def close(self) -> None:
        self.office.close()
        if self.courier is not None:
            self.end_courier(signal.SIGKILL)


class Screen:
    """The screen's end of the courier's socket: collects what is delivered."""

    def __init__(self, path: Path) -> None:
        self.said: list[CourierStatus | Receipted] = []
        self.client = CourierClient(path, self.said.append)

    def number_of(self, case_id: UUID) -> str | None:
        numbers = [
            said.official_number
            for said in list(self.said)
            if isinstance(said, Receipted) and said.case_id == case_id
        ]
        return numbers[0] if numbers else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[RunningCentre]:
    """A centre, not started yet."""
    running = RunningCentre(tmp_path / "centre", _free_port())
    yield running
    running.close()


@pytest.fixture
def new_kiosk(tmp_path: Path, centre: RunningCentre) -> Iterator[Callable[..., Kiosk]]:
    """Enrols kiosks with the centre."""
    kiosks: list[Kiosk] = []

    def make(number: int = 7, quota_mb: int = 64) -> Kiosk:
        base = tmp_path / f"kiosk{number}"
        keys = base / "keys"
        centre.centre.enrol(number, keys, days=90)
        settings = Settings(
            kiosk_number=number,
            centre=CentreSettings(url=centre.url, deadline_s=5),
            paths=Paths(state=base / "state", runtime=base / "run", keys=keys),
        )
        settings = settings.model_copy(
            update={"post": settings.post.model_copy(update={"quota_mb": quota_mb})}
        )
        kiosks.append(Kiosk(settings, Office.open(settings)))
        return kiosks[-1]

    yield make
    for kiosk in kiosks:
        kiosk.close()


@pytest.fixture
def new_screen() -> Iterator[Callable[[Kiosk], Screen]]:
    """Opens clients of a kiosk's courier."""
    screens: list[Screen] = []

    def make(kiosk: Kiosk) -> Screen:
        screens.append(Screen(kiosk.settings.paths.courier_socket))
        return screens[-1]

    yield make
    for screen in screens:
        screen.client.close()


@pytest.fixture
def wait_for() -> Callable[..., None]:
    """Waits until a condition holds."""
    return _wait_for
