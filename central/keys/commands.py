"""`report-centre root`, `keys` and `escrow`: the steps of docs/key-ceremony.md."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from central.centre import Centre
from central.console import DEFAULT_CENTRE, CentreOption, DatabaseOption, explained
from central.files import private_directory, write_private
from central.keys import ceremony, escrow, keyring_file, locked, retirement
from central.keys.ceremony import Plan
from central.keys.escrow import EscrowKey
from central.keys.keyset import (
    KeySet,
    KeySetError,
    PublicKey,
    Roots,
    SealingKey,
    read_draft,
    read_escrow,
    read_roots,
    read_signer,
)
from central.keys.material import ESCROW_DAYS, PRIMARY_DAYS, Material
from central.keys.roots import ROOTS, development_root
from central.keys.suites import CLASSIC, HYBRID
from central.recipients import Recipient
from central.store import kiosks
from central.technicians.files import AUTHORITY

root_app = typer.Typer(no_args_is_help=True, help="Offline: the keys that sign key sets.")
keys_app = typer.Typer(no_args_is_help=True, help="The centre's keys: draft, publish, rotate, retire.")
escrow_app = typer.Typer(no_args_is_help=True, help="Offline: the key in the safe.")

Days = Annotated[int, typer.Option(min=1, max=3650, help="How long the new key is valid.")]
Without = Annotated[
    list[str] | None, typer.Option("--without", help="A key that no kiosk shall use any more; repeatable.")
]
NewReceiptKey = Annotated[bool, typer.Option("--receipt-key", help="Sign receipts with a new key, too.")]
Complaints = Annotated[
    bool, typer.Option("--complaints", help="Give complaints keys of their own, from now on.")
]
Classic = Annotated[bool, typer.Option("--classic", help="Plain X25519 instead of the post-quantum hybrid.")]


@root_app.command("new")
def new_roots(
    out: Annotated[Path, typer.Argument(help="Where the keys and roots.json are written.")],
    count: Annotated[int, typer.Option(min=1, max=5, help="Normally two: one in use, one spare.")] = 2,
) -> None:
    """Make root keys on a machine without a network, each locked with its own passphrase."""
    with explained():
        _check_new(out / ROOTS)
        private_directory(out)
        roots = tuple(_new_root(out, number, count) for number in range(1, count + 1))
        write_private(out / ROOTS, Roots(roots=roots).model_dump_json(indent=1).encode())
    typer.echo(f"Public halves for the centre: {out / ROOTS}")


@root_app.command("replace")
def replace_root(
    lost: Annotated[str, typer.Argument(metavar="KID", help="The root that is lost.")],
    roots: Annotated[Path, typer.Argument(help="The roots.json there is.")],
    out: Annotated[Path, typer.Argument(help="Where the new key and the new roots.json are written.")],
) -> None:
    """Make a new root in place of a lost one."""
    with explained():
        known = read_roots(roots.read_bytes()).roots
        kept = tuple(root for root in known if root.kid != lost)
        if len(kept) == len(known):
            raise KeySetError(f"{roots} knows no root {lost}")
        _check_new(out / ROOTS)
        private_directory(out)
        fresh = _new_root(out, 1, 1)
        write_private(out / ROOTS, Roots(roots=(*kept, fresh)).model_dump_json(indent=1).encode())
    typer.echo(f"Publish the next key set with these: keys publish SIGNED --roots {out / ROOTS}")


@root_app.command("sign")
def sign(
    draft: Annotated[Path, typer.Argument(help="What `keys draft` wrote.")],
    root: Annotated[Path, typer.Option(help="The root key.")],
    out: Annotated[Path, typer.Option(help="Where the signed key set is written.")],
) -> None:
    """Sign the draft of a key set, after its fingerprint was compared with what the centre showed."""
    with explained():
        key_set = read_draft(draft.read_bytes())
        _show(key_set)
        said = typer.prompt("Fingerprint that the centre showed, read to you by a second person")
        if "".join(said.split()).lower() != key_set.fingerprint():
            raise KeySetError("this is another draft than the centre made; nothing was signed")
        key = locked.open_root(root, typer.prompt("Passphrase of the root key", hide_input=True))
        write_private(out, ceremony.sign(key_set, key).encode())
    typer.echo(f"Signed: {out}")


@keys_app.command("draft")
def make_draft(
    out: Annotated[Path, typer.Argument(help="Where the draft is written.")],
    directory: CentreOption = DEFAULT_CENTRE,
    days: Days = PRIMARY_DAYS,
    escrow_keys: Annotated[
        list[Path] | None,
        typer.Option("--escrow", help="Public half of a new escrow key, of either recipient; repeatable."),
    ] = None,
    complaints: Complaints = False,
    without: Without = None,
    new_receipt_key: NewReceiptKey = False,
    classic: Classic = False,
    technicians: Annotated[
        bool, typer.Option("--technicians", help="Let the key of `technician authority` sign passes.")
    ] = False,
    packs: Annotated[
        Path | None, typer.Option("--packs", help="Public half of a key that signs pack bundles.")
    ] = None,
    version: Annotated[
        int | None, typer.Option(min=1, help="After a loss: higher than any kiosk has (its heartbeat tells).")
    ] = None,
) -> None:
    """Make a new sealing key and the draft of the next key set. Nothing changes until it is published."""
    with explained():
        escrows = _escrows(escrow_keys or ())
        technician_key = locked.read_technician(_checked(directory) / AUTHORITY) if technicians else None
        plan = replace(
            _plan(days, without, new_receipt_key, classic, complaints),
            escrow=escrows.get(Recipient.REPORTS),
            complaints_escrow=escrows.get(Recipient.COMPLAINTS),
            version=version,
            technician_key=technician_key,
            pack_key=None if packs is None else read_signer(packs.read_bytes()),
        )
        material = _change(directory, lambda known: ceremony.make_draft(known, plan, _now()))
        key_set = _drafted(material)
        write_private(out, key_set.payload())
    _show(key_set)
    typer.echo(f"Fingerprint: {key_set.fingerprint()}")


@keys_app.command("publish")
def publish(
    signed: Annotated[Path, typer.Argument(help="What `root sign` wrote.")],
    directory: CentreOption = DEFAULT_CENTRE,
    roots: Annotated[Path | None, typer.Option(help="Roots that replace the ones there are.")] = None,
) -> None:
    """Check the signed key set and give it to the kiosks: each fetches it after its next heartbeat."""
    with explained():
        new_roots = None if roots is None else read_roots(roots.read_bytes())
        token = signed.read_text("ascii").strip()
        material = _change(directory, lambda known: ceremony.publish(known, token, new_roots))
    _say_published(material)


@keys_app.command("rotate")
def rotate(
    directory: CentreOption = DEFAULT_CENTRE,
    days: Days = PRIMARY_DAYS,
    without: Without = None,
    new_receipt_key: NewReceiptKey = False,
    classic: Classic = False,
    complaints: Complaints = False,
) -> None:
    """Draft, sign and publish at once, with the root of a development centre."""
    with explained():
        root = development_root(_checked(directory))
        plan = _plan(days, without, new_receipt_key, classic, complaints)
        material = _change(directory, lambda known: _rotated(known, plan, root))
    _say_published(material)


@keys_app.command("list")
def list_keys(
    directory: CentreOption = DEFAULT_CENTRE,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the published key set, what else opens, and what waits."""
    with explained():
        material = keyring_file.read(_checked(directory))
        key_set = material.published()
    if as_json:
        typer.echo("null" if key_set is None else key_set.model_dump_json(indent=2))
        return
    if key_set is None:
        typer.echo("No key set has been published yet.")
    else:
        _show(key_set)
    published = set() if key_set is None else {key.kid for key in key_set.sealed_to}
    for held in material.sealing:
        if held.key.kid not in published:
            typer.echo(f"  {held.key.kid}  only opens what is still on its way")
    for kid, when in material.retired.items():
        typer.echo(f"  {kid}  retired {when:%Y-%m-%d}")
    if material.draft is not None:
        waits = material.draft.key_set
        typer.echo(f"Draft of version {waits.version}: {waits.fingerprint()}")


