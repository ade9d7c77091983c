"""AIM identifiers, codes of several lines, and all of it together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.scanner.codes import JOIN_S, Aim, Code, split
from devices.scanner.framing import SILENCE_S, BlockFraming, Dropped, Framing, LengthFraming
from devices.scanner.intake import Got, Intake
from devices.scanner.zone import lines_of_block

LATER = 5.0
FIRST, SECOND = (
    b"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    b"L898902C36UTO7408122F1204159ZE184226B<<<<<10",
)


def out_of(intake: Intake, *chunks: bytes, every_s: float = 0.0) -> list[Got]:
    """All that comes of the chunks, and after them silence in small steps, as the adapter reads it."""
    got: list[Got] = []
    for number, chunk in enumerate(chunks):
        got += intake.feed(chunk, number * every_s)
    for step in range(20):
        got += intake.expire(len(chunks) * every_s + step * 0.1)
    return got


def scanner(aim: Aim = Aim.DETECT, suffix: bytes = b"", prefix: bytes = b"") -> Intake:
    return Intake(Framing(suffix), prefix=prefix, aim=aim)


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"]Q1HELLO", Code("Q1", b"HELLO")),
        (b"]d2", Code("d2", b"")),
        (b"]E04891028164395", Code("E0", b"4891028164395")),
        (b"]", Code("", b"]")),
        (b"]1Q", Code("", b"]1Q")),
        (b"]Q\xff1", Code("", b"]Q\xff1")),
        (b" ]Q1A", Code("", b" ]Q1A")),
    ],
)
def test_identifiers(payload: bytes, code: Code):
    assert split(payload) == code


def test_expected_or_not():
    data = b"]Q1MARKED\r", b"PLAIN\r"
    marked, plain = Code("Q1", b"MARKED"), Code("", b"PLAIN")
    assert out_of(scanner(Aim.DETECT), *data, every_s=1.0) == [marked, plain]
    assert out_of(scanner(Aim.REQUIRED), *data, every_s=1.0) == [marked, Dropped.UNMARKED]
    assert out_of(scanner(Aim.OFF), *data, every_s=1.0) == [Code("", b"]Q1MARKED"), plain]


@pytest.mark.parametrize("aim", [Aim.DETECT, Aim.REQUIRED])
def test_lines_of_a_code_are_one_code_wherever_they_are_split(aim: Aim):
    data = b"]Q1ONE\r\nTWO\r\n]d2THREE\r"
    for offset in range(len(data) + 1):
        got = out_of(scanner(aim), data[:offset], data[offset:], every_s=JOIN_S / 2)
        assert got == [Code("Q1", b"ONE\nTWO"), Code("d2", b"THREE")], offset


def test_a_slow_line_of_a_code_is_still_its_line():
    slow = [b"]Q1ONE\r", *(bytes([byte]) for byte in b"TWO\r")]
    assert out_of(scanner(Aim.REQUIRED), *slow, every_s=JOIN_S * 0.9) == [Code("Q1", b"ONE\nTWO")]


def test_the_first_line_of_a_code_that_was_broken_off_is_not_used():
    assert out_of(scanner(Aim.REQUIRED), b"]Q1ONE\rTWO") == [Dropped.UNTERMINATED]


def test_a_line_that_comes_late_is_another_code():
    got = out_of(scanner(Aim.REQUIRED), b"]Q1ONE\r", b"TWO\r", every_s=JOIN_S * 2)
    assert got == [Code("Q1", b"ONE"), Dropped.UNMARKED]


def test_a_code_of_too_many_lines_is_dropped():
    got = out_of(scanner(), b"]Q1" + b"A" * 2000 + b"\r" + b"B" * 3000 + b"\r")
    assert got == [Dropped.TOO_LONG]


def test_an_empty_code_is_nothing():
    assert out_of(scanner(Aim.REQUIRED), b"]Q1\r\r") == []


def test_a_prefix_is_taken_off_and_what_lacks_it_is_dropped():
    got = out_of(scanner(prefix=b"\x02>"), b"\x02>A\r", b"B\r", b"\x02>]Q1C\r", every_s=1.0)
    assert got == [Code("", b"A"), Dropped.UNFRAMED, Code("Q1", b"C")]


def test_a_zone_with_an_identifier_on_every_line_is_one_zone():
    got = out_of(scanner(Aim.REQUIRED), b"]o3" + FIRST + b"\r]o3" + SECOND + b"\r")
    assert got == [Code("", FIRST + b"\n" + SECOND)]


def test_half_a_zone_is_gone_with_what_was_broken_off():
    assert out_of(scanner(), FIRST + b"\r" + SECOND[:10], every_s=0.1)[-1] is Dropped.UNTERMINATED


def test_abandoned_at_every_place_nothing_of_it_comes():
    data = b"]Q1ONE\r\nTWO\r"
    for offset in range(1, len(data) - 1):
        intake = scanner(Aim.REQUIRED)
        intake.feed(data[:offset], 0.0)
        intake.abandon()
        got = intake.feed(data[offset:], 0.01) + intake.expire(SILENCE_S + 1)
        assert [one for one in got if isinstance(one, Code)] == [], offset


@pytest.mark.parametrize(
    ("block", "lines"),
    [
        (FIRST + b"\r" + SECOND + b"\r", FIRST + b"\n" + SECOND),
        (b"\r" + FIRST + b"\r" + SECOND + b"\r", FIRST + b"\n" + SECOND),  # the first of three is not there
        (b"0" + FIRST + b"\r" + SECOND + b"\r", FIRST + b"\n" + SECOND),  # a byte of the reader's own
        (FIRST[:30] + b"_" * 14 + b"\r" + SECOND + b"\r", FIRST[:30] + b"\n" + SECOND),
        (b"\r\r\r", b""),
        (b"", b""),
    ],
)
def test_the_lines_of_a_block(block: bytes, lines: bytes):
    assert lines_of_block(block) == lines


def test_readers_of_documents():
    zone = [Code("", FIRST + b"\n" + SECOND)]
    lines = FIRST + b"\r" + SECOND + b"\r"
    assert out_of(Intake(Framing()), lines) == zone
    assert out_of(Intake(BlockFraming()), b"\x01\x60OU\x020" + lines + b"\x03\x55") == zone
    assert out_of(Intake(LengthFraming()), b"I\x00" + bytes([len(lines)]) + lines) == zone


@given(
    st.lists(st.tuples(st.binary(max_size=60), st.floats(0, 1)), max_size=30),
    st.sampled_from(list(Aim)),
    st.sampled_from([b"", b"\x03", b"\r\n"]),
    st.sampled_from([b"", b"\x02"]),
)
def test_anything_at_any_pace_never_raises(chunks, aim, suffix, prefix):
    intake, now = scanner(aim, suffix, prefix), 0.0
    for data, pause in chunks:
        now += pause
        for one in intake.feed(data, now) + intake.expire(now):
            assert isinstance(one, Dropped) or (isinstance(one, Code) and one.body)
