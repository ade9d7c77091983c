"""`kiosk doctor`, `enrol`: what is typed where a kiosk is set up."""

from typing import Annotated

import typer

from kiosk.commands.console import JsonOption, ProfileOption, SiteOption, fail, settings_of


def doctor(
    profile: ProfileOption = None,
    site: SiteOption = None,
    network: Annotated[bool, typer.Option("--network", help="Also walk the way to the centre.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Say what works, what does not, and what to do; ends with 1 if something must be mended now."""
    from kiosk import doctor as examination
    from kiosk import findings as found

    findings = examination.examine(settings_of(profile, site), network=network)
    typer.echo(found.as_json(findings) if as_json else found.as_text(findings))
    raise typer.Exit(found.exit_code(findings))


def enrol(
    code: Annotated[
        list[str] | None, typer.Argument(help="The one-time code from the centre.", show_default=False)
    ] = None,
    door: Annotated[
        str | None,
        typer.Option(help="Address of the centre's door; else centre.door_url.", show_default=False),
    ] = None,
    profile: ProfileOption = None,
) -> None:
    """Give this kiosk its identity, with a one-time code from the centre (`report-centre invite`)."""
    from kiosk import enrolling

    settings = settings_of(profile)
    typed = " ".join(code or ()) or typer.prompt("One-time code")
    try:
        typer.echo(enrolling.enrol(settings, typed, door or settings.centre.door_url))
    except enrolling.CannotEnrolError as error:
        fail(str(error))
