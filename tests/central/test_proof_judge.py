"""The gap proof: every tampered stream is noticed, no honest one is, and the campaign itself can fail."""

import datetime as dt
import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import pytest

from central.proof.judge import (
    PATIENCE,
    ZEROS,
    Chain,
    Gap,
    GapState,
    Link,
    Proven,
    Range,
    Told,
    Verdict,
    judge,
)  # fmt: skip
from tests.prove.scale import seed, size

STREAMS = 10_000
CHANCE = partial(random.Random, 1)
NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
YOUNG = dt.timedelta(minutes=10)

Judge = Callable[[Chain, list[Link], dt.datetime], Verdict]


@dataclass(frozen=True)
class Stream:
    """What lies at the centre, and what is known of the kiosk."""

    chain: Chain
    links: tuple[Link, ...]

    def judged(self, by: Judge) -> Verdict:
        return by(self.chain, sorted(self.links, key=lambda link: link.sequence), NOW)


def envelope(chance: random.Random, sequence: int, previous: bytes) -> Link:
    content = chance.randbytes(16) + previous + sequence.to_bytes(8, "big")
    at = NOW - YOUNG * chance.uniform(0.1, 1.0)
    return Link(sequence, previous, hashlib.sha256(content).digest(), at)


def chain_of(chance: random.Random, first: int, length: int) -> list[Link]:
    links: list[Link] = []
    for sequence in range(first, first + length):
        links.append(envelope(chance, sequence, links[-1].sha256 if links else ZEROS))
    return links


def told(last: int, held: int) -> Told:
    return Told(NOW - dt.timedelta(seconds=30), last, held, YOUNG)


def saying(stream: "Stream", held: int) -> Chain:
    """The kiosk's last heartbeat says that it holds so many."""
    return replace(stream.chain, told=told(stream.links[-1].sequence, held))


def honest(chance: random.Random) -> Stream:
    """A kiosk's work: perhaps with a new disk in the middle, perhaps with cases still on their way."""
    links = chain_of(chance, 1, chance.randint(3, 12))
    chain = Chain(7, starts=frozenset({1}))
    if chance.random() < 0.3:
        first = links[-1].sequence + chance.randint(1, 5)
        jump = (Range(links[-1].sequence + 1, first - 1),) if first > links[-1].sequence + 1 else ()
        links += chain_of(chance, first, chance.randint(2, 8))
        chain = replace(chain, starts=frozenset({1, first}), explained=jump)
    return Stream(replace(chain, told=told(links[-1].sequence, 0)), tuple(links))


def on_its_way(chance: random.Random, stream: Stream) -> Stream:
    """Some cases have not come yet, in any order, and the kiosk says so."""
    absent = set(chance.sample(range(len(stream.links)), chance.randint(0, len(stream.links))))
    left = tuple(link for place, link in enumerate(stream.links) if place not in absent)
    return replace(
        stream, links=left, chain=replace(stream.chain, told=told(stream.links[-1].sequence, len(absent)))
    )


def drop(chance: random.Random, stream: Stream) -> Stream:
    gone = chance.randrange(len(stream.links))
    return replace(stream, links=stream.links[:gone] + stream.links[gone + 1 :])


def drop_what_is_said_to_be_held(chance: random.Random, stream: Stream) -> Stream:
    """Two are gone, and the kiosk holds one."""
    gone = chance.sample(stream.links, 2)
    left = tuple(link for link in stream.links if link not in gone)
    return replace(stream, links=left, chain=saying(stream, 1))


def cut_head(chance: random.Random, stream: Stream) -> Stream:
    return replace(stream, links=stream.links[chance.randint(1, len(stream.links) - 1) :])


def cut_tail(chance: random.Random, stream: Stream) -> Stream:
    return replace(stream, links=stream.links[: chance.randint(0, len(stream.links) - 1)])


def duplicate(chance: random.Random, stream: Stream) -> Stream:
    """Another case under a number already used, as from a copied disk."""
    link = chance.choice(stream.links)
    return replace(stream, links=(*stream.links, envelope(chance, link.sequence, link.previous)))


