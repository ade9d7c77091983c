"""`kiosk run`: all processes of a kiosk on one machine, with simulated devices and the reference centre.

`World` keeps the same processes in a folder of their own, for `kiosk visit` and end-to-end tests.
"""

import asyncio
import fcntl
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Self

from config.settings import Settings
from kiosk.development import display
from kiosk.development.parts import (
    CannotStartError,
    Part,
    dock,
    enrol_at_door,
    free_port,
    prepare,
    programs,
    with_free_ports,
    with_private_ports,
)
from kiosk.development.processes import Program, Supervisor, Tell

DOCK_WIDTH = 620
"""Pixels of a virtual display that the levers of the developer need beside the kiosk."""

COLOURS = (36, 35, 34, 33, 32, 31)


def run(settings: Settings) -> int:
    """Keep a whole kiosk running until Ctrl-C. Returns the exit code of the command."""
    tell = _teller()
    try:
        with _only_one(settings.paths.state), _only_one(settings.paths.runtime):
            settings = with_free_ports(settings)
            prepare(settings, tell, enrol_at_door)
            asyncio.run(_supervise(settings, tell))
    except CannotStartError as reason:
        tell("kiosk", str(reason))
        return 1
    return 0


async def _supervise(settings: Settings, tell: Tell) -> None:
    supervisor = Supervisor(_with_display(settings, tell), settings.paths.runtime, tell)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, supervisor.stop)
    greeting = asyncio.create_task(_greet(supervisor, tell))
    await supervisor.run()
    greeting.cancel()
    tell("kiosk", "everything has ended")


async def _greet(supervisor: Supervisor, tell: Tell) -> None:
    await supervisor.until_ready()
    tell("kiosk", "ready; Ctrl-C ends everything")


def _with_display(settings: Settings, tell: Tell) -> list[Program]:
    chosen = [*programs(settings, tuple(Part)), dock(settings)]
    if not display.needed():
        return chosen
    virtual = display.virtual_display(settings.display, free_port(5900), DOCK_WIDTH)
    tell("kiosk", "no display here: running on a virtual one")
    tell("kiosk", f"look at it, and touch it, with any VNC viewer at {virtual.viewer} (this machine only)")
    shown = [
        replace(
            program,
            environment={**program.environment, **virtual.environment},
            needs=(*program.needs, "display"),
        )
        if program.name in {Part.SCREEN, "dock"}
        else program
        for program in chosen
    ]
    return [*virtual.programs, *shown]


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Keep `folder` to this supervisor. Raises CannotStartError while another one has it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as busy:
            raise CannotStartError(f"another `kiosk run` uses {folder}; end it first") from busy
        yield


def _teller() -> Tell:
    """Write lines to stderr, each behind the name of its process; in colour on a terminal."""
    coloured = sys.stderr.isatty()
    seen: dict[str, int] = {}

    def tell(name: str, line: str) -> None:
        colour = seen.setdefault(name, COLOURS[len(seen) % len(COLOURS)])
        label = f"{name:>10} │ "
        sys.stderr.write(f"\033[{colour}m{label}\033[0m{line}\n" if coloured else f"{label}{line}\n")

    return tell


class World:
    """A kiosk in a folder of its own: the chosen processes, kept alive until `stop`.

    `settings` are the given ones with private paths and free ports. `folder` holds every file, its `log` what
    each process said. As a context manager it starts, waits until all are ready, and leaves nothing behind.
    """

    def __init__(
        self, settings: Settings, parts: Collection[Part], screen_options: Sequence[str] = ()
    ) -> None:
        self._temporary = tempfile.TemporaryDirectory(prefix="kiosk-")
        self.folder = Path(self._temporary.name)
        self.settings = with_private_ports(_within(settings, self.folder))
        self._log = self.folder / "log"
        self._supervisor = Supervisor(
            programs(self.settings, parts, screen_options), self.folder, self._write
        )
        self._loop = asyncio.new_event_loop()
        # One thread starts all processes and outlives them: PR_SET_PDEATHSIG is about the thread that forked.
        self._thread = threading.Thread(target=self._keep, name="world")

    def start(self) -> None:
        """Make folders and keys and start the processes. Raises CannotStartError."""
        self._log.mkdir()
        prepare(self.settings, self._write)
        self._thread.start()

    def wait_ready(self, timeout_s: float = 60.0) -> None:
        """Return once every process is ready. Raises CannotStartError with what the others said last."""
        waiting = asyncio.wait_for(self._supervisor.until_ready(), timeout_s)
        try:
            asyncio.run_coroutine_threadsafe(waiting, self._loop).result()
        except TimeoutError as late:
            missing = self._supervisor.waiting_for()
            raise CannotStartError(
                "\n".join(f"{name} is not ready:\n{self._tail(name)}" for name in missing)
            ) from late

    def process_id(self, part: Part) -> int | None:
        """Process number of a part; None while it is down."""
        return self._supervisor.process_id(part)

    def kill(self, part: Part, number: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to one process; once ended, it is started again. ProcessLookupError while down."""

        self._call(lambda: self._supervisor.send_signal(part, number))

    def hold(self, part: Part) -> None:
        """End a part and leave it down until `release`."""
        self._call(lambda: self._supervisor.hold(part))

    def release(self, part: Part) -> None:
        """Start again what was held."""
        self._call(lambda: self._supervisor.release(part))

    def stop(self) -> None:
        """End all processes and remove the folder."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._supervisor.stop)
            self._thread.join()
        self._loop.close()
        self._temporary.cleanup()

    def __enter__(self) -> Self:
        try:
            self.start()
            self.wait_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *ending: object) -> None:
        self.stop()

    def _call(self, act: Callable[[], None]) -> None:
        async def call() -> None:
            act()

        asyncio.run_coroutine_threadsafe(call(), self._loop).result()

    def _keep(self) -> None:
        self._loop.run_until_complete(self._supervisor.run())

    def _write(self, name: str, line: str) -> None:
        with (self._log / f"{name}.log").open("a", encoding="utf-8") as log:
            log.write(line + "\n")

    def _tail(self, name: str) -> str:
        log = self._log / f"{name}.log"
        return log.read_text(encoding="utf-8")[-2000:] if log.exists() else "(it said nothing)"


def _within(settings: Settings, folder: Path) -> Settings:
    paths = {name: folder / name for name in ("state", "runtime", "keys")}
    return settings.model_copy(update={"paths": settings.paths.model_copy(update=paths)})
