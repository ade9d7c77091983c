"""What people type after `kiosk`. Every command imports what it needs when it runs: `--help` is quick."""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn
from uuid import UUID

import typer

from kiosk.machine import load_settings

if TYPE_CHECKING:
    from kiosk.post.outbox import Outbox

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
flows_app = typer.Typer(no_args_is_help=True, help="Packs: what each service asks.")
outbox_app = typer.Typer(no_args_is_help=True, help="Reports on their way to the centre.")
app.add_typer(flows_app, name="flows")
app.add_typer(outbox_app, name="outbox")
maintenance_app = typer.Typer(
    no_args_is_help=True,
    help="What a technician asks on the maintenance socket.",
)
app.add_typer(maintenance_app, name="maintenance")

DEVELOPMENT_PROFILE = "demo"

SiteOption = Annotated[str | None, typer.Option("--site", help="A name in config/sites.", show_default=False)]
ProfileOption = Annotated[
    str | None, typer.Option("--profile", help="A name in config/profiles.", show_default=False)
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.callback()
def describe() -> None:
    """Self-service kiosk at which the public reports lost property to the police."""


# --- run and play ---


@app.command()
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

    settings = load_settings(site, profile or _development_profile())
    strange = [name for name in offer or () if name not in pack_names()]
    if strange:
        _fail(f"there is no service {strange[0]!r}; known: {', '.join(pack_names())}")
    services = list(dict.fromkeys([*(offer or ()), *settings.site.services]))
    offering = settings.site.model_copy(update={"services": services})
    raise typer.Exit(supervise.run(settings.model_copy(update={"site": offering})))


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
    from kiosk.development.parts import CannotStartError
    from kiosk.played import playbook, visitor

    try:
        wanted = playbook.load(script).wanted(language=language, site=site, orientation=orientation)
        settings = load_settings(wanted.site, _development_profile())
        folder = out or Path("build/visit") / Path(script).stem
        outcome = visitor.play(wanted, settings, folder)
    except (playbook.PlaybookError, CannotStartError) as error:
        _fail(str(error))
    if as_json:
        _print_json(outcome.as_json())
    else:
        typer.echo(f"{folder}/report.md: {outcome.failure or 'finished'}")
    raise typer.Exit(1 if outcome.failure else 0)


@app.command()
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

    settings = load_settings(site, _development_profile())
    try:
        wanted = tour.Wanted.of(service or settings.site.services, length, language)
    except ValueError as error:
        _fail(str(error))

    def note(visit: tour.Visit) -> None:
        typer.echo(str(visit))
        for path in filter(None, (out / "services.json", record)):
            tour.write(path, [visit])

    try:
        visits = tour.play_all(settings, wanted, out if pictures else None, note)
    except CannotStartError as error:
        _fail(str(error))
    (out / "table.md").write_text(tour.table(visits), encoding="utf-8")
    raise typer.Exit(1 if any(each.failure for each in visits) else 0)


@app.command()
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

    path = places.simulators_socket(load_settings(None, profile or _development_profile()))
    named = {"fault": fault, "after_rows": after_rows, "scan": scan, "show": show}
    try:
        words = levers.words(
            what, {key: value for key, value in named.items() if value is not None}, other or []
        )
        answer = simulate_client.ask(path, words)
    except (levers.NoLeverError, simulate_client.RefusedError) as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"{path}: {error.strerror}; is `kiosk run` at work here?")
    if "state" in answer:
        _print_json(answer["state"])


# --- look and check ---


@app.command()
def scan(
    image: Annotated[Path, typer.Option(help="A picture: JPEG, PNG, WebP, BMP or PNM.")],
    as_json: JsonOption = False,
) -> None:
    """Say what the camera's code reader makes of a picture; ends with 1 if it finds no code.

    The running kiosk hands on the payload's bytes; `text` is what they say in the code's charset.
    """
    from devices.camera.codes import PictureError, read_file

    try:
        found = read_file(image)
    except PictureError as error:
        _fail(f"{image}: {error}; give a JPEG or PNG picture of at most 40 million pixels")
    if as_json:
        _print_json([code.as_json() for code in found])
    else:
        typer.echo("\n".join(code.as_line() for code in found) or "no code found")
    raise typer.Exit(0 if found else 1)


