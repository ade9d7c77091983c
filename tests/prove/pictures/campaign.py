"""Any file before the child that reads pictures: codes or a `PictureFault`, in time, in little memory."""

import select
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from devices.camera import file_child
from devices.camera.codes import DEADLINE_S, MAX_PAYLOAD, PictureError, PictureFault, codes_in
from tests.prove.pictures.corpus import Specimen

MOST_RESIDENT = 500 << 20
"""A picture of 40 million pixels in colour and grey, views of it, and the libraries."""
_LOOK_AT_MEMORY_EVERY = 25


class Violation(AssertionError):  # noqa: N818 - what a proof finds
    """The product broke its promise; the message says how to see it again."""


@dataclass(slots=True)
class Told:
    """What came of the pictures."""

    pictures: int = 0
    read: int = 0
    faults: Counter[PictureFault] = field(default_factory=Counter)
    children: int = 0


class Worker:
    """A child, used until it dies."""

    def __init__(self, plants: tuple[str, ...] = ()) -> None:
        self._child = subprocess.Popen(
            (sys.executable, "-m", "tests.prove.pictures.worker", *plants),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def ask(self, path: Path, deadline_s: float) -> bytes:
        """Its answer; raises PictureError for a child that died by a signal or is late, and is ended then."""
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.write(f"{path}\n".encode())
        self._child.stdin.flush()
        if not select.select([self._child.stdout], [], [], deadline_s)[0]:
            self.end()
            raise PictureError(PictureFault.TOO_SLOW)
        line = self._child.stdout.readline()
        if line:
            return line
        if self._child.wait() >= 0:
            raise Violation(f"an exception ended the child with {self._child.returncode}")
        raise PictureError(PictureFault.BROKE_THE_READER)

    def look_at_memory(self) -> None:
        """Limited by the kernel, and far from it."""
        facts = Path(f"/proc/{self._child.pid}")
        limits = (facts / "limits").read_text().splitlines()
        soft = next(line for line in limits if line.startswith("Max address space")).split()[3]
        if soft != str(file_child.MAX_MEMORY):
            raise Violation(f"the child may take {soft} bytes")
        status = dict(line.split(":", 1) for line in (facts / "status").read_text().splitlines())
        if int(status["VmHWM"].split()[0]) * 1024 > MOST_RESIDENT:
            raise Violation(f"the child took {status['VmHWM'].strip()}")

    def end(self) -> None:
        """At once."""
        self._child.kill()
        self._child.communicate()


def run(
    specimens: Iterable[Specimen],
    folder: Path,
    *,
    plants: tuple[str, ...] = (),
    deadline_s: float = DEADLINE_S,
) -> Told:
    """Show all of them. Raises Violation."""
    told = Told()
    path = folder / "picture"
    worker: Worker | None = None
    try:
        for specimen in specimens:
            if worker is None:
                worker, told.children = Worker(plants), told.children + 1
            path.write_bytes(specimen.content)
            told.pictures += 1
            try:
                _judge(specimen, worker.ask(path, deadline_s), told)
            except PictureError as error:
                _judge_fault(specimen, error.fault, told)
                if error.fault in {PictureFault.TOO_SLOW, PictureFault.BROKE_THE_READER}:
                    worker.end()
                    worker = None
                    continue
            except Violation as violation:
                raise Violation(f"picture {told.pictures}, {specimen.name}: {violation}") from None
            if told.pictures % _LOOK_AT_MEMORY_EVERY == 1 or specimen.expected is PictureFault.UNREADABLE:
                worker.look_at_memory()
    finally:
        if worker is not None:
            worker.end()
    return told


def _judge(specimen: Specimen, said: bytes, told: Told) -> None:
    try:
        codes = codes_in(said)
    except ValueError as error:
        raise Violation(f"an answer that is none: {error}") from None
    told.read += bool(codes)
    if any(len(code.payload) > MAX_PAYLOAD for code in codes):
        raise Violation("a payload longer than any")
    if isinstance(specimen.expected, PictureFault):
        raise Violation("was not refused")
    if specimen.expected is not None and specimen.expected not in [code.payload for code in codes]:
        raise Violation(f"was not read: {[code.payload for code in codes]}")


def _judge_fault(specimen: Specimen, fault: PictureFault, told: Told) -> None:
    told.faults[fault] += 1
    if specimen.expected is not None and specimen.expected is not fault:
        raise Violation(f"{specimen.name}: refused with {fault}, expected {specimen.expected!r}")
    if fault is PictureFault.TOO_SLOW:
        raise Violation(f"{specimen.name}: too slow")
