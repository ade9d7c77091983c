"""A stolen kiosk: every file and every key of it against a corpus of known answers: nothing is found."""

import base64
import os
import random
import select
import shutil
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import apsw
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from central.centre import Centre
from central.keys.keyring import Keyring
from config.settings import Centre as CentreSettings
from config.settings import Paths, Settings
from kiosk.post import envelope
from kiosk.post.outbox import Outbox
from kiosk.screens.keeper import Keeper
from tests.prove.scale import seed, size
from tests.prove.simulation.real_centre import rows
from tests.prove.stolen.corpus import Answers
from tests.prove.stolen.search import (
    Needles,
    opens_with_any_window,
    opens_with_private_keys,
    sealed_cases,
)
from tests.prove.stolen.visits import corpus, keep

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]  # `KIOSK_PROVE_SCALE` decides how long it is

VISITS = size(12, 400)
_COURIER = (
    "import sys; from config.settings import Settings; from kiosk.post import courier;"
    "sys.exit(courier.run(Settings.model_validate_json(sys.argv[1])))"
)


@dataclass(frozen=True)
class Kiosk:
    """A kiosk whose visitors said what the corpus says."""

    directory: Path
    settings: Settings
    centre: Path
    answers: list[Answers]
    courier: subprocess.Popen[bytes]
    killed_with_a_log: bool
    """The last process to be killed left a write-ahead log to be searched."""

    @property
    def outbox(self) -> Path:
        return self.settings.paths.outbox


@pytest.fixture(scope="module")
def kiosk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kiosk]:
    """Screens were killed in the middle of keeping; the courier knows a centre that is away."""
    base = tmp_path_factory.mktemp("stolen")
    directory, centre = base / "kiosk", base / "centre"
    office = Centre(centre)
    office.init("ADM", ("localhost",))
    office.enrol(7, directory / "keys", 90)
    settings = Settings(
        kiosk_number=7,
        centre=CentreSettings(url="https://localhost:9", deadline_s=2),
        paths=Paths(state=directory / "state", runtime=directory / "run", keys=directory / "keys"),
    )
    chance = random.Random(f"{seed()}/kills")  # noqa: S311 - a seed to replay
    said = corpus(seed(), VISITS)
    for kill_at in sorted(chance.sample(range(1, VISITS), 3)):
        _visited(directory, settings, kill_at, chance.uniform(0, 0.004))
    _visited(directory, settings, None, 0.0)
    log = settings.paths.outbox.with_name("outbox.db-wal")
    killed_with_a_log = log.exists() and log.stat().st_size > 0
    courier = _started(directory, ["-c", _COURIER, settings.model_dump_json()])
    yield Kiosk(directory, settings, centre, said, courier, killed_with_a_log)
    courier.kill()
    courier.communicate()


def _visited(directory: Path, settings: Settings, kill_at: int | None, after_s: float) -> None:
    """Visits from the first on; killed `after_s` into the keeping of number `kill_at`."""
    arguments = ["-m", "tests.prove.stolen.visits", settings.model_dump_json(), str(seed()), str(VISITS)]
    screen = _started(directory, arguments)
    assert screen.stdout is not None
    for line in screen.stdout:
        if kill_at is not None and line == f"keeping {kill_at}\n".encode():
            select.select([], [], [], after_s)
            break
        if line == f"kept {VISITS - 1}\n".encode():
            break
    screen.kill()
    screen.communicate()


def _started(directory: Path, arguments: list[str]) -> subprocess.Popen[bytes]:
    """A process of the kiosk: what it leaves in temporary files, at home or in a log is searched, too."""
    for name in ("tmp", "home"):
        (directory / name).mkdir(parents=True, exist_ok=True)
    surroundings = {**os.environ, "TMPDIR": str(directory / "tmp"), "HOME": str(directory / "home")}
    with (directory / "processes.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, *arguments],
            stdout=subprocess.PIPE,
            stderr=log,
            env=surroundings,
            cwd=Path(__file__).parents[3],
        )


@pytest.fixture(scope="module")
def needles(kiosk: Kiosk) -> Needles:
    return Needles(kiosk.answers)


def test_there_is_something_to_steal(kiosk: Kiosk) -> None:
    assert len(sealed_cases(kiosk.outbox)) == VISITS
    assert kiosk.killed_with_a_log


def test_no_file_holds_a_known_answer(kiosk: Kiosk, needles: Needles) -> None:
    assert needles.in_directory(kiosk.directory) == []


def test_no_key_of_the_kiosk_opens_a_case(kiosk: Kiosk) -> None:
    for loot in sealed_cases(kiosk.outbox)[: size(3, VISITS)]:
        assert opens_with_private_keys(loot, kiosk.directory) == []


def test_no_32_bytes_of_any_file_are_a_content_key(kiosk: Kiosk) -> None:
    assert opens_with_any_window(sealed_cases(kiosk.outbox)[0], kiosk.directory) == []


def test_the_courier_has_no_answer_in_its_memory(kiosk: Kiosk) -> None:
    memory = _memory(kiosk.courier.pid)
    assert b"outbox.db" in memory  # what is looked at is the courier's memory
    in_use = Needles(kiosk.answers[: size(2, VISITS)], {"utf-8", "utf-16-le", "json", "photo"})
    assert in_use.in_bytes(memory) == set()


