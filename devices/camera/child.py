"""The process that holds the camera: `python -m devices.camera.child SOCKET-FD SOURCE WIDTH HEIGHT PLAIN`.

Reading from a camera may block for ever and decoders may crash, so this process may be killed at any moment;
it keeps nothing. It ends when its socket closes. OpenCV is imported only here and in the other children,
because it changes the process it is imported into.

Four threads: one reads frames, judges and shows them; one looks for codes in the newest frame; one looks for
the zone of a document where no code was; one obeys. Looking never delays showing. A covered camera is no
reason to end: it is looked at until it shows something again.
"""

import contextlib
import os
import socket
import sys
import threading
import time
from collections.abc import Callable

from devices.camera.source import CameraError, Source  # first: it sets OpenCV's environment

import cv2  # isort: skip
import numpy as np  # isort: skip

from devices.camera.decoding import LiveReader, Picture
from devices.camera.health import Health
from devices.camera.mrz_live import LiveZone
from devices.camera.newest import Newest
from devices.camera.protocol import (
    PASSING,
    Blind,
    Code,
    Failed,
    Opened,
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
PREVIEW_S = 1 / 40
"""Least time between two previews; cameras that deliver far more than 30 a second are thinned."""
STILL_MAX_BYTES = 1_500_000
STILL_MAX_AGE_S = 0.5
"""An older frame is not what the visitor meant to photograph."""
STILL_QUALITIES = (90, 80, 70, 55, 40)
BLIND_AGAIN_S = 0.5
"""A child that sees nothing says so this often, so that nobody takes it for a stalled one."""
_SAME_CODE_S = 2.0


class Child:
    """Reads frames, tells what is in them, obeys orders."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._codec = told_codec()
        self._sending = threading.Lock()
        self._newest: Newest[Picture] = Newest()
        self._codeless: Newest[Picture] = Newest()
        """The newest frame in which no code was found."""
        self._reading = threading.Event()

    def run(self, source: str, width: int, height: int, *, plain_background: bool) -> None:
        """Until the camera fails; the end of the socket ends the process from another thread."""
        for work in (self._obey, self._read_codes, self._read_zones):
            threading.Thread(target=_or_end, args=(work,), daemon=True).start()
        try:
            self._capture(Source(source, width, height), Health(plain_background=plain_background))
        except CameraError as reason:
            self._tell(Failed(reason.failure))

    # --- frames ---

    def _capture(self, source: "Source", health: Health) -> None:
        shown_at = blind_at = 0.0
        opened = False
        while True:
            frame, taken = source.read()
            if not opened:
                opened = True
                self._tell(Opened(width=frame.shape[1], height=frame.shape[0]))
            now = time.monotonic()
            verdict = health.feed(frame, now)
            if verdict.fault is not None and verdict.fault not in PASSING:
                raise CameraError(verdict.fault)
            self._newest.put(frame if verdict.shows else None, taken)
            if verdict.shows and taken - shown_at >= PREVIEW_S:
                shown_at = taken
                self._tell(PreviewFrame(taken, _jpeg(_preview(frame), PREVIEW_QUALITY)))
            if verdict.fault is not None and now - blind_at >= BLIND_AGAIN_S:
                blind_at = now
                self._tell(Blind(verdict.fault))

    # --- codes and zones ---

    def _read_codes(self) -> None:
        _give_way()
        reader = LiveReader()
        before: tuple[bytes, float] = (b"", 0.0)
        number = 0
        while True:
            self._reading.wait()
            frame, taken, number = self._newest.next(number)
            codes = reader.feed(frame)
            if not codes:
                self._codeless.put(frame, taken)
            for code in codes:
                now = time.monotonic()
                if code.payload != before[0] or now - before[1] > _SAME_CODE_S:
                    self._tell(Code(code.symbology, code.payload))
                before = (code.payload, now)

    def _read_zones(self) -> None:
        _give_way()
        self._reading.wait()
        zone = LiveZone()
        number = 0
        while True:
            self._reading.wait()
            frame, taken, number = self._codeless.next(number)
            lines = zone.feed(frame, taken)
            if lines is not None:
                self._tell(Code(body=lines.encode()))

    # --- orders ---

    def _obey(self) -> None:
        """Until nobody needs us any more."""
        decoder = Decoder(order_codec())
        while data := self._line.recv(65536):
            for order in decoder.feed(data):
                match order:
                    case ReadCodes(on=True):
                        self._reading.set()
                    case ReadCodes():
                        self._reading.clear()
                    case TakeStill(photo_id=photo_id):
                        self._tell(Still(photo_id, self._still()))

    def _still(self) -> bytes:
        frame, taken = self._newest.peek()
        if frame is None or time.monotonic() - taken > STILL_MAX_AGE_S:
            return b""
        for quality in STILL_QUALITIES:
            jpeg = _jpeg(frame, quality)
            if len(jpeg) <= STILL_MAX_BYTES:
                return jpeg
        return b""

    def _tell(self, message: Told) -> None:
        with self._sending:
            self._line.sendall(self._codec.encode(message))


def _or_end(work: Callable[[], None]) -> None:
    """A child that lost one of its threads is of no use; another one is started."""
    try:
        work()
    finally:
        os._exit(1)  # at once: the camera may be blocked in native code


def _give_way() -> None:
    """This thread computes with what the others leave of the cores, where its service may say so."""
    with contextlib.suppress(PermissionError):  # a filter of system calls may forbid it
        os.setpriority(os.PRIO_PROCESS, 0, 10)


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
    descriptor, source, width, height, plain = arguments
    cv2.setNumThreads(1)  # the kiosk has other things to do with its cores
    with socket.socket(fileno=int(descriptor)) as line:
        Child(line).run(source, int(width), int(height), plain_background=plain == "plain")


if __name__ == "__main__":
    main(sys.argv[1:])
