"""The contracts as files: `openapi.json` for a force that builds its own centre, and what this one offers beside."""

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from pydantic.json_schema import models_json_schema

from central.gateway.api import HeartbeatBody, create_app
from central.gateway.service import Service
from central.keys.keyring import Keyring
from central.problems import Problem
from central.sealed import version1
from central.sealed.envelope import Envelope
from central.store.numbers import OfficialNumbers
from central.store.store import Store

_HERE = Path(__file__).parent
GATEWAY = _HERE / "openapi.json"


def gateway() -> str:
    """The OpenAPI 3.1 document of what kiosks talk to, as it stands in `openapi.json`."""
    store = Store(sa.create_engine("sqlite://"))  # it is never asked
    numbers = OfficialNumbers(store, "ADM")
    service = Service(store, Keyring.generate(), numbers, lambda: dt.datetime.now(dt.UTC))
    document = create_app(service).openapi()
    store.close()
    components = document["components"]
    # What the API reads itself, byte by byte, the framework cannot describe.
    components["schemas"] = dict(sorted({**components.get("schemas", {}), **_read_by_hand()}.items()))
    components["securitySchemes"] = {"kiosk": {"type": "mutualTLS"}}
    document["security"] = [{"kiosk": []}]
    return _text(document)


def _read_by_hand() -> dict[str, Any]:
    _, old = models_json_schema([(version1.EnvelopeVersion1, "validation")], ref_template=_REF)
    _, models = models_json_schema(
        [(model, "validation") for model in (Envelope, HeartbeatBody, Problem)], ref_template=_REF
    )
    return {**old["$defs"], **models["$defs"]}


_REF = "#/components/schemas/{model}"


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


FILES: dict[Path, Callable[[], str]] = {GATEWAY: gateway}
"""Each contract file with what makes its text."""
