"""Whatever comes over a scanner's line: the same codes however it is cut, nothing half, nothing made up."""

from collections.abc import Callable
from pathlib import Path

import pytest

from config.settings import SiteKind, Timing
from flows.events import Scanned
from flows.loading.pack_loader import load_packs
from flows.ports import Device, DeviceState
from flows.view import Screen
from tests.flows.conftest import SITES, Person
from tests.prove.scale import seed, size
from tests.prove.scanner import campaign, frames, payloads
from tests.prove.scanner.campaign import Violation
from tests.prove.scanner.mutants import MUTANTS

pytestmark = pytest.mark.timeout(0)  # `KIOSK_PROVE_SCALE` decides how long it is

CHUNKS = size(short=300_000, full=10_000_000)
NOISE = size(short=18_000, full=2_000_000)
PAYLOADS = size(short=30_000, full=1_000_000)
FRAMES = size(short=2_000, full=100_000)

Act = Callable[[bytes], bool]


@pytest.fixture(scope="module")
def visit() -> Act:
    """A visitor before the screen that asks for a document; says whether a payload did anything there."""
    person = Person(load_packs(["lost_property"]), SITES[SiteKind.REPORT_ROOM], Timing())
    for device in Device:
        person.device(device, DeviceState.READY)
    person.begin().fill({}).fill({"reporter.doc_type": "passport"})
    assert person.view.screen is Screen.SCAN

    def act(payload: bytes) -> bool:
        commands = person.handle(Scanned(payload))
        return bool(commands) or person.view.screen is not Screen.SCAN

    return act


def test_cut_anywhere_the_same_codes_come() -> None:
    assert campaign.run(CHUNKS, seed()) >= CHUNKS


def test_anything_at_any_pace_is_codes_or_nothing_and_little_is_held() -> None:
    assert campaign.noise(NOISE, seed()) == NOISE


def test_nothing_is_read_that_is_not_proven() -> None:
    genuine = payloads.run(PAYLOADS, seed())
    assert 0 < genuine < PAYLOADS / 10


def test_frames_through_a_line_into_a_visit(tmp_path: Path, visit: Act) -> None:
    assert frames.run(FRAMES, seed(), tmp_path, visit) > FRAMES / 3


@pytest.mark.parametrize("name", MUTANTS)
def test_a_planted_bug_is_noticed(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, visit: Act
) -> None:
    mutant = MUTANTS[name]
    mutant.plant(monkeypatch)
    runs: dict[str, Callable[[], object]] = {
        "chunks": lambda: campaign.run(30_000, seed()),
        "noise": lambda: campaign.noise(30_000, seed()),
        "payloads": lambda: payloads.run(10_000, seed()),
        "frames": lambda: frames.run(300, seed(), tmp_path, visit, patience_s=2.0),
    }
    with pytest.raises(Violation):
        runs[mutant.campaign]()
