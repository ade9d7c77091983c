"""Printer truth: jobs with a fault at every place, judged by the paper.

    .venv/bin/python -m tests.prove.paper.campaign --jobs 10000 --seed 20261121

One scenario is a job with a fault, then a mended printer and a second job: the same id again where the first
one was told "not printed", else a new one. Nothing here waits: time is a number.
"""

import argparse
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

import numpy as np

from config.settings import PrintConfirmation, Printer
from devices.printer import adapter, profile
from devices.printer.adapter import PrinterService
from devices.printer.jobs import Job, JobEnd
from devices.printer.model import TRIGGERED_BY_ROWS, Fault, Piece, PrinterModel
from devices.supervisor import DeviceError, Life
from flows.ports import USABLE_STATES, DeviceState, PrintOutcome
from tests.prove import scale
from tests.prove.paper.line import Bad, Killed, SimulatedWire, Time, Wire
from tests.prove.paper.reader import Reader

DEADLINE_S = 20.0
PATIENCE = 40  # reconnections until a mended printer must have printed
CUTTER_ROWS = 30  # short, so that paper costs little; everything else is as the profile says
FAULTS = sorted(TRIGGERED_BY_ROWS)


@dataclass(frozen=True)
class Trouble:
    """What goes wrong in a scenario."""

    fault: Fault | None = None
    after_rows: int = 0
    bad: Bad | None = None
    bad_reads: int = 0
    kill_after: int | None = None
    heals_after_s: float | None = None
    """The fault goes away by itself, in the middle of whatever the adapter does then."""


@dataclass
class Verdict:
    """What a campaign found."""

    jobs: int = 0
    printed: int = 0
    pieces: int = 0
    violations: list[str] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)


