"""The proof over the store: only what came since the last time is followed, unless all of it shall be."""

import datetime as dt
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from central.proof.judge import GapState, Proven, Range, Verdict, judge
from central.store import proofs
from central.store.inbox import add_entry
from central.store.store import Store

_LOG = logging.getLogger(__name__)
_TOGETHER = 500
"""Kiosks proven in one transaction: most have nothing new, and asking for each of them alone takes longer."""


class ExplanationError(Exception):
    """A gap cannot be explained like this; `args[0]` says why."""


@dataclass(frozen=True, slots=True)
class Prover:
    """Proves that nothing of a kiosk is missing."""

    store: Store
    clock: Callable[[], dt.datetime]

    def prove(self, kiosk: int, *, from_the_start: bool = False) -> Verdict:
        """Judge the chain of a kiosk; `from_the_start` trusts no earlier proof."""
        [verdict] = self._prove((kiosk,), from_the_start=from_the_start)
        return verdict

    def prove_all(self, *, from_the_start: bool = False) -> Iterator[Verdict]:
        """Judge every kiosk, by number."""
        with self.store.reading() as db:
            kiosks = proofs.kiosks(db)
        for start in range(0, len(kiosks), _TOGETHER):
            yield from self._prove(kiosks[start : start + _TOGETHER], from_the_start=from_the_start)

    def _prove(self, kiosks: Sequence[int], *, from_the_start: bool) -> Sequence[Verdict]:
        now, verdicts, moved = self.clock(), [], {}
        with self.store.reading() as db:
            for reading in list(proofs.chains(db, kiosks)):
                chain, is_longer = reading.chain, reading.is_longer
                if from_the_start:
                    chain, is_longer = replace(chain, proven=Proven()), True
                links = proofs.links(db, chain.kiosk, chain.proven.sequence) if is_longer else ()
                verdict = judge(chain, links, now)
                verdicts.append(verdict)
                if verdict.proven != chain.proven or from_the_start:
                    moved[chain.kiosk] = verdict.proven
        if moved:
            with self.store.writing() as db:
                proofs.keep(db, moved, now)
        return verdicts

    def explain(self, kiosk: int, gap: Range, by: str, role: str, explanation: str) -> None:
        """Note why a gap will stay one. Raises `ExplanationError` unless all of it is absent."""
        absent = self.prove(kiosk).gaps
        if not any(each.range.first <= gap.first and gap.last <= each.range.last for each in absent):
            raise ExplanationError(f"{gap.first}-{gap.last} is no open gap of kiosk {kiosk:04d}")
        now = self.clock()
        with self.store.writing() as db:
            proofs.explain(db, kiosk, gap, now, by, explanation)
            facts = {"kiosk": kiosk, "first": gap.first, "last": gap.last}
            add_entry(db, now, by, role, "gap_explained", facts=facts)


@dataclass(frozen=True, slots=True)
class Findings:
    """All kiosks: absent envelopes by state, links that do not fit, and whose chains are not whole."""

    awaited: int = 0
    overdue: int = 0
    missing: int = 0
    forks: int = 0
    broken: int = 0
    not_whole: frozenset[int] = frozenset()


def findings(verdicts: Sequence[Verdict]) -> Findings:
    """Sum up."""
    return Findings(
        awaited=sum(verdict.absent(GapState.AWAITED) for verdict in verdicts),
        overdue=sum(verdict.absent(GapState.OVERDUE) for verdict in verdicts),
        missing=sum(verdict.absent(GapState.MISSING) for verdict in verdicts),
        forks=sum(len(verdict.forks) for verdict in verdicts),
        broken=sum(len(verdict.broken) for verdict in verdicts),
        not_whole=frozenset(verdict.kiosk for verdict in verdicts if not verdict.whole),
    )


class Watch:
    """Proves again and again, keeps the findings for the metrics, and logs when a chain changes."""

    def __init__(self, prover: Prover) -> None:
        self._prover = prover
        self._lock = threading.Lock()
        self._findings: Findings | None = None

    @property
    def findings(self) -> Findings | None:
        """Of the last look; None before the first."""
        with self._lock:
            return self._findings

    def look(self) -> None:
        """Prove every kiosk once."""
        found = findings(list(self._prover.prove_all()))
        with self._lock:
            before, self._findings = self._findings or Findings(), found
        for kiosk in sorted(found.not_whole - before.not_whole):
            _LOG.error("the chain of kiosk %04d is not whole: report-centre proof %d", kiosk, kiosk)
        for kiosk in sorted(before.not_whole - found.not_whole):
            _LOG.warning("the chain of kiosk %04d is whole again", kiosk)
