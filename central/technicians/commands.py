"""`report-centre technician` and `bundle`: the steps of docs/technician-passes.md."""

import datetime as dt
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import segno
import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from central.centre import Centre
from central.console import DEFAULT_CENTRE, CentreOption, explained
from central.files import write_private
from central.keys import locked
from central.keys.keyset import KeySetError, PublicKey
from central.technicians import credentials, pins
from central.technicians.bundles import open_bundle
from central.technicians.credentials import Issued, Reach, Technicians
from central.technicians.files import AUTHORITY, LIST, PASSES

technician_app = typer.Typer(no_args_is_help=True, help="Who may enter the maintenance of kiosks.")
bundle_app = typer.Typer(no_args_is_help=True, help="Support bundles of kiosks.")

Code = Annotated[str, typer.Argument(help="The technician's number: T and four digits.")]
Kiosks = Annotated[list[int] | None, typer.Option("--kiosk", min=0, max=9999, help="One kiosk; repeatable.")]
Group = Annotated[str, typer.Option(help="A group: a site, or a name in the kiosks' maintenance.groups.")]
ChosenPin = Annotated[bool, typer.Option("--own-pin", help="The technician types it; otherwise it is drawn.")]
Out = Annotated[Path | None, typer.Option(help="A second place for the signed list.")]


@technician_app.command("authority")
def make_authority(directory: CentreOption = DEFAULT_CENTRE) -> None:
    """Make the key that signs passes, locked with a passphrase. It works once a key set names it."""
    with explained():
        path = Centre(directory).checked() / AUTHORITY
        if path.exists():
            raise KeySetError(f"{path} is there already; move it away to make another")
        passphrase = typer.prompt("Passphrase of the new key", hide_input=True, confirmation_prompt=True)
        if len(passphrase) < locked.MIN_PASSPHRASE:
            raise KeySetError(f"a passphrase has at least {locked.MIN_PASSPHRASE} characters")
        public = locked.write_technician(path, Ed25519PrivateKey.generate(), passphrase)
    typer.echo(f"{public.kid}  {path}")
    typer.echo("Name it in the next key set: report-centre keys draft DRAFT --technicians")


@technician_app.command("add")
def add(
    code: Code,
    directory: CentreOption = DEFAULT_CENTRE,
    kiosk: Kiosks = None,
    group: Group = "",
    own_pin: ChosenPin = False,
    out: Out = None,
) -> None:
    """Give a technician a code and a new PIN; an earlier PIN is void where the new list arrives."""
    with explained():
        credentials.check_code(code)
        folder, key = _unlocked(directory)
        pin = _pin(code, pins.CODE_DIGITS, own_pin)
        reach = Reach(kiosks=tuple(kiosk or ()), group=group)
        changed = _read(folder).with_technician(code, pins.Verifier.of(pin), reach)
        version = _publish(folder, changed, key, out)
    if not own_pin:
        typer.echo(f"PIN of {code}, shown once: {pin}")
    typer.echo(f"Version {version} of the list goes to the kiosks: {folder / LIST}")


@technician_app.command("remove")
def remove(code: Code, directory: CentreOption = DEFAULT_CENTRE, out: Out = None) -> None:
    """Take a technician's code away, where the new list arrives."""
    with explained():
        folder, key = _unlocked(directory)
        version = _publish(folder, _read(folder).without_technician(code), key, out)
    typer.echo(f"Version {version} of the list goes to the kiosks: {folder / LIST}")


@technician_app.command("pass")
def issue(
    code: Code,
    out: Annotated[Path, typer.Option(help="The QR code: a file that ends in .png or .svg.")],
    directory: CentreOption = DEFAULT_CENTRE,
    kiosk: Kiosks = None,
    group: Group = "",
    days: Annotated[int, typer.Option(min=1, max=credentials.MAX_DAYS, help="How long it is good.")] = 14,
    begins: Annotated[
        dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day (UTC); otherwise now.")
    ] = None,
    own_pin: ChosenPin = False,
) -> None:
    """Issue a pass that opens maintenance once in each kiosk it names, without a network."""
    with explained():
        if out.suffix not in (".png", ".svg"):
            raise KeySetError(f"{out}: a pass is written as .png or .svg")
        folder, key = _unlocked(directory)
        pin = _pin(code, pins.PASS_DIGITS, own_pin)
        reach = Reach(kiosks=tuple(kiosk or ()), group=group)
        begin = _now() if begins is None else begins.replace(tzinfo=dt.UTC)
        issued = credentials.issue(key, code, pins.Verifier.of(pin), reach, begin, days)
        _note(folder, issued)
        picture = io.BytesIO()
        segno.make(issued.token, error="m", micro=False).save(picture, kind=out.suffix[1:], scale=6, border=4)
        write_private(out, picture.getvalue())
    if not own_pin:
        typer.echo(f"PIN of this pass, shown once: {pin}")
    typer.echo(f"{issued.pass_id}  {_life(issued)}  {out}")


