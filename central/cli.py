"""The command `report-centre`."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from central.archive import Archive
from central.centre import Centre, CentreError
from central.console import DEFAULT_CENTRE, CentreOption, DatabaseOption, explained
from central.enrolment import commands as enrolment
from central.inbox.commands import officers_app
from central.keys.authority import CLIENT_DAYS
from central.keys.commands import escrow_app, keys_app, root_app
from central.keys.keyset import read_roots
from central.packs.commands import packs_app
from central.proof.commands import explain, proof
from central.public.commands import receipt_app
from central.recipients import Recipient
from central.sending.commands import messages_app
from central.store.cases import CaseRow
from central.survey.commands import tallies
from central.technicians.commands import bundle_app, technician_app

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Reference central report API.")
app.command()(proof)
app.command()(explain)
app.command()(tallies)
app.add_typer(root_app, name="root")
app.add_typer(keys_app, name="keys")
app.add_typer(escrow_app, name="escrow")
app.add_typer(officers_app, name="officers")
app.add_typer(messages_app, name="messages")
app.add_typer(receipt_app, name="receipt")
app.add_typer(technician_app, name="technician")
app.add_typer(bundle_app, name="bundle")
app.add_typer(packs_app, name="packs")
enrolment.install(app)

Directory = Annotated[Path, typer.Argument(help="Where the centre lives.")]
Port = Annotated[int | None, typer.Option(min=0, max=65535, show_default="the usual, or any that is free")]
Complaints = Annotated[
    bool, typer.Option("--complaints", help="Complaints against police instead of reports.")
]


def main() -> None:
    """Run the command line."""
    app()


@app.command()
def init(
    directory: Directory,
    division: Annotated[str, typer.Option(help="Begins every official number.")] = "ADM",
    host: Annotated[list[str] | None, typer.Option(help="Name or address of the server; repeatable.")] = None,
    database: DatabaseOption = None,
    roots: Annotated[
        Path | None, typer.Option(help="Public halves of the offline roots. Without: for development.")
    ] = None,
    certificate_days: Annotated[
        int, typer.Option(min=30, max=90, help="Life of the kiosks' certificates.")
    ] = CLIENT_DAYS,
) -> None:
    """Make the certificate authority, the sealing keys and the receipt key of a new centre."""
    hosts = tuple(host or ("localhost", "127.0.0.1", "::1"))
    with explained():
        trusted = None if roots is None else read_roots(roots.read_bytes())
        Centre(directory, database).init(division, hosts, trusted, certificate_days)
    step = f"serve {directory}" if roots is None else f"keys draft DRAFT --centre {directory}"
    typer.echo(f"A centre lives in {directory}. Next: report-centre {step}")


@app.command()
def enrol(
    kiosk_number: Annotated[int, typer.Argument(min=0, max=9999)],
    out: Annotated[Path, typer.Option(help="The kiosk's key directory (settings: paths.keys).")],
    directory: CentreOption = DEFAULT_CENTRE,
    database: DatabaseOption = None,
    days: Annotated[int, typer.Option(min=1, max=825, help="Life of the client certificate.")] = CLIENT_DAYS,
) -> None:
    """Give a kiosk its trust material, or renew it. An existing reference.key is never changed."""
    with explained():
        Centre(directory, database).enrol(kiosk_number, out, days)
    typer.echo(f"Kiosk {kiosk_number:04d} is enrolled; its keys are in {out}.")


@app.command()
def serve(
    directory: Directory,
    database: DatabaseOption = None,
    host: Annotated[str, typer.Option(help="Where to listen; operations on loopback.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="For kiosks.")] = 8443,
    inbox_port: Port = None,
    public_port: Port = None,
    ops_port: Port = None,
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="Processes; several need PostgreSQL, each has its ops port.")
    ] = 1,
) -> None:
    """Serve until it is stopped: kiosks, officers, the public, operations."""
    # Only serving needs the web framework.
    from central.server import CannotListenError
    from central.serving import Addresses, run

    with explained():
        try:
            run(
                Centre(directory, database),
                Addresses(host, port, inbox_port, public_port, ops_port),
                typer.echo,
                workers,
            )
        except CannotListenError as error:
            raise CentreError(str(error)) from None


@app.command()
def migrate(directory: Directory, database: DatabaseOption = None) -> None:
    """Bring the database to the schema of this release. Stop every server of it first."""
    with explained():
        Centre(directory, database).migrate()
    typer.echo("The database is of this release.")


@app.command("list")
def list_cases(
    directory: CentreOption = DEFAULT_CENTRE,
    database: DatabaseOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    complaints: Complaints = False,
) -> None:
    """List the cases, oldest first."""
    whose = _recipient(complaints)
    with explained(), _archive(directory, database) as archive:
        if as_json:
            typer.echo(json.dumps([_summary(case) for case in archive.cases(whose)], indent=2))
            return
        for case in archive.cases(whose):
            received = case.received_at.isoformat(timespec="seconds")
            typer.echo(f"{case.official_number}  {case.reference or '-':12}  {received}  {case.case_id}")


@app.command()
def show(
    names: Annotated[list[str], typer.Argument(metavar="REFERENCE|CASE_ID...")],
    directory: CentreOption = DEFAULT_CENTRE,
    database: DatabaseOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, a line for each case.")] = False,
    attachments: Annotated[
        Path | None, typer.Option(help="Write the opened photos of one case into this folder.")
    ] = None,
    complaints: Complaints = False,
) -> None:
    """Open cases with the centre's private key."""
    with explained(), _archive(directory, database) as archive:
        if attachments is not None and len(names) > 1:
            raise CentreError("--attachments is for one case: pictures of several would have the same names")
        for name in names:
            case = archive.find(name)
            if case is None or case.recipient is not _recipient(complaints):
                raise CentreError(f"no such case: {name}")
            opened = {**_summary(case), "document": archive.document(case.case_id)}
            if attachments is not None:
                opened["attachments"] = _write_attachments(attachments, archive.attachments(case.case_id))
            typer.echo(json.dumps(opened, ensure_ascii=False, indent=None if as_json else 2))


def _recipient(complaints: bool) -> Recipient:
    return Recipient.COMPLAINTS if complaints else Recipient.REPORTS


@contextmanager
def _archive(directory: Path, database: str | None) -> Iterator[Archive]:
    archive = Centre(directory, database).archive()
    try:
        yield archive
    finally:
        archive.close()


def _write_attachments(folder: Path, photos: Sequence[bytes]) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{number}.jpg" for number in range(1, len(photos) + 1)]
    for file, photo in zip(files, photos, strict=True):
        file.write_bytes(photo)
    return [file.name for file in files]


def _summary(case: CaseRow) -> dict[str, Any]:
    return {
        "case": str(case.case_id),
        "reference": case.reference,
        "official_number": case.official_number,
        "kiosk": case.kiosk,
        "sequence": case.sequence,
        "received_at": case.received_at.isoformat(),
        "envelope_sha256": case.sha256.hex(),
    }