class Bench:
    """One printer with everything around it."""

    def __init__(self, name: str, wire: Wire, dice: random.Random, folder: Path) -> None:
        self.profile = profile.named(name).model_copy(update={"cutter_rows": CUTTER_ROWS})
        self.label = f"{name} on {wire}"
        self.dice = dice
        self.time = Time()
        self.pieces: list[Piece] = []
        row_bytes = (self.profile.width_dots + 7) // 8
        questions = frozenset((*self.profile.status.questions, *((20,) if self.profile.status.full else ())))
        self.reader = Reader(row_bytes, CUTTER_ROWS, clears=self.profile.clears, questions=questions)
        self.model = PrinterModel(self.profile, released=self.pieces.append, trace=self.reader.event)
        self.wire = SimulatedWire(self.model, self.time, wire, dice)
        self.settings = Printer(model=name)
        self.marker = folder / f"{name}-{wire}"
        self.rows: dict[int, bytes] = {}
        self._start()

    def _start(self) -> None:
        self.service = PrinterService(
            self.settings, self.marker, lambda *_: None, transport=self.wire, clock=self.time
        )
        self.service._profile = self.profile

    # --- one job ---

    def draw(self, number: int, height: int) -> bytes:
        """A picture whose every inked row says which job it belongs to."""
        row_bytes = (self.profile.width_dots + 7) // 8
        rows = np.zeros((height, row_bytes), np.uint8)
        for row in range(height):
            if row % 12 < 9:
                rows[row] = 0xC0 | (number * 7 + row) % 64
                rows[row, :3] = 0xC0 | number % 64, 0xC0 | number // 64 % 64, 0xC0 | number // 4096
        self.rows[number] = rows.tobytes()
        return self.rows[number]

    def print(self, job_id: str, number: int, bits: bytes, *, when_usable: bool = False) -> JobEnd | None:
        """Until the job's end is told; None if the process was killed meanwhile.

        `when_usable`: asked for once the printer can be offered, as a screen does; else at once.
        """
        height = len(bits) // ((self.profile.width_dots + 7) // 8)
        job = Job(job_id, self.profile.width_dots, height, bits, DEADLINE_S)
        script = _Script(self.service, job, when_usable=when_usable)
        for _ in range(PATIENCE):
            try:
                self._attempt(script)
            except Killed:
                self.wire.close()
                self._start()
                return script.end
            if script.end is not None:
                return script.end
        if not when_usable:
            script.press()  # there was no printer from the beginning: it must say so at once
        if script.end is not None:
            return script.end
        raise AssertionError(f"{self.label}: no end of job {number} after {PATIENCE} connections")

    def _attempt(self, script: "_Script") -> None:
        try:
            self.service.set_up()
            self.service.run(script)
        except DeviceError as trouble:
            if trouble.permanent:
                raise AssertionError(f"{self.label}: given up for good") from trouble
        self.service.tear_down()
        self.wire.rest(0.25)

    def beset(self, trouble: Trouble) -> None:
        """Let it go wrong."""
        if trouble.fault is not None:
            self.model.fault(trouble.fault, trouble.after_rows)
        self.wire.bad, self.wire.bad_reads = trouble.bad, trouble.bad_reads
        self.wire.kill_after = trouble.kill_after
        self.wire.heal_after(trouble.heals_after_s)

    def mend(self) -> None:
        """Everything is in order again; what the printer held it may go on with."""
        self.wire.bad, self.wire.kill_after = None, None
        self.wire.heal_after(None)
        self.model.fault(Fault.NONE)
        self.wire.rest(self.dice.choice((0.0, 0.01, 3.0)))

    # --- what is on paper ---

    def owners(self, piece: Piece) -> set[int]:
        """Jobs of which a piece carries a row."""
        inked = piece.dots[piece.dots.any(axis=1)]
        packed = np.packbits(inked, axis=1)
        found = {(int(a & 63) | int(b & 63) << 6 | int(c & 63) << 12) for a, b, c in packed[:, :3]}
        return found & self.rows.keys()

    def copies(self, number: int, *, cut: bool = False) -> int:
        """Pieces with the whole picture of a job on them; `cut`: and nothing else, and cut off."""
        picture = np.frombuffer(self.rows[number], np.uint8).reshape(-1, (self.profile.width_dots + 7) // 8)
        wanted = picture[picture.any(axis=1)].tobytes()
        strips = [(not piece.torn, piece.dots) for piece in self.pieces]
        column = np.frombuffer(b"".join(self.model._column), np.uint8).reshape(-1, picture.shape[1])
        if not cut:
            strips.append((False, np.unpackbits(column, axis=1).astype(bool)))
        return sum(
            wanted in np.packbits(dots[dots.any(axis=1)], axis=1).tobytes()
            for was_cut, dots in strips
            if was_cut or not cut
        )


class _Script(Life):
    """A life that hands in one job as soon as it may, and is over when its end is told."""

    def __init__(self, service: PrinterService, job: Job, *, when_usable: bool) -> None:
        super().__init__()
        self._when_usable = when_usable
        self._service = service
        self._job: Job | None = job
        self.end_heard: list[JobEnd] = []

    @property
    def end(self) -> JobEnd | None:  # type: ignore[override]
        return self.end_heard[0] if self.end_heard else None

    @property
    def over(self) -> bool:
        usable = self._service._state in USABLE_STATES or not self._when_usable
        if self._service._serving and usable:
            self.press()
        return bool(self.end_heard)

    def press(self) -> None:
        """Ask for the paper, once."""
        if self._job is not None:
            job, self._job = self._job, None
            self._service.submit(job, self.end_heard.append)


def trouble_for(dice: random.Random, rows: int) -> Trouble:
    """A fault at any row of a picture, of the feed, or before it begins; or a bad line, or a kill."""
    kind = dice.random()
    after = dice.randrange(0, rows + CUTTER_ROWS + 2)
    if kind < 0.62:
        fault = dice.choice(FAULTS)
        # Nobody changes a roll in less than two seconds; a cover may only be touched.
        heals = dice.choice((None, 2.0) if fault is Fault.PAPER_OUT else (None, None, 0.05, 0.4, 2.0))
        return Trouble(fault=fault, after_rows=after, heals_after_s=heals)
    if kind < 0.8:
        return Trouble(
            bad=dice.choice(list(Bad)), bad_reads=dice.choice((1, 2, 5, 1000)),
            fault=dice.choice((None, None, Fault.CUTTER, Fault.COVER_OPEN)), after_rows=after,
        )  # fmt: skip
    if kind < 0.95:
        return Trouble(
            kill_after=dice.randrange(1, 120), fault=dice.choice((None, Fault.COVER_OPEN)), after_rows=after
        )
    return Trouble()


class Campaign:
    """Many scenarios over all profiles and wires."""

    def __init__(self, jobs: int, seed: int, folder: Path) -> None:
        self._jobs = jobs
        self._seed = seed
        self._folder = folder
        self.verdict = Verdict()

    def run(self) -> Verdict:
        """All of them, benches in turn; the same seed gives the same."""
        benches = [
            Bench(name, wire, random.Random(f"{self._seed} {name} {wire}"), self._folder)  # noqa: S311
            for name in profile.names()
            for wire in Wire
        ]
        number = 0
        with _quiet():
            while self.verdict.jobs < self._jobs and not self.verdict.violations:
                bench = benches[number // 2 % len(benches)]
                self._guarded(bench, number)
                number += 2
            for bench in benches:
                self._compare(bench)
        return self.verdict

    def _guarded(self, bench: Bench, number: int) -> None:
        try:
            self._scenario(bench, number)
        except AssertionError as error:
            self._blame(bench, number, str(error))

    def _scenario(self, bench: Bench, number: int) -> None:
        height = bench.dice.choice((30, 60, 75))
        bits = bench.draw(number, height)
        trouble = trouble_for(bench.dice, height)
        errors_before = len(bench.model.protocol_errors)
        bench.wire.lost_bytes = False
        bench.beset(trouble)
        first = bench.print(f"job-{number}", number, bits)
        self._judge(bench, number, first, trouble)
        bench.mend()
        again = first is not None and first.outcome is PrintOutcome.NOT_PRINTED
        second_number = number if again else number + 1
        second_bits = bits if again else bench.draw(number + 1, height)
        second = bench.print(f"job-{second_number}", second_number, second_bits, when_usable=True)
        if second is None or second.outcome is PrintOutcome.NOT_PRINTED:
            # The printer may just have been found in trouble that is over: a person would press again.
            second = bench.print(f"job-{second_number}", second_number, second_bits, when_usable=True)
        self._judge(bench, second_number, second, Trouble())
        wanted = PrintOutcome.UNCONFIRMED
        if bench.profile.confirmation is not PrintConfirmation.NONE:
            wanted = PrintOutcome.PRINTED
        if second is None or second.outcome is not wanted:
            self._blame(bench, second_number, f"a mended printer ends with {second}, after {trouble}")
        if len(bench.model.protocol_errors) > errors_before and not bench.wire.lost_bytes:
            self._blame(bench, number, f"{bench.model.protocol_errors[-1]} was sent, {trouble}")

    def _judge(self, bench: Bench, number: int, end: JobEnd | None, trouble: Trouble) -> None:
        verdict = self.verdict
        verdict.jobs += 1
        verdict.outcomes[end.outcome.value if end else "killed"] += 1
        if end is not None and end.outcome is PrintOutcome.PRINTED:
            verdict.printed += 1
            if bench.copies(number, cut=True) != 1:
                self._blame(bench, number, f"said to be printed and is not on paper, {trouble}")
            if end.state in {DeviceState.UNKNOWN, DeviceState.DISCONNECTED} and trouble == Trouble():
                self._blame(bench, number, f"printed, but {end.state}")
        if bench.copies(number) > 1:
            self._blame(bench, number, f"on paper twice, {trouble}")
        for piece in bench.pieces:
            if len(bench.owners(piece)) > 1:
                self._blame(bench, number, f"{sorted(bench.owners(piece))} on one paper, {trouble}")
        kept = bench.pieces[-3:]  # a copy may follow; older ones have been judged
        self._compare_pieces(bench)
        bench.pieces[:] = kept

    def _compare_pieces(self, bench: Bench) -> None:
        """The reader's papers are the printer's."""
        for piece, (torn, dots) in zip(bench.pieces[::-1], bench.reader.sheets[::-1], strict=False):
            if piece.torn != torn or not np.array_equal(piece.dots, dots):
                self._blame(bench, piece.number, "another reader sees another paper")
        bench.reader.sheets[:] = bench.reader.sheets[-3:]

    def _compare(self, bench: Bench) -> None:
        self._compare_pieces(bench)
        self.verdict.pieces += bench.pieces[-1].number if bench.pieces else 0

    def _blame(self, bench: Bench, number: int, what: str) -> None:
        self.verdict.violations.append(f"seed {self._seed}, {bench.label}, job {number}: {what}")


@contextmanager
def _quiet() -> Iterator[None]:
    with mock.patch.object(adapter, "log"):
        yield


def campaign(jobs: int, seed: int) -> Verdict:
    """Run it in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        return Campaign(jobs, seed, Path(folder)).run()


def main(arguments: list[str] | None = None) -> int:
    """From the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=scale.DEFAULT_SEED)
    chosen = parser.parse_args(arguments)
    verdict = campaign(chosen.jobs, chosen.seed)
    sys.stdout.write(f"{verdict.jobs} jobs, {verdict.pieces} papers, {dict(verdict.outcomes)}\n")
    sys.stdout.writelines(f"{violation}\n" for violation in verdict.violations)
    return 1 if verdict.violations else 0


if __name__ == "__main__":
    sys.exit(main())