@keys_app.command("retire")
def retire(
    kid: Annotated[str, typer.Argument(help="A key that is no longer in the key set.")],
    directory: CentreOption = DEFAULT_CENTRE,
    database: DatabaseOption = None,
    gone: Annotated[
        list[int] | None, typer.Option(help="A kiosk that will never come back; repeatable.")
    ] = None,
) -> None:
    """Delete a private key once no kiosk can hold anything sealed to it; until then say who may."""
    with explained():
        store = Centre(_checked(directory), database).store()
        try:
            with store.reading() as db:
                known = kiosks.all_kiosks(db)
        finally:
            store.close()
        waiting: list[retirement.Waiting] = []

        def step(material: Material) -> Material:
            result = retirement.retire(material, kid, known, frozenset(gone or ()), _now())
            waiting.extend(result.waiting)
            return result.material

        _change(directory, step)
        for each in waiting:
            typer.echo(f"kiosk {each.kiosk:04d} {each.why}")
        if waiting:
            raise KeySetError(f"{kid} is kept")
    typer.echo(f"{kid} is gone. Its backups are yours to destroy.")


@escrow_app.command("new")
def new_escrow(
    out: Annotated[Path, typer.Argument(help="The file of the locked key; PATH.public is for the centre.")],
    days: Days = ESCROW_DAYS,
    complaints: Annotated[bool, typer.Option("--complaints", help="Make one for complaints.")] = False,
) -> None:
    """Make an escrow key on a machine without a network."""
    with explained():
        _check_new(out)
        recipient = Recipient.COMPLAINTS if complaints else Recipient.REPORTS
        passphrase = _new_passphrase("Passphrase of the escrow key")
        key = locked.make_escrow(out, passphrase, _now(), days, recipient=recipient)
        public = out.with_name(out.name + ".public")
        write_private(public, key.model_dump_json(indent=1).encode())
    typer.echo(f"Escrow key {key.kid}. For the next draft: keys draft --escrow {public}")


