"""A camera adapter under test: on the simulator, or on the camera of this machine with a person beside it."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import segno

from config.settings import Camera
from devices.camera.adapter import CameraService, Delays
from devices.camera.protocol import Code, PreviewFrame, Still
from devices.camera.simulator import CameraSimulator, Fault
from devices.supervisor import BackOff, Supervised
from flows.ports import DeviceState

Picture = npt.NDArray[np.uint8]

PERSON_S = 60.0


class CameraRig:
    """The service with its supervisor. `simulator` is None on a real camera."""

    def __init__(
        self,
        heard: Callable[[], Any],
        source: str | Path,
        simulator: CameraSimulator | None,
        settings: Camera | None = None,
        delays: Delays | None = None,
    ) -> None:
        self.simulator = simulator
        self.patience_s = 10.0 if simulator else PERSON_S
        self.states, self.seen = heard(), heard()
        self.settings = settings or Camera(width=640, height=360)
        self.service = CameraService(self.settings, str(source), self.states, self.seen, delays)
        self._worker = Supervised(self.service, self.states, BackOff(0.05, 0.2))
        self._worker.start()

    # --- what is done to the camera ---

    def do(self, prompt: str, act: Callable[[CameraSimulator], None]) -> float:
        """By the simulator, or by a person; returns the time."""
        if self.simulator is not None:
            act(self.simulator)
        else:
            print(f"\n>>> camera: {prompt}", file=sys.__stderr__, flush=True)
        return time.monotonic()

    def fault(self, prompt: str, fault: Fault) -> float:
        return self.do(prompt, lambda simulator: simulator.set_fault(fault))

    def show_code(self, text: str, folder: Path) -> None:
        code = segno.make_qr(text)
        if self.simulator is None:
            code.terminal(out=sys.__stderr__, border=4)
            self.do("show it the code above", lambda _: None)
        else:
            code.save(str(folder / "code.png"), scale=8, border=4)
            self.simulator.command({"show": str(folder / "code.png")})

    # --- what is heard of it ---

    def wait_for(self, state: DeviceState, after: int = 0) -> None:
        self.states.wait(lambda one: one[1] is state, after=after, timeout_s=self.patience_s)

    def next_frame(self, after: int | None = None) -> PreviewFrame:
        after = self.seen.count() if after is None else after
        frame = self.seen.wait(
            lambda one: isinstance(one[1], PreviewFrame), after=after, timeout_s=self.patience_s
        )[1]
        assert isinstance(frame, PreviewFrame)
        return frame

    def code(self, text: str) -> None:
        self.seen.wait(
            lambda one: isinstance(one[1], Code) and one[1].body == text.encode(), timeout_s=self.patience_s
        )

    def still(self, photo_id: str) -> bytes:
        heard = self.seen.count()
        self.service.capture(photo_id)
        body: bytes = self.seen.wait(lambda one: isinstance(one[1], Still), after=heard)[1].body
        return body

    def frames_per_s(self, frames: int = 15) -> float:
        heard = self.seen.count()
        self.seen.wait(lambda _: self.seen.count() - heard >= frames)
        first, last = (
            seen.taken_monotonic for _, seen in (self.seen.all[heard], self.seen.all[heard + frames - 1])
        )
        return float((frames - 1) / (last - first))

    @property
    def child(self) -> Any:
        """The process that holds the camera."""
        child = self.service._child
        assert child is not None
        return child._process

    def stop(self) -> None:
        self._worker.stop()


def decoded(jpeg: bytes) -> Picture:
    return np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR), dtype=np.uint8)


def looks_like(jpeg: bytes, picture: Picture) -> bool:
    small = (64, 36)
    seen = cv2.resize(decoded(jpeg), small, interpolation=cv2.INTER_AREA).astype(int)
    wanted = cv2.resize(picture, small, interpolation=cv2.INTER_AREA).astype(int)
    return bool(np.abs(seen - wanted).mean() < 6)


def segments(jpeg: bytes) -> list[tuple[int, bytes]]:
    """Markers of a JPEG and what they carry, up to its picture data. Fails for anything that is none."""
    assert jpeg[:2] == b"\xff\xd8"
    found, at = [], 2
    while True:
        assert jpeg[at] == 0xFF
        kind, length = jpeg[at + 1], int.from_bytes(jpeg[at + 2 : at + 4], "big")
        found.append((kind, jpeg[at + 4 : at + 2 + length]))
        at += 2 + length
        if kind == 0xDA:
            return found


def carries_metadata(jpeg: bytes) -> bool:
    """Anything but tables, frame header, and a JFIF header without a thumbnail; anything behind its end."""
    allowed = {0xDB, 0xC0, 0xC4, 0xDA, 0xDD}
    return not jpeg.endswith(b"\xff\xd9") or any(
        kind not in allowed and not (kind == 0xE0 and body[:5] == b"JFIF\0" and len(body) == 14)
        for kind, body in segments(jpeg)
    )
