"""`report-centre packs`: the steps of docs/publish-packs.md."""

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from central.centre import Centre
from central.console import DEFAULT_CENTRE, CentreOption, DatabaseOption, explained
from central.files import write_private
from central.keys import locked
from central.keys.keyset import KeySetError
from central.packs import bundle
from central.packs.offers import Offer, Offers, Reach, Shelf
from central.store import kiosks

packs_app = typer.Typer(no_args_is_help=True, help="What kiosks ask: sign, publish, roll out.")

GroupOption = Annotated[str | None, typer.Option("--group", help="Only to the kiosks of this group.")]
PercentOption = Annotated[
    int, typer.Option("--percent", min=1, max=100, help="Only to so many in a hundred.")
]
Number = Annotated[int, typer.Argument(help="Of a published bundle.")]


@packs_app.command("key")
def new_key(
    out: Annotated[Path, typer.Argument(help="The file of the locked key; PATH.public is for the centre.")],
) -> None:
    """Offline: make the key that signs pack bundles. It works once a key set names it."""
    with explained():
        if out.exists():
            raise KeySetError(f"{out} is there already; keys are never written over")
        passphrase = typer.prompt("Passphrase of the new key", hide_input=True, confirmation_prompt=True)
        if len(passphrase) < locked.MIN_PASSPHRASE:
            raise KeySetError(f"a passphrase has at least {locked.MIN_PASSPHRASE} characters")
        key = locked.write_packs(out, Ed25519PrivateKey.generate(), passphrase)
        public = out.with_name(out.name + ".public")
        write_private(public, key.model_dump_json(indent=1).encode())
    typer.echo(f"{key.kid}  {out}")
    typer.echo(f"Name it in the next key set: report-centre keys draft DRAFT --packs {public}")


@packs_app.command("sign")
def sign(
    draft: Annotated[Path, typer.Argument(help="What `kiosk flows bundle` wrote.")],
    key: Annotated[Path, typer.Option(help="The key that signs pack bundles.")],
    out: Annotated[Path, typer.Option(help="Where the signed bundle is written.")],
) -> None:
    """Offline: sign a bundle, after its fingerprint was compared with what its author showed."""
    with explained():
        data = draft.read_bytes()
        manifest = bundle.read_draft(data)
        typer.echo(_line(manifest))
        said = typer.prompt("Fingerprint that the author showed, read to you by a second person")
        if "".join(said.split()).lower() != manifest.fingerprint():
            raise KeySetError("this is another bundle than its author made; nothing was signed")
        passphrase = typer.prompt("Passphrase of the key that signs packs", hide_input=True)
        write_private(out, bundle.sign(data, locked.open_packs(key, passphrase)))
    typer.echo(f"Signed: {out}")


@packs_app.command("publish")
def publish(
    file: Annotated[Path, typer.Argument(help="What `packs sign` wrote.")],
    directory: CentreOption = DEFAULT_CENTRE,
    group: GroupOption = None,
    percent: PercentOption = 100,
) -> None:
    """Check a signed bundle and offer it to kiosks: each fetches it after its next heartbeat."""
    with explained():
        centre = Centre(directory)
        data = file.read_bytes()
        manifest = bundle.verify(data, _signers(centre))
        offers = _shelf(centre).publish(data, manifest, dt.datetime.now(dt.UTC), Reach(group, percent))
    typer.echo(_line(manifest))
    typer.echo(_offer_line(offers, offers.offers[-1]))


@packs_app.command("offer")
def offer(
    number: Number,
    directory: CentreOption = DEFAULT_CENTRE,
    group: GroupOption = None,
    percent: PercentOption = 100,
) -> None:
    """Change to whom a published bundle is offered; without options to every kiosk."""
    _change_reach(directory, number, Reach(group, percent))


@packs_app.command("withdraw")
def withdraw(number: Number, directory: CentreOption = DEFAULT_CENTRE) -> None:
    """Offer a bundle to nobody any more. A kiosk that has it keeps it: publish a newer one."""
    _change_reach(directory, number, Reach(percent=0))


@packs_app.command("group")
def group(
    name: Annotated[str, typer.Argument(help="Small letters, digits, hyphens.")],
    members: Annotated[list[int], typer.Argument(min=0, max=9999, help="All kiosks of the group.")],
    directory: CentreOption = DEFAULT_CENTRE,
) -> None:
    """Say which kiosks a group has, such as the few that get a bundle first."""
    with explained():
        shelf = _shelf(Centre(directory))
        offers = shelf.read().grouped(name, members)
        shelf.write(offers)
    typer.echo(f"{name}: {', '.join(f'{each:04d}' for each in offers.groups[name])}")


@packs_app.command("list")
def show(directory: CentreOption = DEFAULT_CENTRE, database: DatabaseOption = None) -> None:
    """List what is published and to whom, and what each kiosk runs."""
    with explained():
        centre = Centre(directory, database)
        offers = _shelf(centre).read()
        store = centre.store()
        try:
            with store.reading() as db:
                known = kiosks.all_kiosks(db)
        finally:
            store.close()
    for each in offers.offers:
        typer.echo(_offer_line(offers, each))
    for kiosk in known:
        if kiosk.seen_at is None:
            continue
        runs = f"bundle {kiosk.packs_number}" if kiosk.packs_number else "the packs of its release"
        refused = f", refused bundle {kiosk.packs_refused}" if kiosk.packs_refused else ""
        typer.echo(f"kiosk {kiosk.kiosk:04d} asks with {runs}{refused}")


def _change_reach(directory: Path, number: int, reach: Reach) -> None:
    with explained():
        shelf = _shelf(Centre(directory))
        offers = shelf.read().offered(number, reach.group, reach.percent)
        shelf.write(offers)
    typer.echo(_offer_line(offers, next(each for each in offers.offers if each.number == number)))


def _shelf(centre: Centre) -> Shelf:
    return Shelf.of(centre.checked())


def _signers(centre: Centre) -> dict[str, Ed25519PublicKey]:
    key_set = centre.published_keyring().key_set
    if not key_set.pack_keys:
        raise KeySetError("the key set names no key for packs; name one: report-centre keys draft --packs")
    return {key.kid: key.key() for key in key_set.pack_keys}


def _line(manifest: bundle.Manifest) -> str:
    size = sum(file.size for file in manifest.files)
    return (
        f"Bundle {manifest.number} of {manifest.made_at}: {len(manifest.files)} files, {size} bytes, for "
        f"releases from {manifest.app_from} and below {manifest.app_below}"
    )


def _offer_line(offers: Offers, offer: Offer) -> str:
    if offer.percent == 0:
        reach = "withdrawn"
    else:
        whom = "all kiosks" if offer.group is None else f"group {offer.group}"
        reach = whom if offer.percent == 100 else f"{offer.percent} % of {whom}"
        if offer.group is not None:
            reach += f" ({len(offers.groups.get(offer.group, ()))} kiosks)"
    return f"bundle {offer.number}  {offer.published_at:%Y-%m-%d %H:%M} UTC  {reach}"
