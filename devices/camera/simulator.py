"""A camera for development and tests: an endless Motion-JPEG stream in a named pipe.

OpenCV opens it like any camera file. It shows an invented wallet on a table, or whatever picture it is told
to. Like a real sensor it has noise, so no two frames are equal. While nobody looks it does nothing, and
nothing that one opening did not take is left for the next.

Commands, all while it runs:

    {"show": "/path/to/picture.png"}    hold a picture before it, fitted into the frame
    {"show": "specimen:passport"}       or an invented document (devices.camera.specimens)
    {"fault": "blank"}                  evenly lit without anything in it
    {"fault": "cover"}                  a finger lies over the lens
    {"fault": "black"}                  the lens is closed tightly
    {"fault": "overexpose"}             a lamp shines into it
    {"fault": "noise"}                  nothing but noise
    {"fault": "freeze"}                 the same frame again and again
    {"fault": "stall"}                  open, but no more frames
    {"fault": "unplug"}, {"fault": "plug"}    the pipe disappears and appears
    {"fault": "slow", "fps": 3}         fewer frames a second
    {"size": "640x360"}                 frames of another size, at once; `fault: none` does not undo it
    {"fault": "none"}                   plugged in, in order, 25 frames a second

`shown` tells what it shows and whether somebody reads it.
"""

import contextlib
import fcntl
import os
import re
import select
import threading
import time
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]

FRAMES_PER_S = 25.0
_SLOW_FPS = 2.0
_VARIANTS = 8
_NOISE = 5
_LOOK_S = 0.05
_PIPE_BYTES = 1 << 20
_SPECIMEN = "specimen:"
_SIZE = re.compile(r"(\d{2,4})x(\d{2,4})")


class Fault(StrEnum):
    """What can be done to it."""

    NONE = "none"
    STALL = "stall"
    FREEZE = "freeze"
    SLOW = "slow"
    BLANK = "blank"
    COVER = "cover"
    BLACK = "black"
    OVEREXPOSE = "overexpose"
    NOISE = "noise"