@app.command()
def mrz(
    text: Annotated[
        str | None,
        typer.Argument(help="The lines of the zone, one below the other; - is stdin."),
    ] = None,
    image: Annotated[Path | None, typer.Option(help="A picture of the document.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Read and check the machine readable zone of a travel document; ends with 1 if it cannot be trusted."""
    if (text is None) == (image is None):
        _fail("give either the text of the zone or --image FILE")
    if image is not None:
        _read_zone_from(image, as_json=as_json)
    answer = _meaning_of_zone(sys.stdin.read() if text == "-" else (text or "").replace("\\n", "\n"))
    _print_facts(answer, as_json=as_json)
    raise typer.Exit(0 if answer.get("all_checks_fit") else 1)


def _meaning_of_zone(lines: str) -> dict[str, Any]:
    from datetime import date

    from flows.documents.mrz import MrzProblem, parse

    read = parse(lines, today=date.today())  # noqa: DTZ011  # the machine's own day decides centuries only
    if isinstance(read, MrzProblem):
        return {"problem": read.value}
    return {**asdict(read), "all_checks_fit": read.all_checks_fit}


def _read_zone_from(image: Path, *, as_json: bool) -> NoReturn:
    from devices.camera.codes import PictureError
    from devices.camera.mrz import read_file

    try:
        reading = read_file(image)
    except PictureError as error:
        _fail(f"{image}: {error}; give a JPEG or PNG picture of at most 40 million pixels")
    meaning = _meaning_of_zone("\n".join(reading.lines)) if reading.lines else {}
    _print_facts({**reading.as_json(), **meaning}, as_json=as_json)
    raise typer.Exit(0 if meaning.get("all_checks_fit") else 1)


@flows_app.command("check")
def flows_check(
    folder: Annotated[
        Path | None, typer.Argument(help="A folder of packs; without one, those shipped.")
    ] = None,
) -> None:
    """Check every pack; names file, line, place and remedy of each mistake."""
    from flows.describing.describe import check_text
    from flows.loading.pack_loader import PACKS

    text, good = check_text(folder or PACKS)
    typer.echo(text, nl=False)
    raise typer.Exit(0 if good else 1)


@flows_app.command("new")
def flows_new(
    name: Annotated[str, typer.Argument(help="Of the service, as in lost_property.")],
    folder: Annotated[Path | None, typer.Option(help="Where; without it, among those shipped.")] = None,
) -> None:
    """Write a working skeleton of a new service."""
    from flows.describing.new_pack import NewPackError, write_skeleton
    from flows.loading.pack_loader import PACKS

    try:
        for path in write_skeleton(name, folder or PACKS):
            typer.echo(path)
    except NewPackError as error:
        _fail(str(error))


@flows_app.command("bundle")
def flows_bundle(
    number: Annotated[int, typer.Option(min=1, help="Higher than that of any bundle before.")],
    out: Annotated[Path, typer.Option(help="The unsigned bundle to write.")],
    folder: Annotated[
        Path | None, typer.Argument(help="Holds `packs` and `lists`; without one, those shipped.")
    ] = None,
    app_from: Annotated[str, typer.Option(help="First release that it fits; else this one.")] = "",
    app_below: Annotated[str, typer.Option(help="First release it no longer fits; else the next.")] = "",
    made_at: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%dT%H:%M:%SZ"], help="Time (UTC); else now.")
    ] = None,
) -> None:
    """Check all packs of a folder and write them as one file, which `report-centre packs sign` signs."""
    from flows.loading.pack_loader import PACKS
    from kiosk.bundles.bundling import CannotBundleError, build

    try:
        data, manifest = build(
            folder or PACKS.parent, number, made_at or datetime.now(UTC), app_from, app_below
        )
        out.write_bytes(data)
    except CannotBundleError as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"{out}: {error.strerror}")
    typer.echo(f"Bundle {number}: {len(manifest.files)} files, {len(data)} bytes: {out}")
    typer.echo(f"Fingerprint: {manifest.fingerprint()}")


@flows_app.command("list")
def flows_list() -> None:
    """List the packs."""
    from flows.describing.describe import list_text

    typer.echo(list_text(), nl=False)


@flows_app.command("diagram")
def flows_diagram(
    pack: Annotated[str | None, typer.Argument(help="A pack; without one, the life of a visit.")] = None,
) -> None:
    """Draw a pack, or the life of a visit, as Mermaid."""
    from flows.describing.describe import diagram_text
    from flows.loading.pack_loader import pack_names

    if pack is not None and pack not in pack_names():
        _fail(f"there is no pack {pack!r}; known: {', '.join(pack_names())}")
    typer.echo(diagram_text(pack), nl=False)


@app.command()
def receipt(
    case: Annotated[Path, typer.Option(help="A case as JSON, as the centre opened it or a visit left it.")],
    png: Annotated[Path, typer.Option(help="The picture to write.")],
) -> None:
    """Lay out the receipt of a case as a picture, dot for dot as it is printed."""
    from kiosk.receipts import CaseFileError, picture_of, read_case

    try:
        read = read_case(case)
        picture = picture_of(read, load_settings(read.document["site_code"], _development_profile()))
        png.write_bytes(picture)
    except CaseFileError as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"{png}: {error.strerror}")