def reorder(chance: random.Random, stream: Stream) -> Stream:
    """Two envelopes change places."""
    links = list(stream.links)
    one, other = chance.sample(range(len(links)), 2)
    a, b = links[one], links[other]
    links[one], links[other] = replace(b, sequence=a.sequence), replace(a, sequence=b.sequence)
    return replace(stream, links=tuple(links))


def alter(chance: random.Random, stream: Stream) -> Stream:
    """One envelope is exchanged for another in the same place; the last one of a chain would not open."""
    inner = [place for place, link in enumerate(stream.links[1:]) if link.previous != ZEROS]
    place = chance.choice(inner)
    links = list(stream.links)
    links[place] = envelope(chance, links[place].sequence, links[place].previous)
    return replace(stream, links=tuple(links))


def splice(chance: random.Random, stream: Stream) -> Stream:
    """From some place on, the chain is that of another kiosk."""
    other = chain_of(chance, 1, stream.links[-1].sequence)
    places = [place for place, link in enumerate(stream.links) if place and link.previous != ZEROS]
    place = chance.choice(places)
    grafted = [other[link.sequence - 1] for link in stream.links[place:]]
    return replace(stream, links=(*stream.links[:place], *grafted))


def begin_anew(chance: random.Random, stream: Stream) -> Stream:
    """The chain begins again where nobody allowed it, with all that follows."""
    places = [place for place, link in enumerate(stream.links) if place and link.previous != ZEROS]
    place = chance.choice(places)
    first = stream.links[place].sequence
    anew = chain_of(chance, first, stream.links[-1].sequence - first + 1)
    return replace(stream, links=(*stream.links[:place], *anew))


def insert(chance: random.Random, stream: Stream) -> Stream:
    """One more envelope at the end than the kiosk has ever made, long before it told how many there are."""
    last = stream.links[-1]
    forged = replace(
        envelope(chance, last.sequence + 1, last.sha256), received_at=NOW - dt.timedelta(hours=1)
    )
    return replace(stream, links=(*stream.links, forged))


TAMPERINGS = (
    drop, drop_what_is_said_to_be_held, cut_head, cut_tail, duplicate, reorder, alter, splice, begin_anew,
    insert,
)  # fmt: skip


def campaign(by: Judge, streams: int, first: int) -> list[str]:
    """Every honest stream that was suspected and every tampered one that was not, as `KIND seed N`."""
    wrong: list[str] = []
    for number in range(first, first + streams):
        chance = random.Random(number)  # noqa: S311 - not for secrets
        stream = honest(chance)
        if not on_its_way(chance, stream).judged(by).whole:
            wrong.append(f"honest seed {number}")
        tampering = TAMPERINGS[number % len(TAMPERINGS)]
        if tampering(chance, stream).judged(by).whole:
            wrong.append(f"{tampering.__name__} seed {number}")
    return wrong


def by_judge(chain: Chain, links: list[Link], now: dt.datetime) -> Verdict:
    return judge(chain, links, now)


def test_every_tampered_stream_is_noticed_and_no_honest_one() -> None:
    assert campaign(by_judge, size(STREAMS, 20 * STREAMS), seed()) == []


def _one_a_number(links: list[Link]) -> list[Link]:
    return list({link.sequence: link for link in links}.values())


def _always_fitting(links: list[Link]) -> list[Link]:
    fitting: list[Link] = []
    for link in links:
        fits = link.previous == ZEROS or not fitting
        fitting.append(link if fits else replace(link, previous=fitting[-1].sha256))
    return fitting


def _from(links: list[Link]) -> Proven:
    return Proven(links[0].sequence - 1, links[0].previous, links[0].sequence - 1) if links else Proven()


