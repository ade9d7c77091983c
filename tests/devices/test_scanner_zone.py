"""Lines of a travel document become one payload; nothing else is held back or joined."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.scanner.zone import WAIT_S, ZoneJoiner

TD3 = [b"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", b"L898902C36UTO7408122F1204159ZE184226B<<<<<10"]
TD2 = [b"I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", b"D231458907UTO7408122F1204159<<<<<<<6"]
TD1 = [
    b"I<UTOD231458907<<<<<<<<<<<<<<<",
    b"7408122F1204159UTO<<<<<<<<<<<6",
    b"ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
]


@pytest.mark.parametrize(
    "lines", [TD3, TD2, TD1, [TD3[0].rstrip(b"<"), TD3[1]], [*TD1[:2], TD1[2].rstrip(b"<")]]
)
def test_zones_are_joined_when_they_are_whole(lines: list[bytes]):
    joiner = ZoneJoiner()
    found = [joiner.feed(line, 0.1 * number) for number, line in enumerate(lines)]
    assert found == [[]] * (len(lines) - 1) + [[b"\n".join(lines)]]
    assert joiner.expire(99.0) == []


@pytest.mark.parametrize(
    "payload", [b"A123456(3)", b"123456789012|K7", b"CS123456789<1234567<1234567<12", b"https://x", b"\xff"]
)
def test_everything_else_passes_at_once(payload: bytes):
    assert ZoneJoiner().feed(payload, 0.0) == [payload]


def test_what_stays_incomplete_is_let_go_as_it_is():
    joiner = ZoneJoiner()
    assert joiner.feed(TD3[0], 0.0) == []
    assert joiner.expire(WAIT_S) == []
    assert joiner.expire(WAIT_S + 0.1) == [TD3[0]]


def test_two_documents_are_not_mixed():
    joiner = ZoneJoiner()
    joiner.feed(TD3[0], 0.0)
    assert joiner.feed(b"A123456(3)", 0.1) == [TD3[0], b"A123456(3)"]
    joiner.feed(TD3[0], 1.0)
    assert joiner.feed(TD2[0], 2.0) == [TD3[0]]
    assert joiner.feed(TD2[1], 2.1) == [b"\n".join(TD2)]


@given(
    st.lists(
        st.tuples(
            st.one_of(st.sampled_from([*TD1, *TD2, *TD3]), st.binary(min_size=1, max_size=50)),
            st.floats(0, 1),
        )
    )
)
def test_nothing_is_lost_added_or_reordered(payloads):
    joiner, now, found = ZoneJoiner(), 0.0, []
    for payload, pause in payloads:
        now += pause
        found += joiner.feed(payload, now)
    found += joiner.expire(now + 1)
    assert b"\n".join(found) == b"\n".join(payload for payload, _ in payloads)
