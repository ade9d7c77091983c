"""Documents held before the camera, by the thousand: whatever is accepted must be what is printed.

Many are held badly; a finger, glare or the edge of the picture hides letters; some documents bear one wrong
digit, so that nothing may ever be accepted from them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from benchmarks.mrz import harm
from benchmarks.mrz.harm import Level, Picture, Scene
from devices.camera import specimens
from devices.camera.mrz_live import LiveZone
from devices.camera.mrz_reader import ZoneReader
from devices.camera.specimens import Kind

TODAY = date(2026, 11, 22)
FRAME_S = 0.25


@dataclass(frozen=True, slots=True)
class Trial:
    """One document held before the camera."""

    number: int
    frames: Iterator[Picture]
    truth: tuple[str, ...]
    wrong_digit: bool
    """A check digit on the document does not fit: it must not be accepted, not even as printed."""


@dataclass(slots=True)
class Result:
    """What became of all."""

    shown: int = 0
    accepted: int = 0
    wrong: tuple[str, ...] = ()


def trials(first: int, count: int, frames: int) -> Iterator[Trial]:
    """Trials number `first` and following; each is drawn from its own number."""
    for number in range(first, first + count):
        random = np.random.default_rng([9303, number])
        kind = list(Kind)[number % len(Kind)]
        document, truth = specimens.specimen(kind, 2_000_000 + number)
        spoilt = random.random() < 0.15
        if spoilt:
            document, truth = _spoilt(kind, number, random)
        scene = _scene(random)
        yield Trial(number, _frames(document, scene, frames, random), truth, spoilt)


def _frames(document: Picture, scene: Scene, count: int, random: np.random.Generator) -> Iterator[Picture]:
    """Drawn when they are looked at: most documents are read before the last."""
    for _ in range(count):
        yield harm.photograph(document, harm.jitter(scene, random, 0.6), random)


def run(trials: Iterator[Trial], reader: ZoneReader) -> Result:
    """Show each trial to a fresh opening of the camera."""
    result = Result()
    for trial in trials:
        live = LiveZone(reader, TODAY)
        result.shown += 1
        for step, frame in enumerate(trial.frames):
            text = live.feed(frame, step * FRAME_S, 10.0)
            if text is None:
                continue
            result.accepted += 1
            if trial.wrong_digit or tuple(text.split("\n")) != trial.truth:
                result.wrong += (f"{trial.number}: {trial.truth} was read as {text!r}",)
            break
    return result


def _scene(random: np.random.Generator) -> Scene:
    level = random.choice([Level.MILD, Level.HARD, Level.HARD])
    scene = harm.scene(Level(level), random)
    kind = random.random()
    if kind < 0.12:
        return replace(scene, finger=float(random.uniform(0.05, 0.3)))
    if kind < 0.24:
        return replace(scene, glare=float(random.uniform(0.7, 1.0)), glare_at=(random.uniform(0.1, 0.9), 0.8))
    if kind < 0.34:
        return replace(scene, shift=(float(random.choice([-1, 1]) * random.uniform(80, 400)), scene.shift[1]))
    if kind < 0.50:
        return replace(scene, blur=float(random.uniform(1.6, 3.0)), noise=float(random.uniform(4, 25)))
    if kind < 0.58:
        return replace(scene, fill=float(random.uniform(0.35, 0.55)))
    return scene


def _spoilt(kind: Kind, number: int, random: np.random.Generator) -> tuple[Picture, tuple[str, ...]]:
    """A document on which one digit under a check digit is another."""
    lines = specimens.zone_lines(kind, np.random.default_rng([9303, number, 1]))
    row, places = {
        Kind.CARD: (1, (0, 1, 2, 3, 4, 5, 8, 9, 10)),
        Kind.HOME_RETURN_PERMIT: (1, (0, 1, 2, 3, 4, 5, 8, 9, 10)),
        Kind.EXIT_ENTRY_PERMIT: (0, (4, 5, 6, 13, 14, 15, 21, 22)),
    }.get(kind, (1, (13, 14, 15, 16, 21, 22, 23, 24)))
    place = int(random.choice(places))
    digit = str((int(lines[row][place]) + int(random.integers(1, 10))) % 10)
    wrong = list(lines)
    wrong[row] = lines[row][:place] + digit + lines[row][place + 1 :]
    return specimens.drawn(kind, tuple(wrong), random), tuple(wrong)
