"""`kiosk run` and the World as a whole: real processes, started, killed, hung and ended."""

import os
import re
import signal
import subprocess
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.loader import load
from kiosk.development import parts
from kiosk.development.parts import Part
from kiosk.development.supervise import World

pytestmark = pytest.mark.e2e

KIOSK = str(Path(sysconfig.get_path("scripts")) / "kiosk")
RIME = Path(__file__).parents[2] / "build" / "rime"
PATIENCE_S = 60.0
LOOPBACK = {"0100007F", "00000000000000000000000001000000"}
LISTENS = "0A"


def until(what: Callable[[], bool], within_s: float) -> bool:
    """Poll what has no event of its own: processes of others, sockets of the kernel."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if what():
            return True
        time.sleep(0.05)
    return what()


def living(folder: Path) -> list[str]:
    """Commands of all processes that were given settings of `folder`, zombies excepted."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            mine = str(folder).encode() in (process / "environ").read_bytes()
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if mine and command:
            found.append(command)
    return found


@contextmanager
def kiosk_run(folder: Path, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """`kiosk run` with all its files in `folder`."""
    places = {f"KIOSK__PATHS__{name}": str(folder / name.lower()) for name in ("STATE", "RUNTIME", "KEYS")}
    inherited = {
        k: v for k, v in os.environ.items() if k not in {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
    }
    process = subprocess.Popen(
        (KIOSK, "run"),
        env={**inherited, **places, "KIOSK__PATHS__RIME": str(RIME), **environment},
        cwd=folder,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def said_until(process: subprocess.Popen[str], piece: str) -> list[str]:
    assert process.stderr is not None
    lines = []
    for line in process.stderr:
        lines.append(line)
        if piece in line:
            return lines
    pytest.fail("it ended before it said that:\n" + "".join(lines))


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose name leaves room for those of sockets, however long pytest's own is."""
    with tempfile.TemporaryDirectory(prefix="kiosk-") as path:
        yield Path(path)


def test_ctrl_c_ends_everything_cleanly(folder: Path) -> None:
    with kiosk_run(folder, QT_QPA_PLATFORM="offscreen") as kiosk:
        said_until(kiosk, "ready")
        assert len(living(folder)) > len(Part)
        began = time.monotonic()
        kiosk.send_signal(signal.SIGINT)
        said = said_until(kiosk, "everything has ended")
        assert kiosk.wait(PATIENCE_S) == 0
        assert time.monotonic() - began < 6
        assert not any("Traceback" in line for line in said)
    assert living(folder) == []


def test_nothing_outlives_a_killed_supervisor(folder: Path) -> None:
    with kiosk_run(folder, QT_QPA_PLATFORM="offscreen") as kiosk:
        said_until(kiosk, "ready")
        kiosk.kill()
        kiosk.wait(PATIENCE_S)
        until(lambda: not living(folder), 10)
        assert living(folder) == []


def test_two_kiosks_do_not_share_a_folder(folder: Path) -> None:
    with kiosk_run(folder, QT_QPA_PLATFORM="offscreen") as first:
        said_until(first, "ready")
        for own in ("NOTHING", "STATE", "RUNTIME"):
            elsewhere = {} if own == "NOTHING" else {f"KIOSK__PATHS__{own}": str(folder / "elsewhere")}
            with kiosk_run(folder, QT_QPA_PLATFORM="offscreen", **elsewhere) as second:
                said_until(second, "another `kiosk run`")
                assert second.wait(PATIENCE_S) == 1
        assert first.poll() is None


def test_a_folder_too_long_for_sockets_is_refused_with_the_remedy(folder: Path) -> None:
    long = folder / ("long" * 20)
    with kiosk_run(folder, QT_QPA_PLATFORM="offscreen", KIOSK__PATHS__RUNTIME=str(long)) as kiosk:
        said_until(kiosk, "set paths.runtime to a folder of at most")
        assert kiosk.wait(PATIENCE_S) == 1


def listeners(port: int) -> set[str]:
    """Local addresses, as the kernel writes them, on which somebody listens at `port`."""
    rows = [
        line.split()
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{table}").read_text(encoding="ascii").splitlines()[1:]
    ]
    return {
        row[1].split(":")[0] for row in rows if row[3] == LISTENS and int(row[1].split(":")[1], 16) == port
    }


def test_without_a_display_it_runs_on_a_virtual_one_seen_over_loopback_only(folder: Path) -> None:
    with kiosk_run(folder) as kiosk:
        said = "".join(said_until(kiosk, "ready"))
        assert "no display here" in said
        viewer = re.search(r"VNC viewer at 127\.0\.0\.1:(\d+)", said)
        assert viewer
        assert listeners(int(viewer[1])) <= LOOPBACK
        assert "0100007F" in listeners(int(viewer[1]))
        (server,) = [command for command in living(folder) if command.startswith("Xvfb")] or [""]
        assert "-nolisten tcp" in server
        number = re.search(r":(\d+)", server)
        assert number
        assert listeners(6000 + int(number[1])) == set()
        kiosk.send_signal(signal.SIGTERM)
        assert kiosk.wait(PATIENCE_S) == 0


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    loaded = load(profile="demo", environ={})
    paths = loaded.paths.model_copy(update={"rime": RIME})
    patch = pytest.MonkeyPatch()
    patch.setenv("QT_QPA_PLATFORM", "offscreen")
    patch.setattr(parts, "WATCHDOG_S", 4.0)
    with World(loaded.model_copy(update={"paths": paths}), tuple(Part)) as started:
        yield started
    patch.undo()


def test_a_world_uses_nobody_elses_ports_and_folders(world: World) -> None:
    assert world.settings.devices.printer.port != load(profile="demo", environ={}).devices.printer.port
    paths = world.settings.paths
    assert all(path.is_relative_to(world.folder) for path in (paths.state, paths.runtime, paths.keys))


@pytest.mark.parametrize("part", list(Part))
def test_a_killed_part_comes_back_and_disturbs_no_other(world: World, part: Part) -> None:
    before = {one: world.process_id(one) for one in Part}
    began = time.monotonic()
    world.kill(part)
    world.wait_ready(PATIENCE_S)
    # The promise is 5 s; benchmarks/killed_screen.py measures it. Here, the tests share the machine.
    assert time.monotonic() - began < 15
    after = {one: world.process_id(one) for one in Part}
    assert {one for one in Part if after[one] != before[one]} == {part}


@pytest.mark.parametrize("part", [Part.DEVICES, Part.COURIER, Part.SCREEN])
def test_a_part_that_hangs_is_noticed_and_replaced(world: World, part: Part) -> None:
    hung = world.process_id(part)
    world.kill(part, signal.SIGSTOP)
    assert until(lambda: world.process_id(part) not in {hung, None}, 25)
    world.wait_ready(PATIENCE_S)


def test_a_world_leaves_nothing_behind() -> None:
    with World(load(profile="demo", environ={}), [Part.SIMULATORS]) as brief:
        folder = brief.folder
        assert living(folder)
    assert not folder.exists()
    assert living(folder) == []


def test_a_world_that_cannot_start_says_what_was_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "nonsense")
    broken = World(load(profile="demo", environ={}), [Part.SCREEN])
    try:
        broken.start()
        with pytest.raises(parts.CannotStartError, match="screen is not ready"):
            broken.wait_ready(3)
    finally:
        broken.stop()
