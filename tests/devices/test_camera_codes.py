"""Code reading: right or nothing, and nothing hostile gets further than its child."""

import json
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
import segno
import zxingcpp
from PIL import Image

from devices.camera.codes import PictureError, PictureFault, read_file
from devices.camera.decoding import LiveReader, decode_image

BINARY = b"\x00\xff\xfe\x80" + "報失".encode()


def drawn(code: str, payload: str | bytes, scale: int = 4):
    options = zxingcpp.create_barcode(payload, getattr(zxingcpp.BarcodeFormat, code))
    picture = np.asarray(options.to_image(scale=scale))
    return np.pad(picture, 40, constant_values=255)


def on_table(picture):
    frame = np.full((720, 1280), 200, np.uint8)
    frame[100 : 100 + picture.shape[0], 200 : 200 + picture.shape[1]] = picture
    return frame


@pytest.mark.parametrize("code", ["QRCode", "PDF417", "Aztec", "DataMatrix", "Code128"])
def test_every_kiosk_code_is_read(code: str):
    found = decode_image(on_table(drawn(code, "A123456")))
    assert [(one.format.startswith(code), one.payload) for one in found] == [(True, b"A123456")]


def test_bytes_come_back_exactly():
    assert [one.payload for one in decode_image(on_table(drawn("QRCode", BINARY)))] == [BINARY]


def test_a_coloured_picture_and_several_codes():
    left, right = drawn("QRCode", "ONE", 3), drawn("QRCode", "TWO", 3)
    grey = np.full((400, 800), 255, np.uint8)
    grey[: left.shape[0], : left.shape[1]] = left
    grey[: right.shape[0], 400 : 400 + right.shape[1]] = right
    found = decode_image(np.dstack([grey, grey, grey]))
    assert {one.payload for one in found} == {b"ONE", b"TWO"}
    assert all(len(one.corners) == 4 for one in found)


def test_a_code_carries_its_aim_identifier():
    kinds = {"QRCode": "Q", "PDF417": "L", "Aztec": "z", "DataMatrix": "d", "Code128": "C"}
    read = {code: decode_image(on_table(drawn(code, "A123456")))[0].symbology[:1] for code in kinds}
    assert read == kinds


def test_a_linear_code_on_a_dull_label_is_read_on_a_bright_table():
    label = np.pad(drawn("Code128", "CNK8181G2C", 2)[30:80] // 3 + 20, 12, constant_values=105)
    frame = np.full((720, 1280), 255, np.uint8)
    frame[300 : 300 + label.shape[0], 400 : 400 + label.shape[1]] = label
    assert [one.payload for one in decode_image(frame)] == [b"CNK8181G2C"]


def test_no_code_is_no_code():
    random = np.random.default_rng(0)
    for _ in range(2):
        assert decode_image(random.integers(0, 255, (360, 640), dtype=np.uint8)) == []


def test_a_live_code_is_read_at_once():
    reader = LiveReader()
    frame = on_table(drawn("QRCode", "LIVE"))
    assert [one.payload for one in reader.feed(frame)] == [b"LIVE"]


def test_the_text_is_in_the_charset_of_the_code_and_the_payload_is_its_bytes():
    (found,) = decode_image(on_table(drawn("QRCode", "報失 – Ω")))
    assert found.text == found.as_json()["text"] == "報失 – Ω"
    (found,) = decode_image(on_table(drawn("DataMatrix", "reçu", 6)))
    assert (found.text, found.payload) == ("reçu", "reçu".encode("latin-1"))


def test_the_corners_are_those_in_the_picture():
    code = drawn("Code128", "CNK8181G2C", 2)
    turned = cv2.warpAffine(
        on_table(code), cv2.getRotationMatrix2D((350, 200), 25, 1), (1280, 720), borderValue=200
    )
    for picture in (on_table(code), turned):
        (found,) = decode_image(np.asarray(picture, np.uint8))
        middle = np.mean(found.corners, axis=0)
        assert np.abs(middle - (200 + code.shape[1] / 2, 100 + code.shape[0] / 2)).max() < 90


def test_a_file_is_read_in_a_child(tmp_path: Path):
    segno.make_qr("123456789012|K7").save(str(tmp_path / "qr.png"), scale=6, border=4)
    found = read_file(tmp_path / "qr.png")
    assert [code.as_json()["text"] for code in found] == ["123456789012|K7"]
    assert json.dumps(found[0].as_json())


def test_the_module_that_asks_loads_no_decoder():
    decoders = "('cv2', 'zxingcpp', 'pyzbar', 'PIL')"
    program = f"import sys, devices.camera.codes; print([m for m in {decoders} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def png(width: int, height: int, rows: bytes) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def bomb() -> bytes:
    packer = zlib.compressobj(9)
    return png(20_000, 20_000, packer.compress(bytes(2501 * 20_000)) + packer.flush())


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", PictureFault.UNREADABLE),
        (b"not a picture", PictureFault.UNREADABLE),
        (b"GIF89a" + bytes(100), PictureFault.UNREADABLE),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", PictureFault.UNREADABLE),
        (png(100, 100, b"broken"), PictureFault.UNREADABLE),
        (b"\xff\xd8\xff\xe0" + bytes(50), PictureFault.UNREADABLE),
        (bomb(), PictureFault.TOO_LARGE),
        (png(0x7FFFFFFF, 0x7FFFFFFF, b""), PictureFault.TOO_LARGE),
        (bytes(20_000_001), PictureFault.TOO_LARGE),
    ],
)
def test_hostile_files_are_refused_with_a_reason(tmp_path: Path, content: bytes, fault: PictureFault):
    path = tmp_path / "picture"
    path.write_bytes(content)
    with pytest.raises(PictureError) as refused:
        read_file(path)
    assert refused.value.fault is fault


def test_a_missing_file_is_refused_too(tmp_path: Path):
    with pytest.raises(PictureError) as refused:
        read_file(tmp_path / "nowhere")
    assert refused.value.fault is PictureFault.UNREADABLE


def test_a_reader_that_breaks_or_hangs_costs_only_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    Image.new("L", (50, 50)).save(tmp_path / "plain.png")
    with monkeypatch.context() as broken:
        broken.setattr(sys, "executable", "/bin/false")
        with pytest.raises(PictureError) as broke:
            read_file(tmp_path / "plain.png")
    assert broke.value.fault is PictureFault.BROKE_THE_READER
    monkeypatch.setattr("devices.camera.codes.DEADLINE_S", 0.01)
    with pytest.raises(PictureError) as slow:
        read_file(tmp_path / "plain.png")
    assert slow.value.fault is PictureFault.TOO_SLOW
