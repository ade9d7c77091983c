"""From probabilities of characters to the lines of a zone: which character may stand where, and does all fit?

Positions are those of ICAO 9303 parts 4 to 7 and of the one-line Exit-Entry Permit. `flows.documents.mrz`
judges the check digits; what carries none (names, states, sex) is known only as surely as it was seen.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from devices.camera.mrz_strip import ALPHABET
from flows.documents.mrz import Mrz, check_digit, parse

Floats = npt.NDArray[np.float64]

_SETS = {
    "n": "0123456789",
    "d": "0123456789<",
    "l": "ABCDEFGHIJKLMNOPQRSTUVWXYZ<",
    "a": ALPHABET,
    "s": "MFX<",
    "P": "PV",
    "I": "IAC",
    "C": "IAC",
    "c": "C",
    "S": "S",
    "<": "<",
}
_PERSON_44 = "aaaaaaaaanlllddddddnsddddddn"
_TEMPLATES = {
    (2, 44): ("Pl" + "l" * 42, _PERSON_44 + "a" * 14 + "dn"),
    (2, 36): ("Il" + "l" * 34, "aaaaaaaaadlllddddddnsddddddn" + "a" * 7 + "n"),
    (3, 30): ("Cllll" + "a" * 9 + "d" + "a" * 15, "ddddddnsddddddnlll" + "a" * 11 + "n", "l" * 30),
    (1, 30): ("cSaaaaaaaaan<ddddddn<ddddddn<n",),
}
_VISA_SECOND = {44: _PERSON_44 + "a" * 16}
"""Small visas of 36 characters are not read: one of 44 with its end hidden looks the same, and no check digit
covers the whole."""
_NAMES = {(2, 44): (5, 44), (2, 36): (5, 36), (3, 30): (60, 90)}
_FREE = {(2, 44): ((0, 44), (54, 57), (64, 65)), (2, 36): ((0, 36), (46, 49), (56, 57)),
         (3, 30): ((0, 5), (37, 38), (45, 48), (60, 90)), (1, 30): ((29, 30),)}  # fmt: skip
"""Ranges without a check digit."""
_VISA_CHECKS = ((0, 9), (13, 19), (21, 27))  # in the second line; the digit follows
_NAMES_SHAPE = re.compile(r"[A-Z]+(<[A-Z]+)*(<<[A-Z]+(<[A-Z]+)*)?<*")
_VALUES = np.array([int(check_digit(f"{char}<<")) for char in ALPHABET])
_TWINS = (_VALUES[:, None] == _VALUES[None, :]) & ~np.eye(len(ALPHABET), dtype=np.bool_)
"""Characters that weigh the same in every check digit: their values differ by a multiple of ten."""
_LEAST_SEEN = 0.05
"""What is seen less surely was not seen: under a finger, or beyond the edge."""
_LEAST_SECOND = 0.08
_MENDED_AT_MOST = 24


@dataclass(frozen=True, slots=True)
class Zone:
    """Lines whose check digits all fit.

    `checked` is the least probability of a character with a check digit, `free` that of one without, or of
    one against its likeliest twin: no check digit tells 8 from S.
    """

    lines: tuple[str, ...]
    checked: float
    free: float
    mended: bool
    """One character was taken otherwise than it looked, because only so the check digits fit."""


def read_cells(cells: Sequence[Floats], today: date) -> Zone | None:
    """The zone in lines of (width, 37) logarithms of probabilities; None if the check digits do not fit."""
    width = len(cells[0])
    shape = (len(cells), width)
    if shape not in _TEMPLATES or any(len(line) != width for line in cells):
        return None
    probabilities = _probabilities(np.concatenate(cells))
    template = "".join(_TEMPLATES[shape])
    allowed = _allowed(template)
    best = (probabilities * allowed).argmax(axis=1)
    if ALPHABET[best[0]] == "V" and width in _VISA_SECOND and len(cells) == 2:
        allowed = _allowed(_TEMPLATES[shape][0] + _VISA_SECOND[width])
        best = (probabilities * allowed).argmax(axis=1)
    free = _free_places(shape, visa=ALPHABET[best[0]] == "V")
    if probabilities[np.arange(len(best)), best].min() < _LEAST_SEEN:
        return None
    if fits(_lines(best, width), today):
        return _zone(best, probabilities * allowed, free, width, mended=False)
    return _mended(best, probabilities * allowed, free, width, today)


def fits(lines: tuple[str, ...], today: date) -> bool:
    """Whether every check digit agrees, no date is impossible, and the names are shaped like names."""
    shape = (len(lines), len(lines[0]))
    joined = "".join(lines)
    names = _NAMES.get(shape)
    if names is not None and not _NAMES_SHAPE.fullmatch(joined[names[0] : names[1]]):
        return False
    if joined[0] == "V":
        second = lines[1]
        return all(second[start] != "<" and check_digit(second[start:end]) == second[end]
                   for start, end in _VISA_CHECKS)  # fmt: skip
    zone = parse(lines, today=today)
    return isinstance(zone, Mrz) and not zone.doubts and not zone.repaired and bool(zone.number)


def _probabilities(cells: Floats) -> Floats:
    """Of the 37 characters; all small where hardly any character was seen."""
    values = np.exp(cells)
    total = values.sum(axis=1, keepdims=True)
    return np.asarray(values / np.maximum(total, 0.6), np.float64)


def _allowed(template: str) -> Floats:
    mask = np.zeros((len(template), len(ALPHABET)))
    for place, kind in enumerate(template):
        mask[place, [ALPHABET.index(char) for char in _SETS[kind]]] = 1.0
    return mask


def _free_places(shape: tuple[int, int], *, visa: bool) -> npt.NDArray[np.bool_]:
    free = np.zeros(shape[0] * shape[1], np.bool_)
    for start, end in _FREE[shape]:
        free[start:end] = True
    if visa:
        free[shape[1] + 28 :] = True
    return free


def _lines(best: npt.NDArray[np.intp], width: int) -> tuple[str, ...]:
    text = "".join(ALPHABET[number] for number in best)
    return tuple(text[start : start + width] for start in range(0, len(text), width))


def _zone(
    best: npt.NDArray[np.intp],
    probabilities: Floats,
    free: npt.NDArray[np.bool_],
    width: int,
    *,
    mended: bool,
) -> Zone:
    sure = probabilities[np.arange(len(best)), best]
    rivals = np.where(_TWINS[best], probabilities, 0.0).max(axis=1)
    told_apart = np.where(free, sure, sure / np.maximum(sure + rivals, 1e-9))
    return Zone(_lines(best, width), float(sure[~free].min()), float(told_apart.min()), mended)


def _mended(
    best: npt.NDArray[np.intp], possible: Floats, free: npt.NDArray[np.bool_], width: int, today: date
) -> Zone | None:
    """The one zone that fits with one likely second choice; None if there is none, or more than one."""
    seconds = possible.copy()
    seconds[np.arange(len(best)), best] = 0.0
    tries = [(float(seconds[place, char]), int(place), int(char))
             for place, char in np.argwhere(seconds > _LEAST_SECOND)]  # fmt: skip
    found = []
    for _, place, char in sorted(tries, reverse=True)[:_MENDED_AT_MOST]:
        other = best.copy()
        other[place] = char
        if fits(_lines(other, width), today):
            found.append(_zone(other, possible, free, width, mended=True))
    return found[0] if len(found) == 1 else None
