"""Bursts cut into chunks at random: the same codes must come of them, and little memory must be held."""

from collections.abc import Iterable, Iterator
from itertools import islice
from random import Random

from devices.scanner.codes import Code
from devices.scanner.framing import MAX_PAYLOAD, Dropped
from devices.scanner.intake import Got, Intake
from tests.prove.scanner.bursts import SETTINGS, Burst, Setting, bursts

_CUTS = (1, 1, 2, 3, 5, 8, 13, 30)
_POOL = 120
_ROUND = 60  # bursts of one setting before the next one's turn
_SILENCE_S = (0.15, 0.2, 0.3)
"""Steps of the silence behind a burst: a code is whole, a zone, and then nothing is under way any more."""
_LOOK_EVERY = 50
_STRETCH = 500


class Violation(AssertionError):  # noqa: N818 - what a proof finds
    """The product broke its promise; the message says how to see it again."""


def chunked(burst: Burst, random: Random) -> Iterator[bytes]:
    """The burst in pieces, cut also where somebody begins to listen."""
    large = len(burst.data) > MAX_PAYLOAD
    at = 0
    while at < len(burst.data):
        size = random.choice(_CUTS) * (64 if large else 1)
        end = min(at + size, burst.early) if at < burst.early else at + size
        yield burst.data[at:end]
        at = end


def play(intake: Intake, burst: Burst, random: Random, now: float) -> tuple[list[Got], int, float]:
    """What comes of a burst, in how many chunks, and the second after the silence that follows it."""
    got: list[Got] = []
    chunks = sent = 0
    for chunk in chunked(burst, random):
        if burst.early and sent == burst.early:
            intake.abandon()
            got.clear()  # what came before was for nobody
        got += intake.feed(chunk, now)
        sent += len(chunk)
        chunks += 1
    for step_s in _SILENCE_S:
        now += step_s
        got += intake.expire(now)
    return got, chunks, now


def run(count: int, seed: int, settings: Iterable[Setting] = SETTINGS) -> int:
    """At least `count` chunks over all settings. Returns how many there were. Raises Violation."""
    random = Random(seed)  # noqa: S311 - a campaign is to be repeated
    lines = [(one, one.intake(), bursts(one, random, _POOL)) for one in settings]
    chunks, now = 0, 0.0
    while chunks < count:
        for setting, intake, pool in lines:
            for burst in random.choices(pool, k=_ROUND):
                got, more, now = play(intake, burst, random, now)
                chunks += more
                if got != burst.expected:
                    raise Violation(f"seed {seed}: {setting}: {burst} gave {got}")
    return chunks


def noise(count: int, seed: int) -> int:
    """`count` chunks of anything at any pace: bounded, and nothing but codes comes of it."""
    random = Random(seed)  # noqa: S311 - as above
    intakes = [setting.intake() for setting in SETTINGS]
    now = 0.0
    for number, (chunk, pause) in enumerate(islice(_anything(random), count)):
        now += pause
        intake = intakes[number // _STRETCH % len(intakes)]
        if number % _STRETCH == 0:
            intake.abandon()
        for one in intake.feed(chunk, now):
            whole = isinstance(one, Dropped) or (isinstance(one, Code) and 0 < len(one.body) <= MAX_PAYLOAD)
            if not whole:
                raise Violation(f"seed {seed}: chunk {number} gave {one!r:.100}")
        if number % _LOOK_EVERY == 0 and held(intake) > 4 * MAX_PAYLOAD:
            raise Violation(f"seed {seed}: {held(intake)} bytes held after chunk {number}")
    return count


def _anything(random: Random) -> Iterator[tuple[bytes, float]]:
    """Chunks and the pauses before them: stretches of noise, of bytes without end, of lines without end."""
    blob = random.randbytes(1 << 15) + b"".join(
        burst.data for setting in SETTINGS for burst in bursts(setting, random, 20)
    )
    while True:
        for _ in range(_STRETCH):
            at = random.randrange(len(blob))
            yield blob[at : at + random.choice(_CUTS)], random.choice((0.0, 0.0, 0.001, 0.2, 0.7))
        for head, more in ((b"\x02I\x03\xff", b"A" * 97), (b"]Q1A\r", b"AAAA\r"), (b"\x02", b"\x02A" * 40)):
            yield head, 0.7
            for _ in range(_STRETCH - 1):
                yield more * random.choice((1, 1, 30)), 0.0


def held(intake: Intake) -> int:
    """Bytes that an intake keeps, wherever in it."""
    return _size(intake, 0)


def _size(thing: object, depth: int) -> int:
    if isinstance(thing, bytes | bytearray):
        return len(thing)
    if isinstance(thing, list):
        return sum(_size(one, depth + 1) for one in thing)
    own = getattr(thing, "__dict__", {}) if depth < 4 else {}
    return sum(_size(one, depth + 1) for one in own.values())
