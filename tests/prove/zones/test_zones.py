"""Zero wrong zones: documents held badly before the camera, and liars that the campaign must catch."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import cv2
import numpy as np
import pytest

from devices.camera import mrz_grammar, mrz_live
from devices.camera.mrz_grammar import Zone
from devices.camera.mrz_reader import Seen, ZoneReader
from tests.prove.scale import seed, size
from tests.prove.zones.campaign import run, trials

pytestmark = pytest.mark.timeout(0)  # KIOSK_PROVE_SCALE decides how long it is

SEQUENCES = size(6, 10_000)
FRAMES = 4


@pytest.fixture(scope="module")
def reader() -> ZoneReader:
    cv2.setNumThreads(1)
    return ZoneReader()


def test_no_wrong_zone_is_ever_accepted(reader: ZoneReader) -> None:
    result = run(trials(seed() % 1_000_000 * 100, SEQUENCES, FRAMES), reader)
    print(f"{result.shown} shown, {result.accepted} accepted, {len(result.wrong)} wrong")  # noqa: T201
    assert result.shown == SEQUENCES
    assert result.accepted > SEQUENCES / 5
    assert not result.wrong, result.wrong


# --- what the campaign must notice ---


class Liar(ZoneReader):
    """Reads, and says something else."""

    def __init__(self, lie: Callable[[tuple[str, ...]], tuple[str, ...]]) -> None:
        super().__init__()
        self._lie = lie

    def read(self, frame: np.ndarray, today: date, budget_s: float) -> Seen:
        seen = super().read(frame, today, budget_s)
        if seen.zone is None:
            return seen
        zone = replace(seen.zone, lines=self._lie(seen.zone.lines), free=1.0, checked=1.0, mended=False)
        return replace(seen, zone=zone)


def _letter(lines: tuple[str, ...]) -> tuple[str, ...]:
    return (lines[0][:-1] + ("K" if lines[0][-1] != "K" else "X"), *lines[1:])


@pytest.mark.parametrize(
    "lie", [_letter, lambda lines: lines[:-1], lambda lines: tuple(line.rstrip("<") for line in lines)[::-1]]
)
def test_a_reader_that_lies_is_caught(lie: Callable[[tuple[str, ...]], tuple[str, ...]]) -> None:
    assert run(trials(1000, 1, 4), Liar(lie)).wrong


def _unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mrz_grammar, "fits", lambda *_: True)


def _nothing_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    _unchecked(monkeypatch)
    monkeypatch.setattr(mrz_live, "AGREEING", 1)
    monkeypatch.setattr(mrz_live, "_is_clear", lambda zone: isinstance(zone, Zone))


@pytest.mark.parametrize("bug", [_unchecked, _nothing_asked])
def test_a_planted_bug_is_caught(
    reader: ZoneReader, monkeypatch: pytest.MonkeyPatch, bug: Callable[[pytest.MonkeyPatch], None]
) -> None:
    bug(monkeypatch)
    wrong_digits = (trial for trial in trials(0, 60, 3) if trial.wrong_digit)
    assert any(run(iter([trial]), reader).wrong for trial in wrong_digits)
