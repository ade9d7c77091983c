"""The panel's lines: what is one, and that noise never is a key or a call."""

import random
import zlib
from collections import Counter
from collections.abc import Callable

import pytest

from devices.panel import line
from devices.panel.line import (
    MAX_LINE,
    Greeting,
    KeyDown,
    LevelChanged,
    Levels,
    Lines,
    Refusal,
    Said,
    decode,
    encode,
    parse,
)
from devices.panel.simulator import line as simulated
from flows.ports import PanelKey
from tests.prove.scale import size

STATE = "STATE CALL=0 ACK=- HP=1 NEAR=- LAMP=1 BUZZER=0 RELAY=-"


def heard(data: bytes) -> list[Said]:
    """What a panel said with these bytes."""
    return [said for body in Lines().feed(data) if (said := parse(body)) is not None]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("PANEL 1 ACME-7 2.04", Greeting(1, "ACME-7", "2.04")),
        (
            STATE,
            Levels(
                {"CALL": False, "ACK": None, "HP": True, "NEAR": None},
                {"LAMP": True, "BUZZER": False, "RELAY": None},
            ),
        ),
        ("REFUSED", Refusal()),
        ("KEY 0 OK", KeyDown(0, PanelKey.OK)),
        ("KEY 999 SOFTER", KeyDown(999, PanelKey.SOFTER)),
        ("LEVEL 7 CALL=1", LevelChanged(7, "CALL", level=True)),
    ],
)
def test_what_a_panel_says_is_understood(body: str, said: Said) -> None:
    assert encode(body) == simulated(body)  # two hands wrote the checksum
    assert heard(encode(body)) == [said]
    assert heard(encode(body).replace(b"\n", b"\r\n")) == [said]


def test_the_checksum_is_the_one_of_the_page() -> None:
    assert encode("123456789") == b"$123456789*CBF43926\n"  # the check value of CRC-32


@pytest.mark.parametrize(
    "body",
    [
        "KEY 1 up", "KEY 1 UP ", " KEY 1 UP", "KEY 1  UP", "KEY 01 UP", "KEY 1000 UP", "KEY -1 UP",
        "KEY 1 ENTER", "KEY UP", "LEVEL 1 CALL=2", "LEVEL 1 CALL=-", "LEVEL 1 LAMP=1", "STATE CALL=1",
        STATE + " X=1", "PANEL 0 A B", "PANEL 1 A", "PANEL 1 A B C", "STATE", "REFUSED 1", "HELLO 1", "",
    ],
)  # fmt: skip
def test_what_no_panel_says_is_nothing(body: str) -> None:
    assert heard(encode(body)) == []


@pytest.mark.parametrize(
    "data",
    [b"KEY 1 OK\n", b"$KEY 1 OK\n", b"$KEY 1 OK*\n", b"$KEY 1 OK*00000000\n",
     b"x" + encode("KEY 1 OK")[:-1] + b"x\n", b"\x00" + encode("KEY 1 OK"),
     encode("KEY 1 OK").lower(), "$KEY 1 ÖK*00000000\n".encode()],
)  # fmt: skip
def test_what_is_no_line_is_dropped_and_counted(data: bytes) -> None:
    lines = Lines()
    assert lines.feed(data) == []
    assert lines.dropped == 1
    assert lines.feed(encode("KEY 2 OK")) == ["KEY 2 OK"]


def test_a_stream_without_end_costs_no_memory() -> None:
    lines = Lines()
    for _ in range(1000):
        assert lines.feed(b"A" * 1000) == []
        assert len(lines._rest) <= MAX_LINE
    assert lines.feed(b"\n" + encode("KEY 2 OK")) == ["KEY 2 OK"]
    assert lines.dropped == 1


def test_lines_may_come_in_any_pieces() -> None:
    wanted = ["KEY 1 UP", STATE, "LEVEL 2 HP=0"]
    stream = b"".join(encode(body) for body in wanted)
    chance = random.Random(5)  # noqa: S311  the same pieces in every run
    for _ in range(200):
        lines, found, at = Lines(), [], 0
        while at < len(stream):
            size = chance.randint(1, 40)
            found += lines.feed(stream[at : at + size])
            at += size
        assert found == wanted
        assert lines.dropped == 0


# --- noise --------------------------------------------------------------------------------------------------

BODIES = [f"KEY 7 {key.value.upper()}" for key in PanelKey] + ["LEVEL 8 CALL=1", "LEVEL 9 ACK=1", STATE]
LINES = [encode(body) for body in BODIES]


def noisy_line(chance: random.Random) -> bytes:
    """A line as a bad cable brings it: bits turned, bytes lost or doubled, lines run together, noise."""
    good = chance.choice(LINES)
    at = chance.randrange(len(good) - 1)
    match chance.randrange(7):
        case 0:
            return chance.randbytes(chance.randint(1, 40)).replace(b"\n", b"") + b"\n"
        case 1:
            return good[:at] + bytes([good[at] ^ 1 << chance.randrange(8)]) + good[at + 1 :]
        case 2:
            return good[:at] + good[at + 1 :]
        case 3:
            return good[:at] + good[at : at + 1] + good[at:]
        case 4:
            return good[:at] + chance.choice(LINES)[at:]
        case 5:
            burst = bytes(byte ^ chance.randrange(256) for byte in good[at : at + 2])
            return good[:at] + burst + good[at + 2 :]
        case _:
            return good[at + 1 :]


def acts_on_noise(count: int, seed: int) -> Counter[str]:
    """What noise led to: by the kind of what was heard though no panel had said it."""
    chance = random.Random(seed)  # noqa: S311  noise that can be made again
    acted: Counter[str] = Counter()
    lines, rest = Lines(), b""
    for _ in range(count):
        noise = noisy_line(chance)
        *ended, rest = (rest + noise).split(b"\n")
        truly = sum(
            part.removesuffix(b"\r") + b"\n" in LINES for part in ended
        )  # noise may mend what it broke
        said = [type(one).__name__ for body in lines.feed(noise) if (one := parse(body)) is not None]
        acted.update(said if len(said) > truly else ())
    return acted


def test_noise_is_never_a_key_or_a_call() -> None:
    assert not acts_on_noise(size(short=300_000, full=10_000_000), seed=1)


def _without_checksum(raw: bytes) -> str | None:
    found = line._LINE.fullmatch(raw)
    return found[1].decode() if found else None


def _half_a_checksum(raw: bytes) -> str | None:
    found = line._LINE.fullmatch(raw)
    if found is None or (zlib.crc32(found[1]) ^ int(found[2], 16)) & 0xFFFF:
        return None
    return found[1].decode()


def _anywhere_in_the_line(raw: bytes) -> str | None:
    found = line._LINE.search(raw)
    return decode(found[0]) if found else None


@pytest.mark.parametrize(
    "bug",
    [_without_checksum, _half_a_checksum, _anywhere_in_the_line, lambda raw: decode(raw.upper())],
    ids=["no checksum", "half a checksum", "anywhere in the line", "in any case"],
)
def test_planted_bugs_of_the_parser_are_found_by_noise(
    bug: Callable[[bytes], str | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "decode", bug)
    assert acts_on_noise(20_000, seed=2)
