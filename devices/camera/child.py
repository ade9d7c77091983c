"""The process that holds the camera: `python -m devices.camera.child SOCKET-FD SOURCE WIDTH HEIGHT`.

Reading from a camera may block for ever and decoders may crash, so this process may be killed at any moment;
it keeps nothing. It ends when its socket closes. OpenCV is imported only here and in the other children,
because it changes the process it is imported into.
"""

import os
import socket
import stat
import sys
import threading
import time
import zlib
from pathlib import Path

# Read by OpenCV on import. A camera must be seen now, not after five seconds of analysis.
os.environ.setdefault("OPENCV_FFMPEG_CAPTURE_OPTIONS", "analyzeduration;0|probesize;131072|fflags;nobuffer")
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")

import cv2  # after its environment
import numpy as np  # sorted after cv2

from devices.camera.decoding import LiveReader, Picture  # after OpenCV's environment
from devices.camera.protocol import (
    Code,
    Failed,
    Failure,
    PreviewFrame,
    ReadCodes,
    Still,
    TakeStill,
    Told,
    order_codec,
    told_codec,
)
from devices.wire import Decoder

PREVIEW_WIDTH = 640
PREVIEW_QUALITY = 75
PREVIEW_S = 1 / 25
"""Least time between two previews; cameras that deliver more are thinned."""
STILL_MAX_BYTES = 1_500_000
STILL_MAX_AGE_S = 0.5
"""An older frame is not what the visitor meant to photograph."""
STILL_QUALITIES = (90, 80, 70, 55, 40)
SUSPICIOUS_S = 2.0
"""This long the same frame, or black, is a fault: a real sensor has noise."""
BLACK_BELOW = 4.0
"""Mean grey level of a covered lens."""
_SAME_CODE_S = 2.0


