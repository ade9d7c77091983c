"""The benchmark of codes scores what it should: text or bytes, the format, and misreads."""

from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from PIL import Image

from benchmarks import codes
from benchmarks.code_frames import SETS, Photograph, frames, photographs


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    def put(kind: str, name: str, says: str | bytes, expected: str | bytes) -> None:
        (tmp_path / kind).mkdir(exist_ok=True)
        code = zxingcpp.create_barcode(says, zxingcpp.BarcodeFormat.QRCode).to_image(scale=4)
        Image.fromarray(np.pad(np.asarray(code), 30, constant_values=255)).save(
            tmp_path / kind / f"{name}.png"
        )
        beside = tmp_path / kind / name
        if isinstance(expected, bytes):
            beside.with_suffix(".bin").write_bytes(expected)
        else:
            beside.with_suffix(".txt").write_text(expected)

    put("qrcode-1", "text", "報失", "報失")
    put("qrcode-1", "bytes", b"\xff\x00\x80", b"\xff\x00\x80")
    put("qrcode-1", "wrong", "ONE", "TWO")
    put("aztec-1", "another", "ONE", "ONE")
    return tmp_path


def test_answers_are_scored_by_text_or_bytes_and_by_format(folder: Path):
    scores = codes.score(list(photographs(folder)), ["white"])
    for decoder in ("kiosk, one frame", "kiosk, still scene", "zxing-cpp, fast"):
        qr, aztec = (scores[decoder, format_, "white"] for format_ in ("QRCode", "Aztec"))
        assert (qr.frames, qr.right, qr.misread) == (3, 2, 1)
        assert (aztec.frames, aztec.right, aztec.misread) == (1, 0, 1)
    assert "66.7 % · 1" in codes.table(scores, ["white"])


def test_frames_are_the_same_every_time_and_of_one_size():
    photograph = Photograph("qrcode-1/a.png", "QRCode", np.full((900, 300), 128, np.uint8), "A", None)
    first, again = dict(frames(photograph)), dict(frames(photograph))
    assert list(first) == list(SETS)
    assert all(frame.shape == (720, 1280) and (frame == again[name]).all() for name, frame in first.items())