@technician_app.command("revoke-pass")
def revoke_pass(
    pass_id: Annotated[
        str, typer.Argument(help="As `technician list` shows it. After `--` if it begins with a hyphen.")
    ],
    directory: CentreOption = DEFAULT_CENTRE,
    out: Out = None,
) -> None:
    """Refuse a pass that was lost or photographed, where the new list arrives."""
    with explained():
        folder, key = _unlocked(directory)
        issued = next((each for each in _passes(folder) if each["pass_id"] == pass_id), None)
        if issued is None:
            raise KeySetError(f"no pass {pass_id} was issued here")
        changed = _read(folder).without_pass(pass_id, issued["not_after"])
        version = _publish(folder, changed, key, out)
    typer.echo(f"Version {version} of the list goes to the kiosks: {folder / LIST}")


@technician_app.command("list")
def show(directory: CentreOption = DEFAULT_CENTRE) -> None:
    """List the codes, and the passes that are still good."""
    with explained():
        folder = Centre(directory).checked()
        listed, passes = _read(folder), list(_passes(folder))
    for technician in listed.technicians:
        typer.echo(f"{technician.code}  {_where(technician.reach.model_dump())}")
    for each in passes:
        if each["not_after"] > _now().timestamp():
            revoked = "  revoked" if each["pass_id"] in listed.revoked_passes else ""
            typer.echo(f"pass {each['pass_id']}  {each['technician']}  {_where(each['reach'])}{revoked}")


@bundle_app.command("open")
def open_support_bundle(
    file: Annotated[Path, typer.Argument(help="The file on the technician's stick.")],
    out: Annotated[Path, typer.Argument(help="The ZIP to write.")],
    directory: CentreOption = DEFAULT_CENTRE,
) -> None:
    """Open a support bundle with the centre's private key."""
    with explained():
        bundle = open_bundle(file.read_bytes(), Centre(directory).keyring())
        write_private(out, bundle.archive)
    typer.echo(f"Bundle of kiosk {bundle.kiosk:04d}: {out}")


def _unlocked(directory: Path) -> tuple[Path, Ed25519PrivateKey]:
    folder = Centre(directory).checked()
    locked.read_technician(folder / AUTHORITY)
    passphrase = typer.prompt("Passphrase of the key that signs passes", hide_input=True)
    return folder, locked.open_technician(folder / AUTHORITY, passphrase)


def _pin(code: str, digits: int, own: bool) -> str:
    if not own:
        return pins.draw(code, digits)
    pin: str = typer.prompt(f"New PIN of {code}", hide_input=True, confirmation_prompt=True)
    pins.check(pin, code, digits)
    return pin


def _read(folder: Path) -> Technicians:
    """The list as it stands. One of an earlier authority is believed for its content: it lies here."""
    path = folder / LIST
    if not path.exists():
        return Technicians()
    keys = [locked.read_technician(folder / AUTHORITY)]
    published = Centre(folder).keyring().material.published()
    keys += [] if published is None else published.technician_keys
    return credentials.read_list(path.read_text("ascii").strip(), {key.kid: key.key() for key in keys})


def _publish(folder: Path, changed: Technicians, key: Ed25519PrivateKey, out: Path | None) -> int:
    token = changed.signed(key, _now())
    write_private(folder / LIST, token.encode())
    if out is not None:
        write_private(out, token.encode())
    return credentials.read_list(token, {PublicKey.of(key.public_key()).kid: key.public_key()}).version


def _note(folder: Path, issued: Issued) -> None:
    """Remember what was issued, before it leaves: never the token, which opens."""
    line = issued.model_dump_json(exclude={"token"}) + "\n"
    with os.fdopen(os.open(folder / PASSES, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def _passes(folder: Path) -> Iterator[dict[str, Any]]:
    path = folder / PASSES
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    yield from (json.loads(line) for line in lines)


def _where(reach: dict[str, Any]) -> str:
    kiosks = ", ".join(f"{number:04d}" for number in reach["kiosks"])
    return kiosks or (f"group {reach['group']}" if reach["group"] else "every kiosk")


def _life(issued: Issued) -> str:
    first, last = (dt.datetime.fromtimestamp(at, dt.UTC) for at in (issued.not_before, issued.not_after))
    return f"{first:%Y-%m-%d} – {last:%Y-%m-%d}"


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
