"""`report-centre proof` and `report-centre explain`: is anything missing?"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from central.centre import Centre, CentreError, now
from central.console import DEFAULT_CENTRE, CentreOption, DatabaseOption, explained
from central.proof.judge import Range, Verdict
from central.proof.prover import ExplanationError, Prover

Kiosk = Annotated[int, typer.Argument(min=0, max=9999)]


def proof(
    kiosk: Annotated[int | None, typer.Argument(min=0, max=9999, help="Only this one.")] = None,
    directory: CentreOption = DEFAULT_CENTRE,
    database: DatabaseOption = None,
    from_the_start: Annotated[
        bool, typer.Option("--from-the-start", help="Trust no earlier proof; reads every row.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show per kiosk that nothing is missing. Exit status 1 if something is, or does not fit."""
    with _prover(directory, database) as prover:
        if kiosk is None:
            verdicts = list(prover.prove_all(from_the_start=from_the_start))
        else:
            verdicts = [prover.prove(kiosk, from_the_start=from_the_start)]
    if as_json:
        typer.echo(json.dumps([facts(verdict) for verdict in verdicts], indent=2))
    else:
        for line in (line for verdict in verdicts for line in lines(verdict)):
            typer.echo(line)
    if not all(verdict.whole for verdict in verdicts):
        raise typer.Exit(1)


def explain(
    kiosk: Kiosk,
    first: Annotated[int, typer.Argument(min=1, help="First sequence number of the gap.")],
    last: Annotated[int, typer.Argument(min=1, help="Last of it.")],
    because: Annotated[str, typer.Option(help="What became of them; goes on record.")],
    by: Annotated[str, typer.Option(help="Who says so.")],
    directory: CentreOption = DEFAULT_CENTRE,
    database: DatabaseOption = None,
) -> None:
    """Close a gap for which nothing will ever come, as after the disk of a kiosk was lost."""
    if last < first or not 0 < len(because) <= 500 or not 0 < len(by) <= 64:
        raise typer.BadParameter("the gap ends before it begins, or a text is empty or too long")
    with _prover(directory, database) as prover:
        try:
            prover.explain(kiosk, Range(first, last), by, "supervisor", because)
        except ExplanationError as error:
            raise CentreError(str(error)) from None
    typer.echo(f"Noted for kiosk {kiosk:04d}: {first}-{last}.")


def facts(verdict: Verdict) -> dict[str, Any]:
    """A verdict as JSON."""
    return {
        "kiosk": verdict.kiosk,
        "whole": verdict.whole,
        "present": [[each.first, each.last] for each in verdict.present],
        "gaps": [
            {
                "first": gap.range.first,
                "last": gap.range.last,
                "since": gap.since.isoformat(timespec="seconds"),
                "state": gap.state.value,
            }
            for gap in verdict.gaps
        ],
        "forks": list(verdict.forks),
        "broken": list(verdict.broken),
        "rewound": verdict.rewound,
        "proven": {"sequence": verdict.proven.sequence, "sha256": verdict.proven.sha256.hex()},
    }


def lines(verdict: Verdict) -> Iterator[str]:
    """A verdict for people: one line, and one more for each thing to look into."""
    stretches = ", ".join(_numbers(each) for each in verdict.present) or "nothing yet"
    yield f"{verdict.kiosk:04d}  {'whole' if verdict.whole else 'NOT WHOLE':9}  {stretches}"
    for gap in verdict.gaps:
        yield f"      {_numbers(gap.range)} {gap.state} since {gap.since.isoformat(timespec='minutes')}"
    for sequence in verdict.forks:
        yield f"      {sequence} was used for more than one case: is there a copy of this kiosk's disk?"
    for sequence in verdict.broken:
        yield f"      {sequence} does not follow on the case before it: exchanged, or begun anew"
    if verdict.rewound:
        yield "      the kiosk counts from further back than it has been: enrol it again"


def _numbers(each: Range) -> str:
    return str(each.first) if each.first == each.last else f"{each.first}-{each.last}"


@contextmanager
def _prover(directory: Path, database: str | None) -> Iterator[Prover]:
    with explained():
        store = Centre(directory, database).store()
        try:
            yield Prover(store, now)
        finally:
            store.close()
