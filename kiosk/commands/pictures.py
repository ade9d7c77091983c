"""`kiosk scan`, `mrz`, `receipt`: what is read from a picture, and the picture that is printed."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from kiosk.commands.console import JsonOption, fail, print_facts, print_json, settings_of


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
        fail(f"{image}: {error}; give a JPEG or PNG picture of at most 40 million pixels")
    if as_json:
        print_json([code.as_json() for code in found])
    else:
        typer.echo("\n".join(code.as_line() for code in found) or "no code found")
    raise typer.Exit(0 if found else 1)


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
        fail("give either the text of the zone or --image FILE")
    if image is not None:
        _read_zone_from(image, as_json=as_json)
    answer = _meaning_of_zone(sys.stdin.read() if text == "-" else (text or "").replace("\\n", "\n"))
    print_facts(answer, as_json=as_json)
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
        fail(f"{image}: {error}; give a JPEG or PNG picture of at most 40 million pixels")
    meaning = _meaning_of_zone("\n".join(reading.lines)) if reading.lines else {}
    print_facts({**reading.as_json(), **meaning}, as_json=as_json)
    raise typer.Exit(0 if meaning.get("all_checks_fit") else 1)


def receipt(
    case: Annotated[Path, typer.Option(help="A case as JSON, as the centre opened it or a visit left it.")],
    png: Annotated[Path, typer.Option(help="The picture to write.")],
) -> None:
    """Lay out the receipt of a case as a picture, dot for dot as it is printed."""
    from kiosk.receipts import CaseFileError, picture_of, read_case

    try:
        read = read_case(case)
        picture = picture_of(read, settings_of(None, read.document["site_code"]))
        png.write_bytes(picture)
    except CaseFileError as error:
        fail(str(error))
    except OSError as error:
        fail(f"{png}: {error.strerror}")
