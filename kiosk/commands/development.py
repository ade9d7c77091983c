"""`kiosk run`, `visit`, `tour`, `lever`: a whole kiosk on a developer's machine, and who plays with it."""

from pathlib import Path
from typing import Annotated

import typer

from kiosk.commands.console import JsonOption, ProfileOption, SiteOption, fail, print_json, settings_of


def run(
    site: SiteOption = None,
    profile: ProfileOption = None,
    offer: Annotated[
        list[str] | None, typer.Option(help="A service to offer first, besides the site's.")
    ] = None,
) -> None:
    """Run a whole kiosk here, with simulated devices and the reference centre, until Ctrl-C."""
    from flows.loading.pack_loader import pack_names
    from kiosk.development import supervise

    settings = settings_of(profile, site)
    strange = [name for name in offer or () if name not in pack_names()]
    if strange:
        fail(f"there is no service {strange[0]!r}; known: {', '.join(pack_names())}")
    services = list(dict.fromkeys([*(offer or ()), *settings.site.services]))
    offering = settings.site.model_copy(update={"services": services})
    raise typer.Exit(supervise.run(settings.model_copy(update={"site": offering})))


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
    from kiosk.development.parts import CannotStartError
    from kiosk.played import playbook, visitor

    try:
        wanted = playbook.load(script).wanted(language=language, site=site, orientation=orientation)
        settings = settings_of(None, wanted.site)
        folder = out or Path("build/visit") / Path(script).stem
        outcome = visitor.play(wanted, settings, folder)
    except (playbook.PlaybookError, CannotStartError) as error:
        fail(str(error))
    if as_json:
        print_json(outcome.as_json())
    else:
        typer.echo(f"{folder}/report.md: {outcome.failure or 'finished'}")
    raise typer.Exit(1 if outcome.failure else 0)


def tour(
    out: Annotated[Path, typer.Option(help="Folder for pictures and the table.")] = Path("build/services"),
    service: Annotated[list[str] | None, typer.Option(help="Only this service; may be repeated.")] = None,
    length: Annotated[list[str] | None, typer.Option(help="shortest, typical or longest.")] = None,
    language: Annotated[list[str] | None, typer.Option(help="zh-Hant, zh-Hans or en.")] = None,
    site: SiteOption = None,
    record: Annotated[
        Path | None, typer.Option(help="Write what was measured into this file too, as docs/services.json.")
    ] = None,
    pictures: Annotated[bool, typer.Option(help="Keep a picture of every screen.")] = True,
) -> None:
    """Play every service, shortest, typical and longest; ends with 1 if one cannot be finished."""
    from kiosk.development.parts import CannotStartError
    from kiosk.played import tour

    settings = settings_of(None, site)
    try:
        wanted = tour.Wanted.of(service or settings.site.services, length, language)
    except ValueError as error:
        fail(str(error))

    def note(visit: tour.Visit) -> None:
        typer.echo(str(visit))
        for path in filter(None, (out / "services.json", record)):
            tour.write(path, [visit])

    try:
        visits = tour.play_all(settings, wanted, out if pictures else None, note)
    except CannotStartError as error:
        fail(str(error))
    (out / "table.md").write_text(tour.table(visits), encoding="utf-8")
    raise typer.Exit(1 if any(each.failure for each in visits) else 0)


def lever(
    what: Annotated[str, typer.Argument(help="A device, `network`, or `state`.")],
    fault: Annotated[
        str | None, typer.Argument(help="A word of its simulator, such as paper_out; `none` mends.")
    ] = None,
    after_rows: Annotated[int | None, typer.Option(help="printer: rows of paper until then.")] = None,
    scan: Annotated[str | None, typer.Option(help="scanner, document_reader: read this.")] = None,
    show: Annotated[
        str | None, typer.Option(help="camera: hold this before it; a picture, or specimen:NAME.")
    ] = None,
    other: Annotated[
        list[str] | None, typer.Option("--do", help="Any other word: press=call, key=up, presence=away.")
    ] = None,
    profile: ProfileOption = None,
) -> None:
    """Pull a lever of the simulated devices of the kiosk that runs here (`kiosk run`)."""
    from devices import places, simulate_client
    from kiosk.development import levers

    path = places.simulators_socket(settings_of(profile))
    named = {"fault": fault, "after_rows": after_rows, "scan": scan, "show": show}
    try:
        words = levers.words(
            what, {key: value for key, value in named.items() if value is not None}, other or []
        )
        answer = simulate_client.ask(path, words)
    except (levers.NoLeverError, simulate_client.RefusedError) as error:
        fail(str(error))
    except OSError as error:
        fail(f"{path}: {error.strerror}; is `kiosk run` at work here?")
    if "state" in answer:
        print_json(answer["state"])
