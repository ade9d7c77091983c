"""The first release's centre and kiosk under today's code: what was queued arrives, and nothing is lost."""

import json
import os
import shutil
import socket
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from central.centre import Centre
from central.keys.authority import Authority
from central.keys.keyring import Keyring
from config.loader import load
from config.settings import Settings
from kiosk.development.parts import Part as Process
from kiosk.development.parts import centre_folder, prepare, programs, with_private_ports
from kiosk.development.processes import Endpoint
from kiosk.post.envelope import Part, Sealed, Slot
from kiosk.post.office import Office
from tests.central.conftest import Message, Sealing
from tests.central.test_keys_files import first_release as old_keyring
from tests.central.test_store_migrations import CASES as OLD_CASES
from tests.central.test_store_migrations import first_release as old_database
from tests.post.previous_release import outbox as previous

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(120)]

KIOSK = 1
PHOTO = b"\xff\xd8\xff" + bytes(70_000)
PATIENCE_S = 30.0


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    demo = load(profile="demo", environ={})
    paths = {"state": tmp_path / "state", "runtime": tmp_path / "run", "keys": tmp_path / "keys"}
    return with_private_ports(
        demo.model_copy(update={"paths": demo.paths.model_copy(update=paths), "kiosk_number": KIOSK})
    )


def centre_as_it_was(folder: Path) -> dict[str, Any]:
    """The files of a centre of the first release, which has received cases."""
    folder.mkdir()
    Authority.create(folder, ("localhost", "127.0.0.1"))
    old_database(folder / "centre.db")
    (folder / "centre.json").write_text('{"division": "ADM"}')
    return old_keyring(folder)


def kiosk_as_it_was(settings: Settings, keyring: dict[str, Any], case: Message) -> None:
    """The files of a kiosk of the first release, with `case` in its queue."""
    keys = settings.paths.keys
    keys.mkdir()
    for name in ("client.key", "client.pem", "centre-ca.pem"):
        (keys / name).write_text("as the first release wrote it")
    (keys / "keyset.json").write_text(json.dumps({"version": keyring["version"]}))
    (keys / "reference.key").write_bytes(bytes(range(32)))
    outbox = previous.Outbox.open(settings.paths.outbox, 64_000_000, time.time)
    assert isinstance(outbox, previous.Outbox)
    parts = tuple(Part(name, part) for name, part in zip(case.names, case.parts, strict=True))
    assert isinstance(outbox.keep(case.case_id, lambda _slot: Sealed(case.body, parts)), Slot)
    outbox.close()


@contextmanager
def at_work(settings: Settings) -> Iterator[None]:
    """The centre and the courier of today, as processes."""
    with ExitStack() as held:
        for program in programs(settings, (Process.CENTRE, Process.COURIER)):
            environment = {**os.environ, **program.environment}
            process = held.enter_context(
                subprocess.Popen(
                    program.command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
                )
            )
            held.callback(process.terminate)
            for endpoint in program.answers_at:
                until(lambda: answers(endpoint))  # noqa: B023 - called at once
        yield


def answers(endpoint: Endpoint) -> bool:
    with socket.socket(socket.AF_INET if isinstance(endpoint, int) else socket.AF_UNIX) as probe:
        return probe.connect_ex(("127.0.0.1", endpoint) if isinstance(endpoint, int) else str(endpoint)) == 0


def until(condition: Callable[[], Any]) -> Any:
    """What `condition` gives once that is something; other processes cannot be awaited otherwise."""
    end = time.monotonic() + PATIENCE_S
    while not (found := condition()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)
    return found


def test_what_the_first_release_had_queued_arrives(settings: Settings, tmp_path: Path) -> None:
    centre = centre_folder(settings)
    keyring = centre_as_it_was(centre)
    shutil.copytree(centre, tmp_path / "copy")
    sealing = Sealing(Keyring.load(tmp_path / "copy"))
    document = {"reference": "000100000001", "text": "of the first release"}
    case = sealing.seal_version_1(json.dumps(document).encode(), (PHOTO,), kiosk=KIOSK)
    kiosk_as_it_was(settings, keyring, case)

    prepare(settings, lambda _name, _line: None)
    with at_work(settings), closing(Office.open(settings)) as office:
        number = until(lambda: office.official_number(case.case_id))
        newer = office.keep(uuid.uuid4(), lambda _slot: b"{}")
        assert isinstance(newer, Slot)
        assert newer.sequence == 2, "the chain goes on"
    with closing(Centre(centre).archive()) as archive:
        assert len(list(archive.cases())) in (OLD_CASES + 1, OLD_CASES + 2)
        found = archive.find(str(case.case_id))
        assert found is not None
        assert found.official_number == number
        assert archive.document(case.case_id) == document
        assert archive.attachments(case.case_id) == [PHOTO]
    assert (settings.paths.keys / "reference.key").read_bytes() == bytes(range(32))
