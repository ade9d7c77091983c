"""Frames from OpenCV: a V4L2 device, a stream, or a video file. Only for the child that holds the camera."""

import os
import stat
import time
from pathlib import Path

# Read by OpenCV on import. A camera must be seen now, not after five seconds of analysis.
os.environ.setdefault("OPENCV_FFMPEG_CAPTURE_OPTIONS", "analyzeduration;0|probesize;131072|fflags;nobuffer")
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")

import cv2  # after its environment
import numpy as np  # sorted after cv2

from devices.camera.decoding import Picture  # after OpenCV's environment
from devices.camera.protocol import Failure

_OLDEST_STAMP_S = 10.0
"""An older stamp is not of this clock."""


class CameraError(Exception):
    """The camera is of no use; carries the reason."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.value)
        self.failure = failure


class Source:
    """Where frames come from: a V4L2 device, or a video that starts again at its end."""

    def __init__(self, source: str, width: int, height: int) -> None:
        """Raises CameraError."""
        mode = Path(source).stat().st_mode if Path(source).exists() else 0
        self._is_device = stat.S_ISCHR(mode)
        self._loops = stat.S_ISREG(mode)
        self._began = time.monotonic()
        self._capture = cv2.VideoCapture(source, cv2.CAP_V4L2 if self._is_device else cv2.CAP_FFMPEG)
        if not self._capture.isOpened():
            raise CameraError(Failure.CANNOT_OPEN)
        if self._is_device:
            self._capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
            self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, width)
            self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
        self._pace_s = 1 / (self._capture.get(cv2.CAP_PROP_FPS) or 25.0) if self._loops else 0.0
        self._due = self._began

    def read(self) -> tuple[Picture, float]:
        """A frame that was taken since this was opened, and when, in seconds of CLOCK_MONOTONIC.

        Raises CameraError.
        """
        while True:
            frame = self._next()
            now = time.monotonic()
            taken = taken_at(self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000, now) if self._is_device else now
            if taken >= self._began:  # a driver may still hold one from before
                return frame, taken

    def _next(self) -> Picture:
        if self._loops:
            time.sleep(max(0.0, self._due - time.monotonic()))
            self._due = time.monotonic() + self._pace_s
        got, frame = self._capture.read()
        if not got and self._loops and self._capture.set(cv2.CAP_PROP_POS_FRAMES, 0):
            got, frame = self._capture.read()
        if not got:
            raise CameraError(Failure.ENDED)
        return np.asarray(frame, dtype=np.uint8)


def taken_at(stamp: float, now: float) -> float:
    """When a frame was taken: the driver's stamp, if it is of this clock and can be true; else now."""
    return stamp if 0 <= now - stamp < _OLDEST_STAMP_S else now
