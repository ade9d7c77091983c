"""`kiosk scan --image FILE` says what the running kiosk makes of the same picture before its camera."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import zxingcpp

from config.settings import Camera
from devices.camera.adapter import CameraService
from devices.camera.codes import read_file
from devices.camera.protocol import Code, PreviewFrame
from devices.camera.simulator import CameraSimulator, table_with_wallet
from devices.supervisor import BackOff, Supervised

SIZE = (640, 360)
FRAMES_OF_SILENCE = 10
FORMATS = ("QRCode", "PDF417", "Aztec", "DataMatrix", "Code128")


def placed(code: str, payload: str | bytes, scale: int = 3):
    picture = np.asarray(
        zxingcpp.create_barcode(payload, getattr(zxingcpp.BarcodeFormat, code)).to_image(scale=scale)
    )
    frame = np.full(SIZE[::-1], 215, np.uint8)
    top, left = (SIZE[1] - picture.shape[0]) // 2, (SIZE[0] - picture.shape[1]) // 2
    frame[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    return frame


def turned(picture, degrees: float):
    matrix = cv2.getRotationMatrix2D((SIZE[0] / 2, SIZE[1] / 2), degrees, 1)
    return cv2.warpAffine(picture, matrix, SIZE, borderValue=215, flags=cv2.INTER_AREA)


def pale(picture):
    """Little contrast, and brighter to the right."""
    light = np.linspace(-50, 50, SIZE[0])[None, :]
    return np.clip(picture * 0.35 + 90 + light, 0, 255).astype(np.uint8)


PICTURES = {
    **{f"{code}": placed(code, f"LOST-{code}") for code in FORMATS},
    "turned PDF417": turned(placed("PDF417", "A-TURNED-LABEL"), 12),
    "turned Code 128": turned(placed("Code128", "TURNED-17", 2), 24),
    "pale QR": pale(placed("QRCode", "PALE")),
    "light on dark": 255 - placed("QRCode", "INVERTED"),
    "no UTF-8": placed("QRCode", b"\xff\x00\x80" + "報失".encode()),
    "a wallet": cv2.cvtColor(table_with_wallet(*SIZE), cv2.COLOR_BGR2GRAY),
    "noise": np.random.default_rng(0).integers(0, 255, SIZE[::-1], dtype=np.uint8),
}
WITHOUT_CODE = {"a wallet", "noise"}


@pytest.fixture
def camera(tmp_path: Path, heard: Callable[[], Any]) -> Iterator[tuple[CameraSimulator, Any]]:
    simulator = CameraSimulator(tmp_path / "camera.mjpeg", *SIZE)
    simulator.start()
    states, seen = heard(), heard()
    service = CameraService(Camera(width=SIZE[0], height=SIZE[1]), str(simulator._path), states, seen)
    worker = Supervised(service, states, BackOff(0.05, 0.2))
    worker.start()
    service.open()
    service.read_codes(on=True)
    seen.wait(lambda one: isinstance(one[1], PreviewFrame))
    yield simulator, seen
    worker.stop()
    simulator.stop()


def test_a_file_and_the_camera_say_the_same(camera: tuple[CameraSimulator, Any], tmp_path: Path):
    simulator, seen = camera
    earlier: set[bytes] = set()  # frames on their way may still show the picture before
    for name, picture in PICTURES.items():
        cv2.imwrite(str(tmp_path / "picture.png"), picture)
        of_file = {code.payload for code in read_file(tmp_path / "picture.png")}
        assert bool(of_file) is (name not in WITHOUT_CODE), name
        assert of_camera(simulator, seen, picture, earlier, wanted=len(of_file)) == of_file, name
        earlier |= of_file


def of_camera(
    simulator: CameraSimulator, seen: Any, picture: Any, earlier: set[bytes], *, wanted: int
) -> set[bytes]:
    """What is told of this picture: so many codes, or nothing over some frames."""
    after = seen.count()
    simulator.show(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR))

    def told() -> set[bytes]:
        return {one[1].body for one in seen.all[after:] if isinstance(one[1], Code)} - earlier

    def enough(_: Any) -> bool:
        frames = sum(isinstance(one[1], PreviewFrame) for one in seen.all[after:])
        return len(told()) >= wanted if wanted else frames >= FRAMES_OF_SILENCE

    seen.wait(enough, after=after, timeout_s=20)
    return told()
