"""The contracts as files: `openapi.json` for a force with its own centre, and what this one offers beside."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from central.centre import Centre
from central.enquiries.api import Enquiry
from central.enrolment.api import CertificateRequest
from central.gateway.api import HeartbeatBody
from central.problems import Problem
from central.public.door import EnrolmentRequest
from central.sealed.envelope import Envelope
from central.sealed.version1 import EnvelopeVersion1
from central.serving import Rooms, joined
from central.survey.api import TallyDay
from central.uploads.api import UploadClosing, UploadOpening

_HERE = Path(__file__).parent
_REF = "#/components/schemas/{model}"


def gateway() -> str:
    """`openapi.json`, OpenAPI 3.1: what kiosks talk to. A force with its own centre implements this."""
    document = _rooms().gateway.openapi()
    _add_schemas(
        document,
        _envelopes(),
        _models(HeartbeatBody, CertificateRequest, Enquiry, UploadOpening, UploadClosing, TallyDay),
    )
    document["components"]["securitySchemes"] = {"kiosk": {"type": "mutualTLS"}}
    document["security"] = [{"kiosk": []}]
    return _text(document)


def inbox() -> str:
    """`openapi-inbox.json`: what officers' programs talk to."""
    document = _rooms().inbox.openapi()
    _add_schemas(document, _models())
    return _text(document)


def public() -> str:
    """`openapi-public.json`: receipts behind the code on paper, and the door of new kiosks."""
    document = _rooms().public.openapi()
    _add_schemas(document, _models(EnrolmentRequest))
    return _text(document)


FILES: dict[str, Callable[[], str]] = {
    "openapi.json": gateway,
    "openapi-inbox.json": inbox,
    "openapi-public.json": public,
}
"""Each contract file beside this module, and what makes its text."""


def stale() -> list[str]:
    """The files whose text is not what the code says now."""
    return [name for name, make in FILES.items() if _read(name) != make()]


@cache
def _rooms() -> Rooms:
    """The applications of a centre that is gone again: what they look like does not depend on it."""
    with TemporaryDirectory() as folder:
        centre = Centre(Path(folder) / "centre")
        centre.init("ADM", ("localhost",))
        with joined(centre) as rooms:
            return rooms


def _envelopes() -> dict[str, Any]:
    _, old = models_json_schema([(EnvelopeVersion1, "validation")], ref_template=_REF)
    _, new = models_json_schema([(Envelope, "validation")], ref_template=_REF)
    return {**old["$defs"], **new["$defs"]}


def _models(*models: type[BaseModel]) -> dict[str, Any]:
    """What the operations read themselves, byte by byte, the framework cannot describe."""
    _, found = models_json_schema(
        [(model, "validation") for model in models] + [(Problem, "validation")], ref_template=_REF
    )
    definitions: dict[str, Any] = found["$defs"]
    return definitions


def _add_schemas(document: dict[str, Any], *more: dict[str, Any]) -> None:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for each in more:
        schemas.update(each)
    document["components"]["schemas"] = dict(sorted(schemas.items()))


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _read(name: str) -> str:
    file = _HERE / name
    return file.read_text(encoding="utf-8") if file.exists() else ""