def test_only_the_centre_opens_them_all(kiosk: Kiosk, needles: Needles) -> None:
    """The control: with the centre's key the same search finds every answer."""
    service = Centre(kiosk.centre).service()
    outbox = Outbox.open(kiosk.outbox, 64_000_000)
    assert isinstance(outbox, Outbox)
    after = 0
    while case := outbox.next_waiting(after):
        after = case.sequence
        for name in outbox.part_names(after):
            service.receive_part(7, case.case_id, name, outbox.part(after, name))
        assert service.receive_case(7, case.case_id, outbox.envelope(after)).created
    outbox.close()
    service.close()
    opened = _opened_by_the_centre(kiosk.centre)
    assert "utf-8" in needles.in_bytes(opened)
    assert "photo" in needles.in_bytes(opened)
    for answers in kiosk.answers:
        assert all(secret.encode() in opened for secret in (answers.name, answers.hkid, answers.story))
        assert answers.photo in opened


def _memory(process: int) -> bytes:
    """Everything a process may write to; skips where the kernel does not let us look."""
    maps = Path(f"/proc/{process}/maps").read_text().splitlines()
    found = []
    try:
        with Path(f"/proc/{process}/mem").open("rb", buffering=0) as memory:
            for line in maps:
                place, rights, *_ = line.split()
                if rights.startswith("rw") and "[v" not in line:
                    start, end = (int(part, 16) for part in place.split("-"))
                    memory.seek(start)
                    found.append(memory.read(end - start))
    except PermissionError:
        pytest.skip("the memory of another process is only root's to read here")
    return b"".join(found)


def _copied(kiosk: Kiosk, to: Path) -> Path:
    """The disk of the kiosk, to be spoilt."""
    stolen = to / "kiosk"
    shutil.copytree(kiosk.directory, stolen, ignore=shutil.ignore_patterns("*.sock"))
    return stolen


def _opened_by_the_centre(directory: Path) -> bytes:
    centre = Centre(directory)
    store, keyring = centre.store(), Keyring.load(directory)
    found = [repr(row.document).encode() + b"".join(row.attachments) for row in rows(store, keyring)]
    store.close()
    return b"".join(found)


# --- planted leaks ----------------------------------------------------------------------------------

Plant = Callable[[Path, Answers], None]


def _plaintext_column(directory: Path, answers: Answers) -> None:
    with apsw.Connection(str(directory / "state" / "outbox" / "outbox.db")) as db:
        db.execute("ALTER TABLE cases ADD COLUMN note TEXT")
        db.execute("UPDATE cases SET note = ?", (answers.name,))


def _debug_file(directory: Path, answers: Answers) -> None:
    (directory / "state" / "debug.json").write_text(repr(answers.document()))


def _photo_in_tmp(directory: Path, answers: Answers) -> None:
    (directory / "tmp" / "capture.jpg").write_bytes(answers.photo)


def _log_line(directory: Path, answers: Answers) -> None:
    with (directory / "processes.log").open("a") as log:
        log.write(f'{{"event": "case_kept", "telephone": "{answers.telephone}"}}\n')


def _only_base64(directory: Path, answers: Answers) -> None:
    (directory / "run" / "draft").write_bytes(base64.b64encode(b"x" + answers.story.encode()))


def _only_compressed(directory: Path, answers: Answers) -> None:
    (directory / "state" / "cache").write_bytes(b"\0\0\0" + zlib.compress(answers.story.encode()))


def _utf_16_in_a_dump(directory: Path, answers: Answers) -> None:
    (directory / "home" / "core").write_bytes(b"\xfe" * 99 + answers.hkid.encode("utf-16-le"))


def _escaped(directory: Path, answers: Answers) -> None:
    (directory / "state" / "case.json").write_text(answers.story.encode("unicode_escape").decode())


def _file_name(directory: Path, answers: Answers) -> None:
    (directory / "state" / answers.hkid).touch()


@pytest.mark.parametrize(
    "plant",
    [
        _plaintext_column,
        _debug_file,
        _photo_in_tmp,
        _log_line,
        _only_base64,
        _only_compressed,
        _utf_16_in_a_dump,
        _escaped,
        _file_name,
    ],
    ids=lambda plant: plant.__name__,
)
def test_a_planted_leak_is_found(kiosk: Kiosk, needles: Needles, tmp_path: Path, plant: Plant) -> None:
    stolen = _copied(kiosk, tmp_path)
    plant(stolen, kiosk.answers[1])
    assert needles.in_directory(stolen) != []


def test_a_centre_key_left_on_the_kiosk_is_found(kiosk: Kiosk, tmp_path: Path) -> None:
    stolen = _copied(kiosk, tmp_path)
    private = Keyring.load(kiosk.centre).material.sealing[0].private
    (stolen / "keys" / "backup.json").write_text(f'{{"key": "{private}"}}')
    assert opens_with_private_keys(sealed_cases(kiosk.outbox)[0], stolen) == ["backup.json"]


def test_a_content_key_left_on_the_kiosk_is_found(
    kiosk: Kiosk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[bytes] = []

    def remembering(key: bytearray) -> AESGCM:
        drawn.append(bytes(key))
        return AESGCM(key)

    monkeypatch.setattr(envelope, "AESGCM", remembering)
    stolen = _copied(kiosk, tmp_path)
    paths = Paths(state=stolen / "state", runtime=stolen / "run", keys=stolen / "keys")
    keeper = Keeper.open(kiosk.settings.model_copy(update={"paths": paths}), lambda _document: False)
    assert keep(keeper, kiosk.answers[0], seed() + 1, 0)
    (stolen / "state" / "session").write_bytes(b"123" + drawn[-1] + b"4")
    loot = sealed_cases(stolen / "state" / "outbox" / "outbox.db")[-1]
    assert opens_with_any_window(loot, stolen) == ["session"]
