"""The contract as a file: `openapi.json`, from which a force can build its own centre."""

import json
from pathlib import Path

from pydantic.json_schema import models_json_schema

from central.gateway.api import create_app
from central.gateway.service import Service
from central.keys.keyring import Keyring
from central.problems import Problem
from central.sealed.version1 import Envelope
from central.store.store import Store

CONTRACT = Path(__file__).with_name("openapi.json")
_IN_MEMORY = Path(":memory:")


def text() -> str:
    """The OpenAPI 3.1 document of the API, as it stands in `openapi.json`."""
    store = Store(_IN_MEMORY, "ADM")
    document = create_app(Service(store, Keyring.generate())).openapi()
    store.close()
    # What the API reads itself, byte by byte, the framework cannot describe.
    _, models = models_json_schema(
        [(Envelope, "validation"), (Problem, "validation")], ref_template="#/components/schemas/{model}"
    )
    components = document["components"]
    components["schemas"] = dict(sorted({**components["schemas"], **models["$defs"]}.items()))
    components["securitySchemes"] = {"kiosk": {"type": "mutualTLS"}}
    document["security"] = [{"kiosk": []}]
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
