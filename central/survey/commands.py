"""`report-centre tallies`: what visitors answered to the survey."""

import datetime as dt
import json
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from central.centre import Centre, CentreError, now
from central.console import DEFAULT_CENTRE, CentreOption, DatabaseOption, explained
from central.recipients import Recipient
from central.survey.tallies import FEWEST, Summary, SurveySettings, Tallies

_DAYS = 30
_Day = Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"])]


def tallies(
    directory: CentreOption = DEFAULT_CENTRE,
    database: DatabaseOption = None,
    first: _Day = None,
    last: _Day = None,
    complaints: Annotated[bool, typer.Option("--complaints", help="Those of complaints instead.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show how often each option of the survey was chosen, by service and question; the last 30 days."""
    until = now().date() if last is None else last.date()
    since = until - dt.timedelta(days=_DAYS - 1) if first is None else first.date()
    with explained():
        found = _summary(directory, database, since, until, complaints=complaints)
    if as_json:
        shown = [{"service": a.service, "question": a.question, "options": a.options} for a in found.answers]
        typer.echo(json.dumps({"answers": shown, "left_out": found.left_out}))
        return
    for answers in found.answers:
        options = ", ".join(f"{option} {count}" for option, count in answers.options.items())
        typer.echo(f"{answers.service:24} {answers.question:16} {options}")
    typer.echo(f"Left out, because of fewer than {FEWEST} answers at a kiosk on a day: {found.left_out}")


def _summary(
    directory: Path, database: str | None, first: dt.date, last: dt.date, *, complaints: bool
) -> Summary:
    centre = Centre(directory, database)
    room = Recipient.COMPLAINTS if complaints else Recipient.REPORTS
    try:
        settings = SurveySettings.model_validate(centre.section("survey"))
    except ValidationError as error:
        raise CentreError(f"settings of survey: {error.errors()[0]['msg']}") from None
    with closing(centre.store()) as store, store.reading() as db:
        return Tallies(store, settings, now).summary(db, first, last, room)
