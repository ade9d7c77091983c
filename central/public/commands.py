"""`report-centre receipt`: whether a receipt is ours."""

from pathlib import Path
from typing import Annotated

import typer

from central.centre import Centre, CentreError
from central.console import DEFAULT_CENTRE, CentreOption, explained
from central.keys.authority import CA_CERTIFICATE

receipt_app = typer.Typer(no_args_is_help=True, help="Receipts as PDF.")


@receipt_app.callback()
def _group() -> None:
    """Receipts as PDF."""


@receipt_app.command()
def verify(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    directory: CentreOption = DEFAULT_CENTRE,
) -> None:
    """Say whether FILE is an unchanged receipt of this centre; exit status 1 if not."""
    # Only this command needs the PDF library.
    from central.public.signing import NotSignedError, verify

    with explained():
        authority = (Centre(directory).checked() / CA_CERTIFICATE).read_bytes()
        try:
            signed = verify(file.read_bytes(), authority)
        except NotSignedError as error:
            raise CentreError(f"not a receipt of this centre: {error}") from None
    when = f" at {signed.at.isoformat(timespec='seconds')}" if signed.at is not None else ""
    typer.echo(f"Unchanged, signed by this centre{when}.")
