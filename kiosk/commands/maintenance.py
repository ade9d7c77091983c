"""`kiosk maintenance` with words: what a technician asks of the process of that name."""

import json
from pathlib import Path
from typing import Annotated

import typer

from kiosk.commands.console import ProfileOption, fail, print_json, settings_of

app = typer.Typer(no_args_is_help=True, help="What a technician asks on the maintenance socket.")


@app.command()
def ask(
    request: Annotated[
        str, typer.Argument(help='A word such as network, or a whole request: \'{"ask": "restart", …}\'.')
    ],
    code: Annotated[str | None, typer.Option(help="Enter first, as this technician.")] = None,
    with_pass: Annotated[
        bool, typer.Option("--pass", help="Enter first, with a pass: its text is asked for.")
    ] = False,
    profile: ProfileOption = None,
) -> None:
    """Ask maintenance one thing, as docs/reference/maintenance.md says, and print its answer as JSON."""
    from kiosk.maintenance import client

    asked = json.loads(request) if request.startswith("{") else {"ask": request}
    entry: dict[str, str] = {}
    if code is not None:
        entry = {"code": code}
    elif with_pass:
        entry = {"pass": typer.prompt("Pass", err=True)}
    if entry:
        entry["pin"] = typer.prompt("PIN", hide_input=True, err=True)
    path = settings_of(profile).paths.maintenance_socket
    try:
        answer = client.ask(path, asked, entry)
    except (OSError, ValueError) as error:
        fail(f"{path}: {error}")
    print_json(answer)
    raise typer.Exit(1 if answer.get("event") in {"denied", "failed"} else 0)


@app.command()
def technicians(
    file: Annotated[Path, typer.Argument(help="The list that the force signed: technicians.jws.")],
    profile: ProfileOption = None,
) -> None:
    """Put a newer list of technicians in its place, once it was verified."""
    from kiosk.maintenance import client

    settings = settings_of(profile)
    try:
        version = client.install_technicians(settings.paths.keys, file.read_bytes())
    except (client.NotTakenError, OSError) as error:
        fail(f"{file}: {error}")
    typer.echo(f"version {version} of the list is in place")
