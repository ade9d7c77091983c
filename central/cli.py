"""The command `report-centre`."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from central.centre import Centre, CentreError
from central.keys.authority import CLIENT_DAYS
from central.store.store import StoredCase

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Reference central report API.")

Directory = Annotated[Path, typer.Argument(help="Where the centre lives.")]


def main() -> None:
    """Run the command line."""
    app()


@app.command()
def init(
    directory: Directory,
    division: Annotated[str, typer.Option(help="Begins every official number.")] = "ADM",
    host: Annotated[list[str] | None, typer.Option(help="Name or address of the server; repeatable.")] = None,
) -> None:
    """Make the certificate authority, the sealing keys and the receipt key of a new centre."""
    with _Explained():
        Centre(directory).init(division, tuple(host or ("localhost", "127.0.0.1", "::1")))
    typer.echo(f"A centre lives in {directory}. Next: report-centre enrol KIOSK_NUMBER --out KEYS_DIR")


@app.command()
def enrol(
    kiosk_number: Annotated[int, typer.Argument(min=0, max=9999)],
    out: Annotated[Path, typer.Option(help="The kiosk's key directory (settings: paths.keys).")],
    directory: Annotated[Path, typer.Option("--centre", help="Where the centre lives.")] = Path("var/centre"),
    days: Annotated[int, typer.Option(min=1, max=825, help="Life of the client certificate.")] = CLIENT_DAYS,
) -> None:
    """Give a kiosk its trust material, or renew it. An existing reference.key is never changed."""
    with _Explained():
        Centre(directory).enrol(kiosk_number, out, days)
    typer.echo(f"Kiosk {kiosk_number:04d} is enrolled; its keys are in {out}.")


@app.command()
def serve(
    directory: Directory,
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8443,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
) -> None:
    """Serve the API until it is stopped."""
    # Only serving needs the web framework.
    from central.gateway.api import create_app
    from central.server import serve as serve_app

    with _Explained():
        service = Centre(directory).service()
    serve_app(create_app(service), directory, host, port)


@app.command("list")
def list_cases(
    directory: Annotated[Path, typer.Option("--centre", help="Where the centre lives.")] = Path("var/centre"),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the cases, oldest first."""
    with _Explained():
        cases = Centre(directory).service().cases()
    if as_json:
        typer.echo(json.dumps([_summary(case) for case in cases], indent=2))
        return
    for case in cases:
        typer.echo(f"{case.official_number}  {case.reference or '-':12}  {case.received_at}  {case.case_id}")


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="REFERENCE|CASE_ID")],
    directory: Annotated[Path, typer.Option("--centre", help="Where the centre lives.")] = Path("var/centre"),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on one line.")] = False,
    attachments: Annotated[
        Path | None, typer.Option(help="Write the opened photos into this folder.")
    ] = None,
) -> None:
    """Open one case with the centre's private key."""
    with _Explained():
        service = Centre(directory).service()
        case = service.find(name)
        if case is None:
            raise CentreError("no such case")
        opened = {**_summary(case), "document": service.document(case)}
        if attachments is not None:
            opened["attachments"] = _write_attachments(attachments, service.attachments(case))
    typer.echo(json.dumps(opened, ensure_ascii=False, indent=None if as_json else 2))


def _write_attachments(folder: Path, photos: list[bytes]) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{number}.jpg" for number in range(1, len(photos) + 1)]
    for file, photo in zip(files, photos, strict=True):
        file.write_bytes(photo)
    return [file.name for file in files]


def _summary(case: StoredCase) -> dict[str, Any]:
    return {
        "case": str(case.case_id),
        "reference": case.reference,
        "official_number": case.official_number,
        "kiosk": case.kiosk,
        "sequence": case.sequence,
        "received_at": case.received_at,
        "envelope_sha256": case.sha256,
    }


class _Explained:
    """Turns a `CentreError` into one line and exit status 1."""

    def __enter__(self) -> None:
        return

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, CentreError):
            typer.echo(f"report-centre: {error}", err=True)
            raise typer.Exit(1)