class CameraError(Exception):
    """The camera is of no use; carries the reason."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.value)
        self.failure = failure


class Health:
    """Notices a camera that delivers frames but shows nothing."""

    def __init__(self) -> None:
        self._checksum: int | None = None
        self._changed_at: float | None = None
        self._bright_at: float | None = None
        self._since: float | None = None

    def check(self, frame: Picture, now: float) -> bool:
        """Whether the camera is known to be alive: two different frames, the last not black.

        Raises CameraError.
        """
        since = self._since = now if self._since is None else self._since
        small = frame[::16, ::16]
        checksum = zlib.crc32(small.tobytes())
        if self._checksum not in (None, checksum):
            self._changed_at = now
        self._checksum = checksum
        black = float(small.mean()) < BLACK_BELOW
        if not black:
            self._bright_at = now
        if now - (self._changed_at or since) > SUSPICIOUS_S:
            raise CameraError(Failure.FROZEN)
        if now - (self._bright_at or since) > SUSPICIOUS_S:
            raise CameraError(Failure.BLACK)
        return self._changed_at is not None and not black


class Child:
    """Reads frames, tells what is in them, obeys orders."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._codec = told_codec()
        self._sending = threading.Lock()
        self._newest: Picture | None = None
        self._newest_at = 0.0
        self._fresh = threading.Condition()
        self._reading = False

    def run(self, source: str, width: int, height: int) -> None:
        """Until the camera fails; the end of the socket ends the process from another thread."""
        for work in (self._obey, self._read_codes):
            threading.Thread(target=work, daemon=True).start()
        try:
            self._capture(source, width, height)
        except CameraError as reason:
            self._tell(Failed(reason.failure))

    # --- frames ---

    def _capture(self, source: str, width: int, height: int) -> None:
        loops = stat.S_ISREG(Path(source).stat().st_mode) if Path(source).exists() else False
        capture = _open(source, width, height)
        pace_s = 1 / (capture.get(cv2.CAP_PROP_FPS) or 25.0) if loops else 0.0
        health = Health()
        shown_at = 0.0
        while True:
            began = time.monotonic()
            frame = _read(capture, loops=loops)
            now = time.monotonic()
            if health.check(frame, now):
                self._take(frame)
                if now - shown_at >= PREVIEW_S:
                    shown_at = now
                    self._tell(PreviewFrame(now, _jpeg(_preview(frame), PREVIEW_QUALITY)))
            if pace_s:
                time.sleep(max(0.0, pace_s - (time.monotonic() - began)))

    def _take(self, frame: Picture) -> None:
        with self._fresh:
            self._newest = frame
            self._newest_at = time.monotonic()
            self._fresh.notify_all()

    # --- codes ---

    def _read_codes(self) -> None:
        reader = LiveReader()
        before: tuple[bytes, float] = (b"", 0.0)
        while True:
            frame = self._next_frame()
            for code in reader.feed(frame):
                now = time.monotonic()
                if code.payload != before[0] or now - before[1] > _SAME_CODE_S:
                    self._tell(Code(code.symbology, code.payload))
                before = (code.payload, now)

    def _next_frame(self) -> Picture:
        """The next frame, once codes are wanted."""
        with self._fresh:
            self._fresh.wait()
            self._fresh.wait_for(lambda: self._reading and self._newest is not None)
            if self._newest is None:  # wait_for has made sure; said once more for the type checker
                raise CameraError(Failure.ENDED)
            return self._newest

    # --- orders ---

    def _obey(self) -> None:
        decoder = Decoder(order_codec())
        while data := self._line.recv(65536):
            for order in decoder.feed(data):
                match order:
                    case ReadCodes(on=on):
                        with self._fresh:
                            self._reading = on
                    case TakeStill(photo_id=photo_id):
                        self._tell(Still(photo_id, self._still()))
        os._exit(0)  # nobody needs us any more, and the camera may be blocked in native code

    def _still(self) -> bytes:
        with self._fresh:
            frame, age_s = self._newest, time.monotonic() - self._newest_at
        if frame is None or age_s > STILL_MAX_AGE_S:
            return b""
        for quality in STILL_QUALITIES:
            jpeg = _jpeg(frame, quality)
            if len(jpeg) <= STILL_MAX_BYTES:
                return jpeg
        return b""

    def _tell(self, message: Told) -> None:
        with self._sending:
            self._line.sendall(self._codec.encode(message))


def _open(source: str, width: int, height: int) -> cv2.VideoCapture:
    is_device = stat.S_ISCHR(Path(source).stat().st_mode) if Path(source).exists() else False
    capture = cv2.VideoCapture(source, cv2.CAP_V4L2 if is_device else cv2.CAP_FFMPEG)
    if not capture.isOpened():
        raise CameraError(Failure.CANNOT_OPEN)
    if is_device:
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, width)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
    return capture


def _read(capture: cv2.VideoCapture, *, loops: bool) -> Picture:
    got, frame = capture.read()
    if not got and loops and capture.set(cv2.CAP_PROP_POS_FRAMES, 0):
        got, frame = capture.read()
    if not got:
        raise CameraError(Failure.ENDED)
    return np.asarray(frame, dtype=np.uint8)


def _preview(frame: Picture) -> Picture:
    height, width = frame.shape[:2]
    if width <= PREVIEW_WIDTH:
        return frame
    size = (PREVIEW_WIDTH, round(height * PREVIEW_WIDTH / width))
    return np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _jpeg(frame: Picture, quality: int) -> bytes:
    _, encoded = cv2.imencode(".jpg", frame, (cv2.IMWRITE_JPEG_QUALITY, quality))
    return bytes(encoded)


def main(arguments: list[str]) -> None:
    """Entry of the process."""
    descriptor, source, width, height = arguments
    cv2.setNumThreads(1)  # the kiosk has other things to do with its cores
    with socket.socket(fileno=int(descriptor)) as line:
        Child(line).run(source, int(width), int(height))


if __name__ == "__main__":
    main(sys.argv[1:])
