"""The receipt of a case that is at hand as JSON, as a picture."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema

from config.settings import Settings
from devices.printer.profile import profile_of
from flows.cases.case_reader import receipt_of
from flows.cases.case_schema import schema
from flows.loading.pack_loader import PACKS, load_pack, pack_names
from flows.pack import Pack


class CaseFileError(Exception):
    """A file is not a case; the message says where and what to do, and quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class ReadCase:
    """A checked case and the pack it belongs to."""

    document: Mapping[str, Any]
    official_number: str
    pack: Pack


def read_case(path: Path) -> ReadCase:
    """Read a case as the centre or a played visit wrote it, or its bare document. Raises `CaseFileError`."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CaseFileError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise CaseFileError(f"{path}: not JSON") from error
    document: Any = content.get("document", content) if isinstance(content, dict) else None
    name = _pack_name(document)
    if name not in pack_names():
        raise CaseFileError(f"{path}: not a case of a known pack; use `report-centre show REFERENCE --json`")
    pack = load_pack(PACKS / name)
    fault = jsonschema.exceptions.best_match(
        jsonschema.Draft202012Validator(schema(pack)).iter_errors(document)
    )
    if fault is not None:
        raise CaseFileError(f"{path}: {fault.json_path} breaks {fault.validator!r} of the schema of {name}")
    return ReadCase(document, content.get("official_number") or "", pack)


def picture_of(case: ReadCase, settings: Settings) -> bytes:
    """PNG of the receipt, dot for dot as it is printed."""
    # No window is shown: no display is needed.
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from ui import paper
    from ui.engine import create_application

    application = create_application()
    printer = profile_of(settings.devices.printer)
    receipt = receipt_of(case.pack, settings.site, case.document, case.official_number)
    image = paper.render(receipt, width_dots=printer.width_dots, dots_per_mm=printer.dots_per_mm)
    picture = paper.to_png(image)
    application.quit()
    return picture


def _pack_name(document: Any) -> str:
    try:
        return str(document["pack"]["name"])
    except (KeyError, TypeError):
        return ""
