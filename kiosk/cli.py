"""The command `kiosk`.

Every command imports what it needs when it runs: `--help` is quick, the courier never loads Qt, and the
devices process never loads the flows' machine.
"""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from config.settings import Settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
flows_app = typer.Typer(no_args_is_help=True, help="Packs: what each service asks.")
outbox_app = typer.Typer(no_args_is_help=True, help="Reports on their way to the centre.")
app.add_typer(flows_app, name="flows")
app.add_typer(outbox_app, name="outbox")

DEVELOPMENT_PROFILE = "demo"

SiteOption = Annotated[str | None, typer.Option("--site", help="A name in config/sites.", show_default=False)]
ProfileOption = Annotated[
    str | None, typer.Option("--profile", help="A name in config/profiles.", show_default=False)
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def main() -> None:
    """Run the command line."""
    app()


@app.callback()
def describe() -> None:
    """Self-service kiosk at which the public reports lost property to the police."""


# --- run and play ---


@app.command()
def run(site: SiteOption = None, profile: ProfileOption = None) -> None:
    """Run a whole kiosk here, with simulated devices and the reference centre, until Ctrl-C."""
    from kiosk import supervise

    raise typer.Exit(supervise.run(_settings(site, profile or _development_profile())))


@app.command()
def visit(
    script: Annotated[str, typer.Argument(help="A named script, or the path of a TOML file.")],
    out: Annotated[Path | None, typer.Option(help="Folder for pictures, receipt, case and times.")] = None,
    language: Annotated[str | None, typer.Option(help="zh-Hant, zh-Hans or en.", show_default=False)] = None,
    site: SiteOption = None,
    orientation: Annotated[
        str | None, typer.Option(help="portrait or landscape.", show_default=False)
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Play a visitor through the real screens; ends with 1 if the visit cannot be finished."""
    from kiosk import playbook, visitor
    from kiosk.parts import CannotStartError

    try:
        wanted = playbook.load(script).wanted(language=language, site=site, orientation=orientation)
        settings = _settings(wanted.site, _development_profile())
        folder = out or Path("build/visit") / Path(script).stem
        outcome = visitor.play(wanted, settings, folder)
    except (playbook.PlaybookError, CannotStartError) as error:
        _fail(str(error))
    if as_json:
        _print_json(outcome.as_json())
    else:
        typer.echo(f"{folder}/report.md: {outcome.failure or 'finished'}")
    raise typer.Exit(1 if outcome.failure else 0)


# --- look and check ---


@app.command()
def scan(
    image: Annotated[Path, typer.Option(help="A picture: PNG or JPEG.")], as_json: JsonOption = False
) -> None:
    """Read the codes in a picture, as the camera's code reader does."""
    from devices.camera.codes import read_file

    found = [code.as_json() for code in read_file(image)]
    _print(found, as_json=as_json)
    raise typer.Exit(0 if found else 1)


@app.command()
def mrz(
    text: Annotated[str | None, typer.Argument(help="The lines of the zone, one after the other.")] = None,
    image: Annotated[Path | None, typer.Option(help="A picture of the document.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Read the machine readable zone of a travel document."""
    _print({"text": text, "image": image}, as_json=as_json)


@flows_app.command("check")
def flows_check() -> None:
    """Check every pack; says file, place and remedy of each fault."""


@flows_app.command("list")
def flows_list(as_json: JsonOption = False) -> None:
    """List the services."""
    _print([], as_json=as_json)


@flows_app.command("diagram")
def flows_diagram() -> None:
    """Draw the life of a visit as Mermaid."""


@app.command()
def receipt(
    case: Annotated[Path, typer.Option(help="A case as JSON, as the centre opened it or a visit left it.")],
    png: Annotated[Path, typer.Option(help="The picture to write.")],
) -> None:
    """Lay out the receipt of a case as a picture."""
    _fail(f"{case} {png}")


@app.command()
def doctor(profile: ProfileOption = None, site: SiteOption = None, as_json: JsonOption = False) -> None:
    """Say what works, what does not, and what to do."""
    _fail(f"{profile} {site} {as_json}")


@outbox_app.command("status")
def outbox_status(profile: ProfileOption = None, as_json: JsonOption = False) -> None:
    """Say how many reports wait, and for how long."""
    from kiosk.post.outbox import Outbox, OutboxProblem

    settings = _settings(None, profile)
    if not settings.paths.outbox.exists():
        _fail(f"{settings.paths.outbox}: no outbox yet; it is made with the first report")
    outbox = Outbox.open(settings.paths.outbox, settings.post.quota_mb * 1_000_000)
    if isinstance(outbox, OutboxProblem):
        _fail(f"{outbox.path}: {outbox.fault}; {outbox.remedy}")
    _print(outbox.status(), as_json=as_json)


# --- processes, started by `kiosk run` or systemd ---


@app.command(hidden=True)
def screen(
    visitor_screen: Annotated[bool, typer.Option("--visitor")] = False,
    line: Annotated[int | None, typer.Option(help="Descriptor of the line to the host.")] = None,
    play: Annotated[list[Path] | None, typer.Option(help="Scripts for the first visits.")] = None,
) -> None:
    """The screen host, or one visitor screen."""
    settings = _settings(None, None)
    if visitor_screen and line is not None:
        from kiosk.screen import run_visitor

        raise typer.Exit(run_visitor(settings, line, play[0] if play else None))
    from kiosk import screen_host

    raise typer.Exit(screen_host.run(settings, play or []))


@app.command(hidden=True)
def devices() -> None:
    """The devices process."""
    from devices.host import run as run_devices
    from kiosk.notify import notify

    run_devices(_settings(None, None), notify)


@app.command(hidden=True)
def courier() -> None:
    """The courier."""
    from kiosk.post.courier import run as run_courier

    raise typer.Exit(run_courier(_settings(None, None)))


@app.command(hidden=True)
def simulate() -> None:
    """The simulated devices."""
    from devices.simulate import run as run_simulators

    run_simulators(_settings(None, None))


# --- shared ---


def _settings(site: str | None, profile: str | None) -> "Settings":
    from config.loader import MACHINE_FILE, ConfigError, load

    machine_file = MACHINE_FILE if MACHINE_FILE.exists() else None
    try:
        return load(site=site, profile=profile, machine_file=machine_file, environ=os.environ)
    except ConfigError as error:
        _fail(str(error))


def _development_profile() -> str | None:
    """What runs everything on one machine is for development, unless the environment says otherwise."""
    return None if os.environ.get("KIOSK__PROFILE") else DEVELOPMENT_PROFILE


def _print_json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False))


def _print(value: object, *, as_json: bool) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False) if as_json else str(value))


def _fail(message: str) -> NoReturn:
    typer.echo(f"kiosk: {message}", err=True)
    sys.exit(1)


if __name__ == "__main__":
    main()