class CameraSimulator:
    """One camera. `path` is there only while it is plugged in."""

    def __init__(self, path: Path, width: int = 1280, height: int = 720, fps: float = FRAMES_PER_S) -> None:
        self._path = path
        self._size = (width, height)
        self._changed = threading.Condition()
        self._stopped = False
        self._plugged = False
        self._watched = False
        self._fps = self._full_fps = fps
        self._fault = Fault.NONE
        self._what = "wallet"
        self._picture = table_with_wallet(width, height)
        self._frames = self._encode(self._picture)
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

    def show(self, picture: Picture, what: str = "a picture") -> None:
        """Hold a picture (BGR) before it."""
        frames = self._encode(picture)
        with self._changed:
            self._what, self._picture, self._frames = what, picture, frames

    def send(self, frames: Sequence[bytes]) -> None:
        """Deliver these frames in turn, as they are: for cameras that mean harm."""
        with self._changed:
            self._what, self._frames = "raw", list(frames)

    def set_fault(self, fault: Fault, fps: float | None = None) -> None:
        """Break it, or mend it."""
        with self._changed:
            self._fault = fault
            self._fps = self._full_fps if fps is None else fps
        frames = self._encode(self._picture) if self._what != "raw" else self._frames
        with self._changed:
            self._frames = frames
            self._changed.notify_all()

    def resize(self, width: int, height: int) -> None:
        """Deliver frames of another size from now on."""
        with self._changed:
            self._size = (width, height)
        self.show(self._picture, self._what)

    def command(self, words: Mapping[str, Any]) -> None:
        """Obey; the commands stand above. Raises ValueError."""
        match words:
            case {"show": what}:
                self.show(_picture_of(str(what)), Path(str(what)).name)
            case {"size": size}:
                self.resize(*_size_of(str(size)))
            case _:
                self._break(str(words.get("fault")), float(words.get("fps", _SLOW_FPS)))

    def _break(self, fault: str, fps: float) -> None:
        if not 0.1 <= fps <= 60:
            raise ValueError("fps is 0.1 to 60")
        if fault == "unplug":
            self.unplug()
        elif fault == "plug":
            self.plug()
        else:
            self.set_fault(Fault(fault), fps if fault == Fault.SLOW else None)
            if fault == Fault.NONE:
                self.plug()

    def shown(self) -> dict[str, object]:
        """What it shows, and whether somebody reads it."""
        with self._changed:
            return {
                "shows": self._what if self._fault in {Fault.NONE, Fault.SLOW} else self._fault.value,
                "plugged": self._plugged,
                "watched": self._watched,
                "size": f"{self._size[0]}x{self._size[1]}",
                "fps": self._fps,
            }

    # --- the sensor ---

    def _encode(self, picture: Picture) -> list[bytes]:
        """What the sensor makes of it, with different noise each time."""
        size, fault = self._size, self._fault
        before_it = _before_the_lens(fault, picture, *size)
        random = np.random.default_rng(0)
        noise = {Fault.NOISE: 255, Fault.BLACK: 1}.get(fault, _NOISE)
        noisy = (
            np.clip(before_it + random.integers(-noise, noise + 1, before_it.shape, dtype=np.int16), 0, 255)
            for _ in range(_VARIANTS)
        )
        return [_jpeg(frame.astype(np.uint8)) for frame in noisy]

    def _work(self) -> None:
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
            self._watched = True
            try:
                self._stream(pipe)
            finally:
                self._watched = False
                os.close(pipe)

    def _open(self) -> int | None:
        """The pipe, if somebody reads it."""
        try:
            pipe = os.open(self._path, os.O_WRONLY | os.O_NONBLOCK)
        except (FileNotFoundError, OSError):  # ENXIO: nobody reads
            return None
        with contextlib.suppress(OSError):  # more than an ordinary user may have
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        return pipe

    def _stream(self, pipe: int) -> None:
        number = 0
        due = time.monotonic()
        while self._await_turn(pipe, due):
            due = max(due + 1 / self._fps, time.monotonic() - 0.5)
            with self._changed:
                number += self._fault is not Fault.FREEZE
                frame = self._frames[number % len(self._frames)]
            if not self._write(pipe, frame):
                return

    def _await_turn(self, pipe: int, due: float) -> bool:
        """Whether the next frame is to be delivered; a reader that goes is noticed also while it stalls."""
        while self._plugged and not _is_deserted(pipe):
            wait_s = due - time.monotonic()
            if wait_s <= 0 and self._fault is not Fault.STALL:
                return True
            with self._changed:
                self._changed.wait(max(0.001, min(wait_s, _LOOK_S)) if wait_s > 0 else _LOOK_S)
        return False

    def _write(self, pipe: int, frame: bytes) -> bool:
        """False when the reader is gone or the camera is pulled."""
        rest = memoryview(frame)
        while rest and self._plugged:
            if not select.select([], [pipe], [], _LOOK_S)[1]:
                continue
            try:
                with contextlib.suppress(BlockingIOError):
                    rest = rest[os.write(pipe, rest) :]
            except BrokenPipeError:
                return False
        return self._plugged


def _is_deserted(pipe: int) -> bool:
    poll = select.poll()
    poll.register(pipe, 0)
    return bool(poll.poll(0))  # only POLLERR can be told


def _size_of(text: str) -> tuple[int, int]:
    matched = _SIZE.fullmatch(text)
    if matched is None:
        raise ValueError("a size is such as 640x360")
    return int(matched[1]), int(matched[2])


def _picture_of(what: str) -> Picture:
    """A picture file or a specimen. Raises ValueError."""
    if what.startswith(_SPECIMEN):
        from devices.camera.specimens import Kind, NoFontError, specimen  # Pillow, only when it is wanted

        try:
            return specimen(Kind(what.removeprefix(_SPECIMEN)), 1)[0]
        except NoFontError as error:
            raise ValueError(str(error)) from error
    picture = cv2.imread(what, cv2.IMREAD_COLOR)
    if picture is None:
        raise ValueError("not a picture")
    return np.asarray(picture, dtype=np.uint8)


def _before_the_lens(fault: Fault, picture: Picture, width: int, height: int) -> npt.NDArray[np.int16]:
    match fault:
        case Fault.BLANK | Fault.NOISE:
            frame: Picture = np.full((height, width, 3), 128, dtype=np.uint8)
        case Fault.BLACK:
            frame = np.zeros((height, width, 3), dtype=np.uint8)
        case Fault.OVEREXPOSE:
            frame = np.maximum(_fitted(picture, width, height), np.uint8(240)) | np.uint8(15)
        case Fault.COVER:
            frame = _finger(width, height)
        case _:
            frame = _fitted(picture, width, height)
    return frame.astype(np.int16)


def _finger(width: int, height: int) -> Picture:
    """Light that shines red through a finger, brighter to one side."""
    glow = np.linspace(40, 90, width, dtype=np.float32)[None, :] * np.ones((height, 1), dtype=np.float32)
    return np.dstack([glow * 0.3, glow * 0.4, glow * 1.6]).astype(np.uint8)


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
