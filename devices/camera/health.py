"""Is what the camera delivers a picture of anything? Pure: frames and times in, a verdict out.

A camera fails in ways that no error code tells: the driver returns the last frame for ever, a finger or a
strip of tape lies over the lens, a lamp blinds it, a torn cable makes noise. What is wrong counts when it has
lasted `SUSPICIOUS_S`, and is over when nothing was wrong for `CLEAR_S`. What shows nothing is never shown.
"""

import zlib
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from devices.camera.protocol import Failure

Picture = npt.NDArray[np.uint8]
"""Grey (rows, columns) or BGR (rows, columns, 3)."""

_Grey = npt.NDArray[np.uint8]

SUSPICIOUS_S = 2.0
CLEAR_S = 0.3
BLACK_BELOW = 8.0
"""Mean grey level of a lens that is covered tightly."""
_WHITE_FROM = 250
_WHITE_SHARE = 0.9
_SAMPLE_WIDTH = 320
"""About so many pixels of a row are looked at, and as many rows in proportion."""
_BLOCKS = (32, 18)
_FLAT_BELOW = 4.0
"""Grey levels between neighbouring blocks at the most uneven places of a picture without structure."""
_GRAIN_SHOWS = 0.4
"""So much of the noise of single pixels is left in the difference of two blocks."""
_GRAIN_OF_NOISE = 25.0
"""Grey levels between neighbouring pixels; sensors in the dark reach about 15."""
_RELATED_FROM = 0.2
"""Correlation of a frame with the one before; a scene in which somebody moves has far more."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`shows`: the frame may be shown and taken. `fault`: what has been wrong for long enough to be said."""

    shows: bool
    fault: Failure | None = None


class Health:
    """Judges the frames of one opening, in their order."""

    def __init__(self, *, plain_background: bool = False) -> None:
        """`plain_background`: the camera looks at an even surface, so that even light means nothing."""
        self._plain_background = plain_background
        self._shape: tuple[int, ...] = ()
        self._checksum: int | None = None
        self._changed_at = 0.0
        self._moves = False
        """Two frames that differ were seen."""
        self._wrong_since: float | None = None
        self._right_since: float | None = None
        self._blocks: npt.NDArray[np.float64] | None = None
        self._fault: Failure | None = None

    def feed(self, frame: Picture, now: float) -> Verdict:
        """Judge a frame that was taken at second `now` of a clock that never goes back."""
        if self._shape not in {(), frame.shape}:
            return Verdict(shows=False, fault=Failure.RESIZED)
        self._shape = frame.shape
        sample = _sampled(frame)
        self._note_change(sample, now)
        sign = self._sign(sample)
        self._note_sign(sign, now)
        self._fault = self._named(sign, now)
        shows = self._fault is None and self._moves and sign is not Failure.BLACK
        return Verdict(shows, self._fault)

    # --- since when ---

    def _note_change(self, sample: Picture, now: float) -> None:
        checksum = zlib.crc32(sample.tobytes())
        if checksum != self._checksum:
            self._moves = self._checksum is not None
            self._changed_at = now
        self._checksum = checksum

    def _note_sign(self, sign: Failure | None, now: float) -> None:
        if sign is None:
            self._wrong_since = None
            self._right_since = now if self._right_since is None else self._right_since
        else:
            self._right_since = None
            self._wrong_since = now if self._wrong_since is None else self._wrong_since

    def _named(self, sign: Failure | None, now: float) -> Failure | None:
        if sign is not None and self._wrong_since is not None and now - self._wrong_since >= SUSPICIOUS_S:
            return sign
        if sign is None and now - self._changed_at >= SUSPICIOUS_S:
            return Failure.FROZEN
        if self._fault is not None and self._right_since is not None and now - self._right_since >= CLEAR_S:
            return None
        return self._fault

    # --- what is wrong with one frame ---

    def _sign(self, sample: Picture) -> Failure | None:
        grey = _grey(sample)
        blocks = cv2.resize(grey, _BLOCKS, interpolation=cv2.INTER_AREA).astype(np.float64)
        before, self._blocks = self._blocks, blocks
        if float(grey.mean()) < BLACK_BELOW:
            return Failure.BLACK
        if np.count_nonzero(grey >= _WHITE_FROM) > _WHITE_SHARE * grey.size:
            return Failure.OVEREXPOSED
        grain = _grain(grey)
        if _unevenness(blocks) < _FLAT_BELOW + _GRAIN_SHOWS * grain:
            return self._sign_of_flat(grain)
        if before is not None and _correlation(before, blocks) < _RELATED_FROM:
            return Failure.NOISE
        return None

    def _sign_of_flat(self, grain: float) -> Failure | None:
        if grain > _GRAIN_OF_NOISE:
            return Failure.NOISE
        return None if self._plain_background else Failure.BLANK


def _sampled(frame: Picture) -> Picture:
    step = max(1, frame.shape[1] // _SAMPLE_WIDTH)
    return np.ascontiguousarray(frame[::step, ::step])


def _grey(sample: Picture) -> _Grey:
    if sample.ndim == 2:
        return sample
    return np.asarray(cv2.cvtColor(sample, cv2.COLOR_BGR2GRAY), dtype=np.uint8)


def _grain(grey: _Grey) -> float:
    return float(np.median(cv2.absdiff(grey[:, 1:], grey[:, :-1])))


def _unevenness(blocks: npt.NDArray[np.float64]) -> float:
    steps = (np.abs(np.diff(blocks, axis=axis)).ravel() for axis in (0, 1))
    return float(np.percentile(np.concatenate(list(steps)), 99))


def _correlation(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> float:
    one, other = one - one.mean(), other - other.mean()
    return float((one * other).sum() / max(1e-9, float(np.sqrt((one * one).sum() * (other * other).sum()))))
