"""Zones in pictures: specimens before the camera, things that are no document, and picture files."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import segno

from benchmarks.mrz import harm
from benchmarks.mrz.harm import Picture, Scene
from devices.camera import specimens
from devices.camera.codes import PictureError, PictureFault
from devices.camera.mrz import MrzOutcome, read_file
from devices.camera.mrz_live import LiveZone
from devices.camera.mrz_reader import ZoneReader
from devices.camera.mrz_strip import MODEL
from devices.camera.specimens import Kind, specimen

BUDGET_S = 10.0


@pytest.fixture(scope="module")
def reader() -> ZoneReader:
    cv2.setNumThreads(1)
    return ZoneReader()


def show(reader: ZoneReader, picture: Picture, scene: Scene, frames: int = 3) -> tuple[str | None, LiveZone]:
    """What is told while a document is held like that before the camera."""
    random = np.random.default_rng(1)
    live = LiveZone(reader)
    for number in range(frames):
        text = live.feed(harm.photograph(picture, scene, random), number * 0.2, BUDGET_S)
        if text is not None:
            return text, live
    return None, live


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_document_is_read(reader: ZoneReader, kind: Kind) -> None:
    picture, lines = specimen(kind, 11)
    text, _ = show(reader, picture, Scene(turn=2.0, noise=3.0))
    assert text == "\n".join(lines)


@pytest.mark.parametrize(
    "scene",
    [
        Scene(fill=0.6),
        Scene(turn=-12.0, fill=0.75),
        Scene(turn=180.0),
        Scene(turn=90.0, fill=0.55),
        Scene(tip_x=15.0, tip_y=8.0, bend=6.0),
        Scene(light=0.4, shadow=0.5, noise=6.0),
        Scene(blur=1.2, background=3),
    ],
    ids=lambda scene: ",".join(
        f"{name}={getattr(scene, name)}"
        for name in ("fill", "turn", "tip_x", "bend", "light", "blur")
        if getattr(scene, name) != getattr(Scene(), name)
    ),
)
def test_however_it_is_held(reader: ZoneReader, scene: Scene) -> None:
    picture, lines = specimen(Kind.CARD, 5)
    assert show(reader, picture, scene, frames=4)[0] == "\n".join(lines)


def test_a_slow_machine_reads_too() -> None:
    """No budget at all: one line is tried in each frame, so it only takes more of them."""
    picture, lines = specimen(Kind.SMALL_PAGE, 4)
    frame = harm.photograph(picture, Scene(background=3), np.random.default_rng(1))
    live = LiveZone()
    told = [live.feed(frame, number * 0.1, 0.0) for number in range(40)]
    assert "\n".join(lines) in told


def page_of_text() -> Picture:
    page = np.full((720, 1280, 3), 235, np.uint8)
    random = np.random.default_rng(2)
    for row in range(40, 700, 36):
        words = "".join(random.choice(list("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 <"), 62))
        cv2.putText(page, words, (20, row), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (20, 20, 20), 2, cv2.LINE_AA)
    return page


def noise() -> Picture:
    return np.random.default_rng(3).integers(0, 256, (720, 1280, 3)).astype(np.uint8)


def code() -> Picture:
    rows = np.array([[0 if dark else 255 for dark in row] for row in segno.make("A" * 200).matrix], np.uint8)
    large = np.pad(np.kron(rows, np.ones((9, 9), np.uint8)), 60, constant_values=255)
    return np.ascontiguousarray(np.repeat(large[:720, :, None], 3, axis=2))


@pytest.mark.parametrize("picture", [page_of_text, noise, code])
def test_nothing_is_read_where_no_document_is(reader: ZoneReader, picture: object) -> None:
    live = LiveZone(reader)
    frame = picture()  # type: ignore[operator]
    assert [live.feed(frame, number * 0.2, BUDGET_S) for number in range(2)] == [None] * 2


@pytest.mark.parametrize(("kind", "row", "place"), [(Kind.CARD, 1, 9), (Kind.VISA, 1, 23)])
def test_a_document_with_a_wrong_digit_is_never_accepted(
    reader: ZoneReader, kind: Kind, row: int, place: int
) -> None:
    _, lines = specimen(kind, 3)
    wrong = [list(line) for line in lines]
    wrong[row][place] = str((int(wrong[row][place]) + 4) % 10)
    picture = specimens.drawn(kind, tuple("".join(line) for line in wrong), np.random.default_rng(1))
    text, live = show(reader, picture, Scene(), frames=2)
    assert text is None
    assert live.saw_zone


def test_the_model_is_the_one_that_is_documented() -> None:
    page = Path(__file__).parents[2] / "docs/devices/reading-documents.md"
    assert hashlib.sha256(MODEL.read_bytes()).hexdigest() in page.read_text(encoding="utf-8")


# --- files ---


def saved(path: Path, picture: Picture) -> Path:
    cv2.imwrite(str(path), picture)
    return path


def test_a_file_gives_what_the_running_kiosk_would(tmp_path: Path, reader: ZoneReader) -> None:
    picture, lines = specimen(Kind.PASSPORT, 8)
    frame = harm.photograph(picture, Scene(turn=3.0), np.random.default_rng(4))
    path = saved(tmp_path / "page.png", frame)
    live = LiveZone(reader)
    told = [live.feed(frame, number * 0.2, BUDGET_S) for number in range(2)]
    assert told == [None, "\n".join(lines)]
    command = [sys.executable, "-P", "-m", "kiosk.cli", "mrz", "--image", str(path), "--json"]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    answer = json.loads(done.stdout)
    assert (done.returncode, answer["outcome"], answer["lines"]) == (0, "read", list(lines))
    assert answer["all_checks_fit"] is True


def test_a_cut_off_zone_is_unclear(tmp_path: Path) -> None:
    picture, _ = specimen(Kind.PASSPORT, 8)
    cut = picture[:, : int(picture.shape[1] * 0.7)]
    reading = read_file(saved(tmp_path / "cut.png", cut))
    assert (reading.outcome, reading.lines) == (MrzOutcome.UNCLEAR, ())


def test_a_picture_without_a_zone_says_so(tmp_path: Path) -> None:
    assert read_file(saved(tmp_path / "page.png", page_of_text())).as_json() == {
        "outcome": "no_zone",
        "lines": [],
    }


def test_a_file_that_is_no_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("not a picture")
    for name in ("text", "nowhere"):
        with pytest.raises(PictureError) as refused:
            read_file(tmp_path / name)
        assert refused.value.fault is PictureFault.UNREADABLE


def test_a_reader_that_breaks_or_hangs_costs_only_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path / "plain.png", np.full((50, 50, 3), 200, np.uint8))
    monkeypatch.setattr("devices.camera.codes.DEADLINE_S", 0.01)
    with pytest.raises(PictureError) as slow:
        read_file(path)
    assert slow.value.fault is PictureFault.TOO_SLOW
    monkeypatch.setattr(sys, "executable", "/bin/false")
    monkeypatch.setattr("devices.camera.codes.DEADLINE_S", 15.0)
    with pytest.raises(PictureError) as broke:
        read_file(path)
    assert broke.value.fault is PictureFault.BROKE_THE_READER
