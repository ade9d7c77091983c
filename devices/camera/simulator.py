"""A camera for development and tests: an endless Motion-JPEG stream in a named pipe.

OpenCV opens it like any camera file.

It shows an invented wallet on a table, or whatever picture it is told to. Like a real sensor it has noise, so
no two frames are equal. While nobody looks it does nothing. Faults: `unplug` (the pipe disappears), `stall`
(open, but no more frames), `freeze` (the same frame for ever), `black`, `none`/`plug`.
"""

import contextlib
import errno
import os
import select
import threading
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]

FRAMES_PER_S = 25
_VARIANTS = 8
_NOISE = 5
_LOOK_S = 0.05


class Fault(StrEnum):
    """What can be done to it."""

    NONE = "none"
    STALL = "stall"
    FREEZE = "freeze"
    BLACK = "black"


class CameraSimulator:
    """One camera. `path` is there only while it is plugged in."""

    def __init__(self, path: Path, width: int = 1280, height: int = 720) -> None:
        self._path = path
        self._size = (width, height)
        self._changed = threading.Condition()
        self._stopped = False
        self._plugged = False
        self._fault = Fault.NONE
        self._frames = self._encode(table_with_wallet(width, height))
        self._thread = threading.Thread(target=self._work, name="camera-simulator", daemon=True)

    def start(self) -> None:
        """Plug it in."""
        self.plug()
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self.unplug()
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        self._thread.join(5)

    def plug(self) -> None:
        """It appears."""
        with self._changed:
            if not self._plugged:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._path.unlink(missing_ok=True)
                os.mkfifo(self._path)
                self._plugged = True
                self._changed.notify_all()

    def unplug(self) -> None:
        """It disappears; who reads from it sees the end."""
        with self._changed:
            self._plugged = False
            self._path.unlink(missing_ok=True)
            self._changed.notify_all()

    def show(self, picture: Picture) -> None:
        """Hold a picture (BGR) before it."""
        frames = self._encode(picture)
        with self._changed:
            self._frames = frames

    def set_fault(self, fault: Fault) -> None:
        """Break it, or mend it."""
        with self._changed:
            self._fault = fault
            self._changed.notify_all()

    def command(self, words: Mapping[str, Any]) -> None:
        """`show` a picture file, or a `fault`. Raises ValueError."""
        if "show" in words:
            picture = cv2.imread(str(words["show"]), cv2.IMREAD_COLOR)
            if picture is None:
                raise ValueError("not a picture")
            self.show(np.asarray(picture, dtype=np.uint8))
            return
        fault = str(words.get("fault"))
        if fault == "unplug":
            self.unplug()
        elif fault == "plug":
            self.plug()
        else:
            self.set_fault(Fault(fault))
            if fault == Fault.NONE:
                self.plug()

    # --- the sensor ---

    def _encode(self, picture: Picture) -> list[bytes]:
        """The picture, fitted into the frame, with different noise each time."""
        fitted = _fitted(picture, *self._size)
        random = np.random.default_rng(0)
        noisy = (
            np.clip(fitted + random.integers(-_NOISE, _NOISE + 1, fitted.shape, dtype=np.int16), 0, 255)
            for _ in range(_VARIANTS)
        )
        return [_jpeg(frame.astype(np.uint8)) for frame in noisy]

    def _work(self) -> None:
        black = _jpeg(np.zeros((self._size[1], self._size[0], 3), dtype=np.uint8))
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._plugged or self._stopped)
                if self._stopped:
                    return
            pipe = self._open()
            if pipe is None:
                with self._changed:
                    self._changed.wait(_LOOK_S)
                continue
            try:
                self._stream(pipe, black)
            finally:
                os.close(pipe)

    def _open(self) -> int | None:
        """The pipe, if somebody reads it."""
        try:
            return os.open(self._path, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            if error.errno not in {errno.ENXIO, errno.ENOENT}:
                raise
            return None

    def _stream(self, pipe: int, black: bytes) -> None:
        number = 0
        while True:
            with self._changed:
                self._changed.wait(1 / FRAMES_PER_S)
                self._changed.wait_for(lambda: self._fault is not Fault.STALL or not self._plugged)
                if not self._plugged:
                    return
                number += self._fault is not Fault.FREEZE
                frame = black if self._fault is Fault.BLACK else self._frames[number % _VARIANTS]
            if not self._write(pipe, frame):
                return

    def _write(self, pipe: int, frame: bytes) -> bool:
        """False when the reader is gone or the camera is pulled."""
        while frame and self._plugged:
            if not select.select([], [pipe], [], _LOOK_S)[1]:
                continue
            try:
                with contextlib.suppress(BlockingIOError):
                    frame = frame[os.write(pipe, frame) :]
            except BrokenPipeError:
                return False
        return self._plugged


def table_with_wallet(width: int, height: int) -> Picture:
    """A drawn brown wallet, nobody's, on a drawn table."""
    picture = np.full((height, width, 3), (170, 190, 205), dtype=np.uint8)
    for line in range(0, height, max(1, height // 9)):
        cv2.line(picture, (0, line), (width, line), (150, 172, 188), 2)
    left, top, right, bottom = width // 4, height // 3, width * 3 // 4, height * 4 // 5
    cv2.rectangle(picture, (left + 12, top + 14), (right + 12, bottom + 14), (120, 138, 150), -1)
    cv2.rectangle(picture, (left, top), (right, bottom), (42, 62, 98), -1)
    cv2.rectangle(picture, (left + 10, top + 10), (right - 10, bottom - 10), (70, 96, 140), 2)
    cv2.line(picture, (left, (top + bottom) // 2), (right, (top + bottom) // 2), (30, 46, 76), 4)
    cv2.circle(picture, (right - width // 16, (top + bottom) // 2), max(4, height // 30), (90, 200, 225), -1)
    return picture


def _fitted(picture: Picture, width: int, height: int) -> Picture:
    scale = min(width / picture.shape[1], height / picture.shape[0])
    size = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    resized = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_NEAREST)
    frame = np.full((height, width, 3), 96, dtype=np.uint8)
    left, top = (width - size[0]) // 2, (height - size[1]) // 2
    frame[top : top + size[1], left : left + size[0]] = resized
    return frame


def _jpeg(picture: Picture) -> bytes:
    _, encoded = cv2.imencode(".jpg", picture, (cv2.IMWRITE_JPEG_QUALITY, 85))
    return bytes(encoded)