@escrow_app.command("open")
def open_envelope(
    envelope: Annotated[Path, typer.Argument(help="The envelope, as the kiosk sent it.")],
    out: Annotated[Path, typer.Argument(help="Folder for the document and the attachments, in clear.")],
    key: Annotated[Path, typer.Option(help="The escrow key.")],
    parts: Annotated[Path | None, typer.Option(help="Folder of the sealed parts.")] = None,
) -> None:
    """Open a case with the escrow key."""
    with explained():
        unlocked = EscrowKey.unlock(key, typer.prompt("Passphrase of the escrow key", hide_input=True))
        escrow.save(escrow.open_case(envelope, parts, unlocked), out)
    typer.echo(f"Opened into {out}")


@escrow_app.command("lend")
def lend(
    key: Annotated[Path, typer.Option(help="The escrow key.")],
    directory: CentreOption = DEFAULT_CENTRE,
) -> None:
    """Let a centre that lost its keys open with the escrow key. Afterwards make a new escrow key."""
    with explained():
        unlocked = locked.open_escrow(key, typer.prompt("Passphrase of the escrow key", hide_input=True))
        _change(directory, lambda known: ceremony.lend(known, *unlocked))
    typer.echo("The centre opens with the escrow key now. It is no longer offline: replace it.")


def _check_new(path: Path) -> None:
    if path.exists():
        raise KeySetError(f"{path} is there already; keys are never written over")


def _new_root(out: Path, number: int, count: int) -> PublicKey:
    key = Ed25519PrivateKey.generate()
    public = PublicKey.of(key.public_key())
    passphrase = _new_passphrase(f"Passphrase of root {number} of {count}")
    locked.write_root(out / f"root-{public.kid}.json", key, passphrase)
    typer.echo(f"Root {number} of {count}: {out / f'root-{public.kid}.json'}")
    return public


def _new_passphrase(words: str) -> str:
    said: str = typer.prompt(words, hide_input=True, confirmation_prompt=True)
    if len(said) < locked.MIN_PASSPHRASE:
        raise KeySetError(f"a passphrase has at least {locked.MIN_PASSPHRASE} characters")
    return said


def _escrows(files: Sequence[Path]) -> dict[Recipient, SealingKey]:
    keys = [read_escrow(file.read_bytes()) for file in files]
    return {key.recipient: key for key in keys}


def _plan(
    days: int, without: list[str] | None, new_receipt_key: bool, classic: bool, complaints: bool
) -> Plan:
    return Plan(
        suite=CLASSIC if classic else HYBRID,
        days=days,
        complaints=complaints,
        new_receipt_key=new_receipt_key,
        without=frozenset(without or ()),
    )


def _rotated(material: Material, plan: Plan, root: Ed25519PrivateKey) -> Material:
    return ceremony.sign_and_publish(ceremony.make_draft(material, plan, _now()), root)


def _drafted(material: Material) -> KeySet:
    if material.draft is None:
        raise KeySetError("there is no draft")
    return material.draft.key_set


def _change(directory: Path, step: keyring_file.Step) -> Material:
    return keyring_file.change(_checked(directory), step)


def _checked(directory: Path) -> Path:
    return Centre(directory).checked()


def _say_published(material: Material) -> None:
    key_set = material.published()
    if key_set is not None:
        _show(key_set)
    typer.echo("Published. Back up the directory of the centre now.")


def _show(key_set: KeySet) -> None:
    typer.echo(f"Key set {key_set.version} of {key_set.issued_at:%Y-%m-%d %H:%M} UTC")
    for key in key_set.sealed_to:
        typer.echo(f"  {_line(key)}")
    for receipt in key_set.receipt_keys:
        typer.echo(f"  {receipt.kid}  receipts")
    for technician in key_set.technician_keys:
        typer.echo(f"  {technician.kid}  technicians")
    for packs in key_set.pack_keys:
        typer.echo(f"  {packs.kid}  packs")


def _line(key: SealingKey) -> str:
    life = f"{key.not_before:%Y-%m-%d} – {key.not_after:%Y-%m-%d}"
    whose = "" if key.recipient is Recipient.REPORTS else f"  {key.recipient}"
    return f"{key.kid}  {key.role.value:8} {life}  {key.suite.partition('/')[0]}{whose}"


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
