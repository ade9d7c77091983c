"""`kiosk outbox`: reports on their way, by number and id only."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from kiosk.commands.console import JsonOption, ProfileOption, fail, print_facts, print_json, settings_of

if TYPE_CHECKING:
    from kiosk.post.outbox import Outbox

app = typer.Typer(no_args_is_help=True, help="Reports on their way to the centre.")


@app.command()
def status(profile: ProfileOption = None, as_json: JsonOption = False) -> None:
    """Say how reports get to the centre, and what to do; ends with 1 if something must be mended now.

    How many wait and for how long, what the courier does, whether the centre answers, how long the keys last.
    """
    from kiosk import findings as found
    from kiosk.post_findings import PostOffice

    settings = settings_of(profile)
    seen = PostOffice.seen(settings)
    findings = seen.findings(settings)
    if as_json:
        print_json(seen.facts(settings))
    else:
        typer.echo(found.as_text(findings))
    raise typer.Exit(found.exit_code(findings))


@app.command()
def quarantine(profile: ProfileOption = None, as_json: JsonOption = False) -> None:
    """List the reports that the centre keeps refusing, with its reason; nobody here can read them."""
    with _outbox(profile) as outbox:
        cases = outbox.quarantined()
    if as_json:
        print_json([asdict(case) for case in cases])
        return
    lines = [
        f"{case.case_id}  number {case.sequence}, kept {_moment(case.kept_at)}, refused {case.refusals} "
        f"times since {_moment(case.first_refused_at)}: {case.problem or 'no reason given'}"
        for case in cases
    ]
    typer.echo("\n".join(lines) or "no report is in quarantine")


@app.command()
def release(
    case: Annotated[UUID | None, typer.Argument(help="One report, as `quarantine` lists it.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every report in quarantine.")] = False,
    profile: ProfileOption = None,
) -> None:
    """Queue refused reports again, once the centre was mended; the running courier sends them."""
    if (case is None) is not every:
        fail("give either one report or --all")
    with _outbox(profile) as outbox:
        wanted = [case] if case is not None else [each.case_id for each in outbox.quarantined()]
        released = [each for each in wanted if outbox.release(each)]
    if case is not None and not released:
        fail(f"{case} is not in quarantine; `kiosk outbox quarantine` lists what is")
    typer.echo(f"{len(released)} released")


@app.command()
def salvage(
    continue_at: Annotated[
        int | None,
        typer.Option(
            help="Number of the next report, if the file no longer says.", min=1, show_default=False
        ),
    ] = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring all that a damaged outbox still holds into a new one; the damaged one is moved aside."""
    from kiosk.post import salvage as salvaging

    settings = settings_of(profile)
    path = settings.paths.outbox
    result = salvaging.salvage(path, settings.kiosk_number, continue_at=continue_at)
    if isinstance(result, salvaging.SalvageProblem):
        fail(f"{path}: {result.fault.value}; {result.remedy}")
    print_facts(asdict(result), as_json=as_json)


@contextmanager
def _outbox(profile: str | None) -> Iterator["Outbox"]:
    """The outbox that is there. What is wrong with it ends the command, with a remedy."""
    from kiosk.post.outbox import Outbox, OutboxProblem, StorageError

    settings = settings_of(profile)
    path = settings.paths.outbox
    if not path.exists():
        fail(f"{path}: no outbox yet; it is made with the first report. Is this the right --profile?")
    outbox = Outbox.open(path, settings.post.quota_mb * 1_000_000)
    if isinstance(outbox, OutboxProblem):
        fail(f"{path}: {outbox.fault.value}; {outbox.remedy}")
    try:
        yield outbox
    except StorageError as error:
        fail(f"{path}: {error}; try again, and call the technician if it stays")
    finally:
        outbox.close()


def _moment(seconds: int | None) -> str:
    return "?" if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
