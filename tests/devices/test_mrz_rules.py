"""What is accepted of a zone, and what never: rules without pictures, and bugs planted in them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from devices.camera import mrz_grammar, mrz_live
from devices.camera.mrz_grammar import Zone, read_cells
from devices.camera.mrz_live import LiveZone
from devices.camera.mrz_reader import Seen
from devices.camera.mrz_strip import ALPHABET
from devices.camera.specimens import Kind, zone_lines
from flows.documents.mrz import Mrz

TODAY = date(2026, 11, 22)
TD3 = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
TD1 = ("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<")
CLEAR = Zone(TD3, checked=0.95, free=0.95, mended=False)
FRAME = np.zeros((8, 8), np.uint8)


def cells(
    lines: Sequence[str], doubts: Sequence[tuple[int, int, str]] = (), second: float = 0.3
) -> list[np.ndarray]:
    """As the recogniser says it: sure of every character, and at `doubts` (line, place, char) not quite."""
    seen = []
    for row, line in enumerate(lines):
        values = np.full((len(line), len(ALPHABET)), 1e-4)
        for place, char in enumerate(line):
            values[place, ALPHABET.index(char)] = 0.99
        for place, char in [(place, char) for at, place, char in doubts if at == row]:
            values[place] = 1e-4
            values[place, ALPHABET.index(line[place])] = 1 - second
            values[place, ALPHABET.index(char)] = second
        seen.append(np.log(values))
    return seen


def changed(lines: Sequence[str], row: int, place: int, char: str) -> tuple[str, ...]:
    return tuple(
        line[:place] + char + line[place + 1 :] if at == row else line for at, line in enumerate(lines)
    )


class Told:
    """A reader that has already seen its frames."""

    def __init__(self, *zones: Zone | None) -> None:
        self._zones = list(zones)

    def read(self, frame: np.ndarray, today: date, budget_s: float) -> Seen:
        del frame, today, budget_s
        zone = self._zones.pop(0)
        return Seen(zone, is_zone=True)


def accepted(*zones: Zone | None, every_s: float = 0.2) -> str | None:
    """What is told after these frames."""
    live = LiveZone(Told(*zones), TODAY)  # type: ignore[arg-type]  # all that is asked of a reader
    said = [live.feed(FRAME, number * every_s) for number in range(len(zones))]
    return next((text for text in said if text), None)


# --- the rules, each as a check that a planted bug must break ---


def one_frame_is_not_enough() -> None:
    assert accepted(CLEAR) is None
    assert accepted(CLEAR, CLEAR) == "\n".join(TD3)


def frames_must_agree_on_every_character() -> None:
    other = replace(CLEAR, lines=changed(TD3, 0, 6, "K"))
    assert accepted(CLEAR, other) is None
    assert accepted(CLEAR, other, CLEAR) is None  # two against one is not certain
    assert accepted(CLEAR, other, CLEAR, CLEAR) == "\n".join(TD3)


def names_must_be_seen_clearly() -> None:
    assert accepted(*[replace(CLEAR, free=0.5)] * 4) is None
    assert accepted(*[replace(CLEAR, checked=0.1)] * 4) is None


def mended_zones_need_one_that_was_not() -> None:
    mended = replace(CLEAR, mended=True, checked=0.2)
    assert accepted(*[mended] * 4) is None
    assert accepted(mended, CLEAR) == "\n".join(TD3)


def old_frames_do_not_count() -> None:
    assert accepted(CLEAR, CLEAR, every_s=3.0) is None


def every_wrong_digit_is_found() -> None:
    for row, place in [
        (1, place) for place in (*range(4, 7), *range(9, 10), *range(13, 20), *range(21, 28), 42, 43)
    ]:
        digit = "1" if TD3[row][place] == "0" else "0"
        assert read_cells(cells(changed(TD3, row, place, digit)), TODAY) is None, (row, place)


def names_have_the_shape_of_names() -> None:
    for place in (35, 43):  # a stray letter among the fillers at the end
        assert read_cells(cells(changed(TD3, 0, place, "K")), TODAY) is None
    assert read_cells(cells(changed(TD3, 0, 5, "<")), TODAY) is None


def two_ways_to_mend_are_none() -> None:
    birth = read_cells(cells(changed(TD1, 1, 2, "9"), [(1, 2, TD1[1][2])]), TODAY)
    assert birth is not None
    assert (birth.lines, birth.mended) == (TD1, True)
    wrong = changed(TD1, 0, 20, "B")  # only the composite digit stands for the optional data
    other = next(
        digit for digit in "0123456789" if mrz_grammar.fits(changed(wrong, 0, 21, digit), TODAY)
    )  # so there is a second way to make it agree
    assert read_cells(cells(wrong, [(0, 20, TD1[0][20])]), TODAY) is not None
    assert read_cells(cells(wrong, [(0, 20, TD1[0][20]), (0, 21, other)]), TODAY) is None


def twins_must_be_told_apart() -> None:
    """8 and S are the same to every check digit."""
    sure = read_cells(cells(TD3, [(1, 1, "3")], 0.3), TODAY)
    doubtful = read_cells(cells(TD3, [(1, 1, "S")], 0.3), TODAY)
    assert sure is not None
    assert doubtful is not None
    assert sure.free > mrz_live.SURE_FREE > doubtful.free


def visas_are_checked() -> None:
    lines = zone_lines(Kind.VISA, np.random.default_rng(1))
    for place in (13, 14, 21, 27):
        digit = str((int(lines[1][place]) + 1) % 10)
        assert read_cells(cells(changed(lines, 1, place, digit)), TODAY) is None
    assert read_cells(cells(lines), TODAY) is not None


CHECKS: tuple[Callable[[], None], ...] = (
    one_frame_is_not_enough,
    frames_must_agree_on_every_character,
    names_must_be_seen_clearly,
    mended_zones_need_one_that_was_not,
    old_frames_do_not_count,
    every_wrong_digit_is_found,
    names_have_the_shape_of_names,
    two_ways_to_mend_are_none,
    visas_are_checked,
    twins_must_be_told_apart,
)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_rule(check: Callable[[], None]) -> None:
    check()


# --- the checks see bugs ---


_parse = mrz_grammar.parse


def _no_doubts(lines: Sequence[str], *, today: date) -> object:
    zone = _parse(lines, today=today)
    return replace(zone, doubts=()) if isinstance(zone, Mrz) else zone


def _first_way(*_: object) -> Zone:
    return Zone(TD1, 0.3, 0.9, mended=True)


@pytest.mark.parametrize(
    ("module", "name", "bug", "check"),
    [
        (mrz_live, "AGREEING", 1, one_frame_is_not_enough),
        (mrz_live.LiveZone, "_is_certain", lambda *_: True, frames_must_agree_on_every_character),
        (mrz_live, "_is_clear", lambda _: True, names_must_be_seen_clearly),
        (mrz_live, "SURE_FREE", 0.3, names_must_be_seen_clearly),
        (mrz_live, "REMEMBERED_S", 60.0, old_frames_do_not_count),
        (mrz_grammar, "parse", _no_doubts, every_wrong_digit_is_found),
        (mrz_grammar, "_VISA_CHECKS", ((0, 9),), visas_are_checked),
        (mrz_grammar, "_TWINS", np.zeros((37, 37), np.bool_), twins_must_be_told_apart),
        (mrz_grammar, "_mended", _first_way, two_ways_to_mend_are_none),
        (mrz_grammar, "_NAMES_SHAPE", re.compile(".*"), names_have_the_shape_of_names),
    ],
)
def test_a_planted_bug_is_seen(
    monkeypatch: pytest.MonkeyPatch,
    module: object,
    name: str,
    bug: object,
    check: Callable[[], None],
) -> None:
    monkeypatch.setattr(module, name, bug)
    with pytest.raises(AssertionError):
        check()


# --- layouts ---


@pytest.mark.parametrize("kind", Kind)
def test_every_layout_is_read(kind: Kind) -> None:
    for seed in range(20):
        lines = zone_lines(kind, np.random.default_rng(seed))
        zone = read_cells(cells(lines), TODAY)
        assert zone is not None, lines
        assert zone.lines == lines
        assert not zone.mended


def test_letters_and_digits_go_where_they_may_stand() -> None:
    """O and 0 look alike in OCR-B: in a date it is a digit, in a name a letter, whatever was seen."""
    seen = cells(TD3)
    birth, name = 13 + TD3[1][13:19].index("0") if "0" in TD3[1][13:19] else 13, TD3[0].index("O", 5)
    seen[1][birth, ALPHABET.index("O")] = 0.0
    seen[0][name, ALPHABET.index("0")] = 0.0
    zone = read_cells(seen, TODAY)
    assert zone is not None
    assert zone.lines == TD3


def test_what_is_no_shape_is_no_zone() -> None:
    assert read_cells(cells(("A" * 40, "B" * 40)), TODAY) is None
    assert read_cells(cells(TD3[:1]), TODAY) is None
    assert read_cells(cells((TD3[0], TD3[1][:36])), TODAY) is None
