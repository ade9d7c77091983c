"""Keeps child processes alive: start, wait until ready, notice hangs, start again, end them all.

In development this plays the part systemd plays in production, by the same contract (sd_notify(3)), so that
"ready" and "hangs" mean the same in both. Nothing here knows what the processes do.
"""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Endpoint = Path | int
"""Where a process answers: a Unix socket, or a TCP port on loopback."""

Tell = Callable[[str, str], None]
"""Takes the name of a process and one line about it or from it."""

LONGEST_LINE = 64 * 1024
POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class Program:
    """A process to keep. It is ready when all `answers_at` accept and, if it `notifies`, it said READY=1."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    answers_at: tuple[Endpoint, ...] = ()
    notifies: bool = False
    watchdog_s: float | None = None
    quiet: bool = False
    """What it writes is not worth telling."""
    may_end: bool = False
    """Ending with 0 is its own wish: it is not started again."""
    needs: tuple[str, ...] = ()
    """Programs that must be ready before this one is started for the first time."""


@dataclass(slots=True)
class BackOff:
    """Pause before the next start: doubles up to `longest_s`; a run of `good_run_s` forgives all."""

    first_s: float = 0.2
    longest_s: float = 10.0
    good_run_s: float = 10.0
    failures: int = 0

    def after(self, ran_s: float) -> float:
        """Seconds to wait after a run that lasted `ran_s`."""
        self.failures = 1 if ran_s >= self.good_run_s else self.failures + 1
        return min(self.longest_s, self.first_s * 2.0 ** min(self.failures - 1, 16))


def accepts(endpoint: Endpoint) -> bool:
    """Whether somebody listens there now."""
    address: str | tuple[str, int] = str(endpoint) if isinstance(endpoint, Path) else ("127.0.0.1", endpoint)
    with socket.socket(socket.AF_UNIX if isinstance(endpoint, Path) else socket.AF_INET) as client:
        client.settimeout(1)
        return client.connect_ex(address) == 0


class _Lines(asyncio.Protocol):
    """Cuts the output of a process into lines."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self.ended = asyncio.Event()
        self._tell = tell
        self._rest = b""

    def data_received(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LONGEST_LINE:
            lines, self._rest = [*lines, self._rest], b""
        for line in lines:
            self._tell(line.decode(errors="backslashreplace"))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # signature of asyncio.Protocol
        if self._rest:
            self._tell(self._rest.decode(errors="backslashreplace"))
        self.ended.set()


class _Mailbox(asyncio.DatagramProtocol):
    """What a process says to its manager."""

    def __init__(self) -> None:
        self.ready = asyncio.Event()
        self.alive_at = time.monotonic()

    def datagram_received(self, data: bytes, addr: object) -> None:  # noqa: ARG002  # asyncio's signature
        self.alive_at = time.monotonic()
        if b"READY=1" in data.split(b"\n"):
            self.ready.set()


class Supervisor:
    """Keeps `programs` running until `stop`. `folder` holds its manager sockets and must be private."""

    def __init__(
        self, programs: Sequence[Program], folder: Path, tell: Tell, *, grace_s: float = 4.0
    ) -> None:
        self._programs = programs
        self._folder = folder
        self._tell = tell
        self._grace_s = grace_s
        self._stop = asyncio.Event()
        self._ready = {program.name: asyncio.Event() for program in programs}
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._wanted = {program.name: asyncio.Event() for program in programs}
        for wanted in self._wanted.values():
            wanted.set()

    async def run(self) -> None:
        """Start everything, start again what ends, and return when `stop` was called and all have ended."""
        async with asyncio.TaskGroup() as group:
            for program in self._programs:
                group.create_task(self._keep(program))

    def stop(self) -> None:
        """Begin the end of all."""
        self._stop.set()

    async def until_ready(self) -> None:
        """Return once every program is ready."""
        for event in self._ready.values():
            await event.wait()

    def waiting_for(self) -> list[str]:
        """Names of programs that are not ready now."""
        return [name for name, event in self._ready.items() if not event.is_set()]

    def process_id(self, name: str) -> int | None:
        """Process of a program, None while it is down."""
        process = self._running.get(name)
        return process.pid if process else None

    def send_signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to the one process, not to its group. Raises ProcessLookupError while it is down."""
        process = self._running.get(name)
        if process is None:
            raise ProcessLookupError(f"{name} is not running")
        if number is signal.SIGKILL:
            self._ready[name].clear()  # at once, so that nobody takes the dead for ready
        os.kill(process.pid, number)  # not Popen.send_signal, which may reap

    def hold(self, name: str) -> None:
        """End one program and leave it down until `release`."""
        self._wanted[name].clear()
        if name in self._running:
            self.send_signal(name, signal.SIGTERM)

    def release(self, name: str) -> None:
        """Start again what was held."""
        self._wanted[name].set()

    async def _keep(self, program: Program) -> None:
        for name in program.needs:
            await self._unless_stopped(self._ready[name].wait())
        back_off = BackOff()
        await self._unless_stopped(self._wanted[program.name].wait())
        while not self._stop.is_set():
            began = time.monotonic()
            code = await self._run_once(program)
            if self._stop.is_set() or (program.may_end and code == os.EX_OK):
                return
            pause = back_off.after(time.monotonic() - began)
            self._tell(program.name, f"ended ({_ending(code)}); starting again in {pause:.1f} s")
            await self._unless_stopped(asyncio.sleep(pause))
            await self._unless_stopped(self._wanted[program.name].wait())

    async def _unless_stopped(self, waiting: Coroutine[Any, Any, object]) -> None:
        """Wait, but not beyond `stop`: an event, because a cancellation could cut an ending short."""
        tasks = [asyncio.create_task(waiting), asyncio.create_task(self._stop.wait())]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run_once(self, program: Program) -> int:
        async with self._mailbox(program) as (mailbox, address), self._output(program) as output:
            process = self._start(program, address, output)
            self._running[program.name] = process
            watch = asyncio.create_task(self._watch(program, process, mailbox))
            await self._unless_stopped(_exited(process))
            watch.cancel()
            self._ready[program.name].clear()
            del self._running[program.name]
            return await self._end(process)

    @contextlib.asynccontextmanager
    async def _mailbox(self, program: Program) -> AsyncIterator[tuple[_Mailbox, Path]]:
        address = self._folder / f"{program.name}.notify"
        address.unlink(missing_ok=True)
        loop = asyncio.get_running_loop()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as listening:
            listening.bind(str(address))
            transport, mailbox = await loop.create_datagram_endpoint(_Mailbox, sock=listening)
            try:
                yield mailbox, address
            finally:
                transport.close()
                address.unlink(missing_ok=True)

    @contextlib.asynccontextmanager
    async def _output(self, program: Program) -> AsyncIterator[int]:
        """A descriptor whose lines are told. What was written last is told too, before this ends."""
        read_end, write_end = os.pipe()
        transport, lines = await asyncio.get_running_loop().connect_read_pipe(
            lambda: _Lines(lambda line: self._tell(program.name, line)), os.fdopen(read_end, "rb")
        )
        with os.fdopen(write_end, "wb") as output:
            try:
                yield output.fileno()
            finally:
                output.close()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(lines.ended.wait(), self._grace_s)
                transport.close()
                await lines.ended.wait()

    def _start(self, program: Program, mailbox: Path, output: int) -> subprocess.Popen[bytes]:
        environment = {**os.environ, **program.environment}
        if program.notifies:
            environment["NOTIFY_SOCKET"] = str(mailbox)
        if program.watchdog_s:
            environment["WATCHDOG_USEC"] = str(int(program.watchdog_s * 1_000_000))
        return subprocess.Popen(
            # PR_SET_PDEATHSIG: not even `kill -9` of the supervisor leaves anything behind.
            ("setpriv", "--pdeathsig", "KILL", "--", *program.command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if program.quiet else output,
            stderr=subprocess.DEVNULL if program.quiet else output,
            env=environment,
            process_group=0,
        )

    async def _watch(self, program: Program, process: subprocess.Popen[bytes], mailbox: _Mailbox) -> None:
        if program.notifies:
            await mailbox.ready.wait()
        while not all(accepts(endpoint) for endpoint in program.answers_at):
            await asyncio.sleep(POLL_S)
        self._ready[program.name].set()
        while program.watchdog_s:
            silent_s = time.monotonic() - mailbox.alive_at
            if silent_s > program.watchdog_s:
                self._tell(program.name, f"silent for {silent_s:.0f} s: killed")
                os.kill(process.pid, signal.SIGKILL)
                return
            await asyncio.sleep(program.watchdog_s - silent_s + POLL_S)

    async def _end(self, process: subprocess.Popen[bytes]) -> int:
        """End the process and all that is left of its group: TERM, and KILL after the grace."""
        # The leader is reaped last, so its number cannot belong to anybody else yet.
        os.killpg(process.pid, signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(_exited(process), self._grace_s)
        os.killpg(process.pid, signal.SIGKILL)
        return process.wait()


async def _exited(process: subprocess.Popen[bytes]) -> None:
    """Wait until the process has ended, without reaping it."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    descriptor = os.pidfd_open(process.pid)
    loop.add_reader(descriptor, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


def _ending(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name