@app.command()
def doctor(
    profile: ProfileOption = None,
    site: SiteOption = None,
    network: Annotated[bool, typer.Option("--network", help="Also walk the way to the centre.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Say what works, what does not, and what to do; ends with 1 if something must be mended now."""
    from kiosk import doctor as examination
    from kiosk import findings as found

    findings = examination.examine(load_settings(site, profile or _development_profile()), network=network)
    typer.echo(found.as_json(findings) if as_json else found.as_text(findings))
    raise typer.Exit(found.exit_code(findings))


@maintenance_app.command("ask")
def maintenance_ask(
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
    path = load_settings(None, profile or _development_profile()).paths.maintenance_socket
    try:
        answer = client.ask(path, asked, entry)
    except (OSError, ValueError) as error:
        _fail(f"{path}: {error}")
    _print_json(answer)
    raise typer.Exit(1 if answer.get("event") in {"denied", "failed"} else 0)


@maintenance_app.command("technicians")
def maintenance_technicians(
    file: Annotated[Path, typer.Argument(help="The list that the force signed: technicians.jws.")],
    profile: ProfileOption = None,
) -> None:
    """Put a newer list of technicians in its place, once it was verified."""
    from kiosk.maintenance import client

    settings = load_settings(None, profile or _development_profile())
    try:
        version = client.install_technicians(settings.paths.keys, file.read_bytes())
    except (client.NotTakenError, OSError) as error:
        _fail(f"{file}: {error}")
    typer.echo(f"version {version} of the list is in place")


@app.command()
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

    settings = load_settings(None, profile or _development_profile())
    typed = " ".join(code or ()) or typer.prompt("One-time code")
    try:
        typer.echo(enrolling.enrol(settings, typed, door or settings.centre.door_url))
    except enrolling.CannotEnrolError as error:
        _fail(str(error))


@outbox_app.command("status")
def outbox_status(profile: ProfileOption = None, as_json: JsonOption = False) -> None:
    """Say how reports get to the centre, and what to do; ends with 1 if something must be mended now.

    How many wait and for how long, what the courier does, whether the centre answers, how long the keys last.
    """
    from kiosk import findings as found
    from kiosk.post_findings import PostOffice

    settings = load_settings(None, profile or _development_profile())
    seen = PostOffice.seen(settings)
    findings = seen.findings(settings)
    if as_json:
        _print_json(seen.facts(settings))
    else:
        typer.echo(found.as_text(findings))
    raise typer.Exit(found.exit_code(findings))


@outbox_app.command("quarantine")
def outbox_quarantine(profile: ProfileOption = None, as_json: JsonOption = False) -> None:
    """List the reports that the centre keeps refusing, with its reason; nobody here can read them."""
    with _outbox(profile) as outbox:
        cases = outbox.quarantined()
    if as_json:
        _print_json([asdict(case) for case in cases])
        return
    lines = [
        f"{case.case_id}  number {case.sequence}, kept {_moment(case.kept_at)}, refused {case.refusals} "
        f"times since {_moment(case.first_refused_at)}: {case.problem or 'no reason given'}"
        for case in cases
    ]
    typer.echo("\n".join(lines) or "no report is in quarantine")


@outbox_app.command("release")
def outbox_release(
    case: Annotated[UUID | None, typer.Argument(help="One report, as `quarantine` lists it.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every report in quarantine.")] = False,
    profile: ProfileOption = None,
) -> None:
    """Queue refused reports again, once the centre was mended; the running courier sends them."""
    if (case is None) is not every:
        _fail("give either one report or --all")
    with _outbox(profile) as outbox:
        wanted = [case] if case is not None else [each.case_id for each in outbox.quarantined()]
        released = [each for each in wanted if outbox.release(each)]
    if case is not None and not released:
        _fail(f"{case} is not in quarantine; `kiosk outbox quarantine` lists what is")
    typer.echo(f"{len(released)} released")


@outbox_app.command("salvage")
def outbox_salvage(
    continue_at: Annotated[
        int | None,
        typer.Option(
            help="Number of the next report, if the file no longer says.", min=1, show_default=False
        ),
    ] = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring all that a damaged outbox still holds into a new one; the damaged one is moved aside."""
    from kiosk.post.salvage import SalvageProblem, salvage

    settings = load_settings(None, profile or _development_profile())
    path = settings.paths.outbox
    result = salvage(path, settings.kiosk_number, continue_at=continue_at)
    if isinstance(result, SalvageProblem):
        _fail(f"{path}: {result.fault.value}; {result.remedy}")
    _print_facts(asdict(result), as_json=as_json)


@contextmanager
def _outbox(profile: str | None) -> Iterator["Outbox"]:
    """The outbox that is there. What is wrong with it ends the command, with a remedy."""
    from kiosk.post.outbox import Outbox, OutboxProblem, StorageError

    settings = load_settings(None, profile or _development_profile())
    path = settings.paths.outbox
    if not path.exists():
        _fail(f"{path}: no outbox yet; it is made with the first report. Is this the right --profile?")
    outbox = Outbox.open(path, settings.post.quota_mb * 1_000_000)
    if isinstance(outbox, OutboxProblem):
        _fail(f"{path}: {outbox.fault.value}; {outbox.remedy}")
    try:
        yield outbox
    except StorageError as error:
        _fail(f"{path}: {error}; try again, and call the technician if it stays")
    finally:
        outbox.close()


# --- shared ---


def _development_profile() -> str | None:
    """The profile where nothing names one: a machine without a machine file is no kiosk in service."""
    from config.loader import MACHINE_FILE

    return None if os.environ.get("KIOSK__PROFILE") or MACHINE_FILE.exists() else DEVELOPMENT_PROFILE


def _print_json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, default=str))


def _moment(seconds: int | None) -> str:
    return "?" if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _print_facts(facts: Mapping[str, object], *, as_json: bool) -> None:
    if as_json:
        _print_json(facts)
        return
    width = max(map(len, facts))
    typer.echo("\n".join(f"{name:<{width}}  {_plain(value)}" for name, value in facts.items()))


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


def _fail(message: str) -> NoReturn:
    typer.echo(f"kiosk: {message}", err=True)
    sys.exit(1)
