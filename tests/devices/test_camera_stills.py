"""Stills carry nothing but the picture, stay within their size, and are of now; whatever the camera sends."""

import io
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from devices.camera import child
from devices.camera.protocol import PreviewFrame
from devices.camera.simulator import CameraSimulator, Fault, table_with_wallet
from flows.ports import DeviceState
from tests.devices.camera_rig import CameraRig, carries_metadata, decoded, segments

SECRETS = (
    b"Exif",
    b"ns.adobe.com",
    b"ICC_PROFILE",
    b"Photoshop",
    b"SERIAL-4711",
    b"22.2793",
    b"JFXX",
    b"\x89PNG",
)
RANDOM = np.random.default_rng(3)


def laden(picture: Any) -> bytes:
    """A JPEG with everything that a camera may put into one."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0131], exif[0x013B] = "Maker", "SERIAL-4711", "An invented owner"
    exif.get_ifd(0x8825)[2] = (22.0, 2793.0, 0.0)
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    buffer = io.BytesIO()
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><note>SERIAL-4711 22.2793</note></x:xmpmeta>'
    Image.fromarray(picture[:, :, ::-1]).save(
        buffer, "JPEG", exif=exif, icc_profile=icc, xmp=xmp, comment=b"SERIAL-4711 22.2793", quality=85
    )
    jpeg = buffer.getvalue()
    foreign = [
        (0xED, b"Photoshop 3.0\0SERIAL-4711"),
        (0xE0, b"JFXX\0\x13SERIAL-4711"),
        (0xEF, b"SERIAL-4711"),
    ]
    extra = b"".join(struct.pack(">BBH", 0xFF, kind, len(body) + 2) + body for kind, body in foreign)
    return jpeg[:2] + extra + jpeg[2:] + b"\x89PNG SERIAL-4711"  # and something behind the picture


def sensor(picture: Any) -> Any:
    return np.clip(picture + RANDOM.integers(-5, 6, picture.shape), 0, 255).astype(np.uint8)


@pytest.fixture
def rig(tmp_path: Path, heard: Callable[[], Any]) -> Iterator[CameraRig]:
    simulator = CameraSimulator(tmp_path / "camera.mjpeg", 640, 360, fps=10)
    simulator.start()
    rig = CameraRig(heard, simulator._path, simulator)
    rig.wait_for(DeviceState.READY)
    yield rig
    rig.stop()
    simulator.stop()


def carries_anything(jpeg: bytes) -> bool:
    return carries_metadata(jpeg) or any(secret in jpeg for secret in SECRETS)


def test_a_camera_that_sends_metadata_sends_it_in_vain(rig: CameraRig):
    frames = [laden(sensor(table_with_wallet(640, 360))) for _ in range(4)]
    assert all(carries_anything(frame) for frame in frames)
    rig.simulator.send(frames)
    rig.service.open()
    preview, still = rig.next_frame(), rig.still("photo-1")
    assert decoded(still).shape == (360, 640, 3)
    assert not carries_anything(preview.body)
    assert not carries_anything(still)
    assert [kind for kind, _ in segments(still)].count(0xE0) == 1


def test_hostile_frames_cost_the_child_at_most(rig: CameraRig):
    """A header that asks for gigabytes, torn frames, no frames at all."""
    good = laden(sensor(table_with_wallet(640, 360)))
    at = good.index(b"\xff\xc0")
    bomb = good[: at + 5] + struct.pack(">HH", 65_000, 65_000) + good[at + 9 :]
    rig.service.open()
    rig.next_frame()
    rig.simulator.send([bomb, good[:2000], b"\xff\xd8" + RANDOM.bytes(30_000), RANDOM.bytes(30_000), bomb])
    before = rig.states.count()
    rig.states.wait(lambda one: one[1] is not DeviceState.READY, after=before, timeout_s=12)
    rig.simulator.show(table_with_wallet(640, 360))
    heard, mended = rig.seen.count(), time.monotonic()
    rig.next_frame(after=heard)
    assert time.monotonic() - mended <= 5


def test_a_still_of_a_frame_that_is_old_fails(rig: CameraRig):
    rig.service.open()
    rig.next_frame()
    rig.fault("", Fault.STALL)
    time.sleep(0.8)  # the age that is refused
    assert rig.still("photo-1") == b""


def test_a_still_of_a_camera_that_is_off_or_between_two_children_fails_at_once(rig: CameraRig):
    assert rig.still("photo-1") == b""
    rig.service.open()
    rig.next_frame()
    held, rig.service._child = rig.service._child, None
    assert rig.still("photo-2") == b""
    rig.service._child = held


# --- the child's own work, without its process --------------------------------------------------------------


class Line:
    """Takes what the child says."""

    def sendall(self, data: bytes) -> None:
        """Nothing is looked at."""


def child_with(frame: Any, taken: float) -> child.Child:
    one = child.Child(Line())  # type: ignore[arg-type]  # as much of a socket as it needs
    one._newest.put(frame, taken)
    return one


def bounded(frame: Any) -> None:
    still = child_with(frame, time.monotonic())._still()
    assert len(still) <= 1_500_000
    assert not still or not carries_anything(still)


@pytest.mark.parametrize("size", [(640, 360), (1920, 1080), (3840, 2160)])
def test_a_still_is_bounded_however_rich_its_picture(size: tuple[int, int]):
    bounded(np.random.default_rng(1).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8))


def fresh_only() -> None:
    frame = sensor(table_with_wallet(640, 360))
    assert child_with(frame, time.monotonic())._still()
    assert child_with(frame, time.monotonic() - 0.6)._still() == b""
    assert child_with(None, time.monotonic())._still() == b""


def test_a_still_is_of_now_or_not_at_all():
    fresh_only()


def test_the_drivers_stamp_is_believed_only_if_it_can_be_true():
    from devices.camera.source import taken_at

    assert taken_at(99.9, 100.0) == 99.9
    assert taken_at(100.5, 100.0) == 100.0  # of the future
    assert taken_at(3.0, 100.0) == 100.0  # of another clock


# --- planted: each of these must be noticed -----------------------------------------------------------------


def stills_of_any_age(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(child, "STILL_MAX_AGE_S", 1e9)


def stills_of_any_size(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(child, "STILL_MAX_BYTES", 1 << 30)


def stills_with_a_comment(patch: pytest.MonkeyPatch) -> None:
    real = child._jpeg
    comment = b"\xff\xfe\x00\x0dSERIAL-4711"

    def jpeg(frame: Any, quality: int) -> bytes:
        plain = real(frame, quality)
        return plain[:2] + comment + plain[2:]

    patch.setattr(child, "_jpeg", jpeg)


@pytest.mark.parametrize("plant", [stills_of_any_age, stills_of_any_size, stills_with_a_comment])
def test_a_planted_bug_is_noticed(plant, monkeypatch):
    def all_of_it() -> None:
        fresh_only()
        bounded(np.random.default_rng(1).integers(0, 256, (1080, 1920, 3), dtype=np.uint8))

    plant(monkeypatch)
    with pytest.raises(AssertionError):
        all_of_it()


def test_preview_frames_are_small(rig: CameraRig):
    rig.service.open()
    frame = rig.next_frame()
    assert isinstance(frame, PreviewFrame)
    assert decoded(frame.body).shape[1] <= child.PREVIEW_WIDTH
