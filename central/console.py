"""What the commands of `report-centre` have in common."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from central.centre import CentreError
from central.enrolment.service import InvitationError
from central.keys.keyset import KeySetError
from central.sealed.base import UnreadableError

CentreOption = Annotated[Path, typer.Option("--centre", help="Where the centre lives.")]
DatabaseOption = Annotated[
    str | None,
    typer.Option(
        "--database",
        envvar="REPORT_CENTRE_DATABASE",
        show_envvar=True,
        help="sqlite:///FILE or postgresql+psycopg://…, instead of what the centre's settings say.",
    ),
]
DEFAULT_CENTRE = Path("var/centre")


@contextmanager
def explained() -> Iterator[None]:
    """Turns what people can mend into one line and exit status 1."""
    try:
        yield
    except (CentreError, InvitationError, KeySetError, UnreadableError) as error:
        typer.echo(f"report-centre: {error}", err=True)
        raise typer.Exit(1) from None
    except OSError as error:
        typer.echo(f"report-centre: {error.filename}: {error.strerror}", err=True)
        raise typer.Exit(1) from None
