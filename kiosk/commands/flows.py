"""`kiosk flows`: the packs."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from kiosk.commands.console import fail

app = typer.Typer(no_args_is_help=True, help="Packs: what each service asks.")


@app.command()
def check(
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


@app.command()
def new(
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
        fail(str(error))


@app.command()
def bundle(
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
        fail(str(error))
    except OSError as error:
        fail(f"{out}: {error.strerror}")
    typer.echo(f"Bundle {number}: {len(manifest.files)} files, {len(data)} bytes: {out}")
    typer.echo(f"Fingerprint: {manifest.fingerprint()}")


@app.command("list")
def list_packs() -> None:
    """List the packs."""
    from flows.describing.describe import list_text

    typer.echo(list_text(), nl=False)


@app.command()
def diagram(
    pack: Annotated[str | None, typer.Argument(help="A pack; without one, the life of a visit.")] = None,
) -> None:
    """Draw a pack, or the life of a visit, as Mermaid."""
    from flows.describing.describe import diagram_text
    from flows.loading.pack_loader import pack_names

    if pack is not None and pack not in pack_names():
        fail(f"there is no pack {pack!r}; known: {', '.join(pack_names())}")
    typer.echo(diagram_text(pack), nl=False)
