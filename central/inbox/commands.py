"""`report-centre officers`: who may work at the inbox."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from central.centre import Centre, CentreError, now
from central.console import DEFAULT_CENTRE, CentreOption, DatabaseOption, explained
from central.inbox.officers import OfficerError, Officers
from central.store.inbox import Role

officers_app = typer.Typer(no_args_is_help=True, help="Who may work at the inbox.")

Name = Annotated[str, typer.Argument(help="Short name, as it will stand in the history.")]


@officers_app.command()
def add(
    name: Name,
    role: Annotated[Role, typer.Option()],
    directory: CentreOption = DEFAULT_CENTRE,
    database: DatabaseOption = None,
) -> None:
    """Add an officer and print the token, once."""
    with _officers(directory, database) as officers:
        typer.echo(officers.add(name, role))


@officers_app.command()
def rotate(name: Name, directory: CentreOption = DEFAULT_CENTRE, database: DatabaseOption = None) -> None:
    """Print a new token, once; the old one ends now."""
    with _officers(directory, database) as officers:
        typer.echo(officers.rotate(name))


@officers_app.command()
def disable(name: Name, directory: CentreOption = DEFAULT_CENTRE, database: DatabaseOption = None) -> None:
    """Let an officer in no more."""
    with _officers(directory, database) as officers:
        officers.disable(name)
    typer.echo(f"{name} is disabled.")


@officers_app.command()
def enable(name: Name, directory: CentreOption = DEFAULT_CENTRE, database: DatabaseOption = None) -> None:
    """Let an officer in again, with the token there was."""
    with _officers(directory, database) as officers:
        officers.enable(name)
    typer.echo(f"{name} is enabled.")


@officers_app.command("list")
def list_officers(directory: CentreOption = DEFAULT_CENTRE, database: DatabaseOption = None) -> None:
    """List officers by name."""
    with _officers(directory, database) as officers:
        for officer in officers.all():
            typer.echo(
                f"{officer.name:20} {officer.role.value:12} {'disabled' if officer.disabled_at else ''}"
            )


@contextmanager
def _officers(directory: Path, database: str | None) -> Iterator[Officers]:
    with explained():
        store = Centre(directory, database).store()
        try:
            yield Officers(store, now)
        except OfficerError as error:
            raise CentreError(str(error)) from None
        finally:
            store.close()