MUTANTS: dict[str, Judge] = {
    "two of a number are one": lambda chain, links, now: judge(chain, _one_a_number(links), now),
    "hashes are not compared": lambda chain, links, now: judge(chain, _always_fitting(links), now),
    "heartbeats are not believed": lambda chain, links, now: judge(replace(chain, told=None), links, now),
    "a chain begins where it is first seen": lambda chain, links, now: judge(
        replace(chain, proven=_from(links)), links, now
    ),
    "a chain may begin anywhere": lambda chain, links, now: judge(
        replace(chain, starts=frozenset(range(100))), links, now
    ),
    "an explained gap explains all": lambda chain, links, now: judge(
        replace(chain, explained=(Range(1, 100),) if chain.explained else ()), links, now
    ),
    "what is held is not missed": lambda chain, links, now: judge(
        replace(chain, told=replace(chain.told, held=chain.told.held * 9) if chain.told else None), links, now
    ),
    "nothing is ever on its way": lambda chain, links, now: judge(
        replace(chain, told=replace(chain.told, held=0) if chain.told else None), links, now
    ),
    "the end is not looked at": lambda chain, links, now: replace(judge(chain, links, now), rewound=False),
}


@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=MUTANTS.keys())
def test_the_campaign_catches_a_careless_judge(mutant: Judge) -> None:
    assert campaign(mutant, 200, seed())


@pytest.mark.parametrize("number", range(50))
def test_what_was_proven_before_need_not_be_read_again(number: int) -> None:
    chance = random.Random(number)  # noqa: S311 - not for secrets
    stream = honest(chance)
    arrived = chance.sample(stream.links, len(stream.links))
    proven = Proven()
    for count in range(1, len(arrived) + 1):
        here = sorted(arrived[:count], key=lambda link: link.sequence)
        chain = replace(
            stream.chain, told=told(stream.links[-1].sequence, len(arrived) - count), proven=proven
        )
        verdict = judge(chain, [link for link in here if link.sequence > proven.sequence], NOW)
        everything = judge(replace(chain, proven=Proven()), here, NOW)
        assert verdict == everything
        assert verdict.whole
        proven = verdict.proven
    assert proven == Proven(stream.links[-1].sequence, stream.links[-1].sha256, len(stream.links))


def test_what_a_gap_means() -> None:
    links = chain_of(CHANCE(), 1, 9)
    here = [*links[:3], *links[5:7]]
    since = here[3].received_at

    def gaps(last: int, held: int, now: dt.datetime = NOW) -> tuple[Gap, ...]:
        return judge(Chain(7, told=told(last, held)), here, now).gaps

    inner, end = Range(4, 5), Range(8, 9)
    assert gaps(7, 2) == (Gap(inner, since, GapState.AWAITED),)
    assert gaps(7, 1) == (Gap(inner, since, GapState.MISSING),)
    assert [(gap.range, gap.state) for gap in gaps(9, 4)] == [(inner, "awaited"), (end, "awaited")]
    assert [(gap.range, gap.state) for gap in gaps(9, 3)] == [(inner, "missing"), (end, "missing")]
    later = since + PATIENCE + dt.timedelta(seconds=1)
    assert gaps(7, 2, later) == (Gap(inner, since, GapState.OVERDUE),)
    # What was sealed after the heartbeat, the heartbeat cannot speak of.
    assert gaps(3, 0) == (Gap(inner, since, GapState.AWAITED),)
    assert judge(Chain(7), here, NOW).present == (Range(1, 3), Range(6, 7))


def test_a_gap_is_open_until_it_is_explained() -> None:
    links = chain_of(CHANCE(), 1, 9)
    here = [*links[:3], *links[7:]]
    chain = Chain(7, told=told(9, 0))
    assert judge(chain, here, NOW).absent(GapState.MISSING) == 4
    half = judge(replace(chain, explained=(Range(5, 6),)), here, NOW)
    assert [gap.range for gap in half.gaps] == [Range(4, 4), Range(7, 7)]
    whole = judge(replace(chain, explained=(Range(5, 6), Range(7, 7), Range(4, 5))), here, NOW)
    assert whole.whole
    assert whole.proven == Proven(9, links[8].sha256, 5)


def test_a_kiosk_whose_disk_is_an_older_copy_is_noticed_before_it_sends_anything() -> None:
    links = chain_of(CHANCE(), 1, 9)
    early = replace(told(5, 0), at=links[8].received_at + dt.timedelta(seconds=10))
    assert judge(Chain(7, told=early), links, NOW).whole
    late = replace(early, at=links[8].received_at + dt.timedelta(minutes=6))
    assert judge(Chain(7, told=late), links, NOW).rewound
