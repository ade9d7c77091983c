"""How well the camera reads zones: `python -m benchmarks.mrz.measure --specimens 120 --sequences 30 --peers`.

Every specimen is new; seeds begin far from those of training. Exact: every character of every line is
right and the reader lets it pass. Wrong: it lets pass what is not there.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import cv2
import numpy as np

from benchmarks.mrz import harm, peers
from benchmarks.mrz.harm import Level, Picture
from devices.camera.mrz_live import LiveZone
from devices.camera.mrz_reader import ZoneReader
from devices.camera.specimens import Kind, specimen

TODAY = date(2026, 11, 22)
FIRST_SEED = 500_000
FRAMES_PER_S = 5.0
"""Frames that a busy kiosk looks at; a quiet one manages twice as many."""
LIVE_S = 3.0

Read = Callable[[Picture], tuple[str, ...] | None]


@dataclass(slots=True)
class Score:
    """What one way of reading did at one level."""

    shown: int = 0
    exact: int = 0
    wrong: int = 0
    times_ms: list[float] = field(default_factory=list)

    def add(self, read: tuple[str, ...] | None, truth: tuple[str, ...], took_s: float) -> None:
        self.shown += 1
        self.exact += read == truth
        self.wrong += read not in (None, truth)
        self.times_ms.append(took_s * 1000)

    def row(self, way: str, what: str) -> str:
        median = statistics.median(self.times_ms)
        p95 = sorted(self.times_ms)[int(0.95 * (len(self.times_ms) - 1))]
        rate = self.exact / self.shown
        return (f"| {way} | {what} | {self.exact}/{self.shown} | {rate:.1%} | {self.wrong} "
                f"| {median:.0f} / {p95:.0f} |")  # fmt: skip


def frame_of(number: int, level: Level) -> tuple[Picture, tuple[str, ...]]:
    """A frame and the zone that is in it."""
    kind = list(Kind)[number % len(Kind)]
    random = np.random.default_rng([FIRST_SEED + number, list(Level).index(level)])
    document, lines = specimen(kind, FIRST_SEED + number)
    return harm.photograph(document, harm.scene(level, random), random), lines


def frames(reads: Sequence[tuple[str, Read]], count: int) -> list[str]:
    """Every way of reading on the same single frames."""
    scores = {(way, level): Score() for way, _ in reads for level in Level}
    for level in Level:
        for number in range(count):
            frame, truth = frame_of(number, level)
            for way, read in reads:
                began = time.perf_counter()
                lines = read(frame)
                scores[way, level].add(lines, truth, time.perf_counter() - began)
    return [scores[way, level].row(way, level) for way, _ in reads for level in Level]


def sequence(
    number: int, level: Level, live: LiveZone
) -> tuple[tuple[str, ...] | None, tuple[str, ...], float]:
    """A document held before the camera for three seconds: what was accepted, the truth, after how long."""
    random = np.random.default_rng([FIRST_SEED + number, 77, list(Level).index(level)])
    document, truth = specimen(list(Kind)[number % len(Kind)], FIRST_SEED + number)
    first = harm.scene(level, random)
    for step in range(int(LIVE_S * FRAMES_PER_S)):
        now = step / FRAMES_PER_S
        frame = harm.photograph(document, harm.jitter(first, random), random)
        text = live.feed(frame, now, 10.0)
        if text is not None:
            return tuple(text.split("\n")), truth, now
    return None, truth, LIVE_S


def sequences(count: int) -> list[str]:
    """Live reading, by level."""
    rows = []
    reader = ZoneReader()
    for level in Level:
        score = Score()
        for number in range(count):
            lines, truth, after = sequence(number, level, LiveZone(reader, TODAY))
            score.add(lines, truth, after)
        rows.append(score.row("live, two frames agree, within 3 s", level))
    return rows


def _ours() -> Read:
    reader = ZoneReader()

    def read(frame: Picture) -> tuple[str, ...] | None:
        zone = reader.read(frame, TODAY, 10.0).zone
        return zone.lines if zone else None

    return read


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--specimens", type=int, default=120, help="for each level")
    parser.add_argument("--sequences", type=int, default=30, help="for each level")
    parser.add_argument("--peers", action="store_true", help="also measure what is installed beside")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    ours: list[tuple[str, Read]] = [("finder + own recogniser", _ours())]
    rows = frames(ours, options.specimens) if options.specimens else []
    rows += sequences(options.sequences) if options.sequences else []
    if options.peers:
        rows += frames(peers.available(), min(20, options.specimens))
    print("| way | level | exact | | wrong | median / p95 ms |\n|---|---|---|---|---|---|")
    print("\n".join(rows))
    print(f"\npeak memory of a process that only reads: {_memory_mb():.0f} MB; load {os.getloadavg()[0]:.1f}")


_READS_ONLY = """
import re, sys, cv2, numpy
from pathlib import Path
from datetime import date
from devices.camera.mrz_reader import ZoneReader
cv2.setNumThreads(1)
reader = ZoneReader()
for frame in numpy.load(sys.argv[1], mmap_mode="r"):
    reader.read(frame, date.today(), 10.0)
print(int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024)
"""


def _memory_mb() -> float:
    """Peak of a process that does nothing but read ten frames (27 MB of them held)."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "frames.npy"
        np.save(path, np.stack([frame_of(number, Level.HARD)[0] for number in range(3)]))
        done = subprocess.run(
            (sys.executable, "-c", _READS_ONLY, str(path)), capture_output=True, check=True, text=True
        )
    return float(done.stdout)


if __name__ == "__main__":
    main()
