"""JSON Schemas by which an editor completes and checks packs while they are typed (draft 2020-12).

They are made from the very models that read packs. The first line of each file of a pack names its schema for
the YAML language server.
"""

import json
from copy import deepcopy
from typing import Any

from flows.cases.case_schema import DIALECT
from flows.name_lists import NameList
from flows.pack import Definition
from flows.pack_texts import Texts

_Schema = dict[str, Any]
_PART_USE: _Schema = {
    "type": "object",
    "description": "The pages of a part (`_parts/<part>`) stand here.",
    "properties": {
        "part": {"type": "string", "description": "The name of its folder."},
        "section": {"type": "string", "description": "The section of this pack in which they stand."},
        "when": {"$ref": "#/$defs/Condition"},
        "without": {"type": "array", "items": {"type": "string"}, "description": "Pages left out."},
        "only": {"type": "array", "items": {"type": "string"}, "description": "The pages taken, no others."},
    },
    "required": ["part", "section"],
    "additionalProperties": False,
}


def pack_schema() -> str:
    """`packs/pack.schema.json`: for `pack.yaml`."""
    schema = Definition.model_json_schema(by_alias=True)
    schema["properties"]["pages"]["items"] = {"anyOf": [{"$ref": "#/$defs/Page"}, _PART_USE]}
    return _text(schema, "A service: what it asks")


def part_schema() -> str:
    """`packs/part.schema.json`: for the `pages.yaml` of a part, whose use names the section."""
    whole = Definition.model_json_schema(by_alias=True)
    page = deepcopy(whole["$defs"]["Page"])
    page["required"].remove("section")
    schema = {
        "type": "object",
        "properties": {
            "pages": {"type": "array", "items": page},
            "groups": whole["properties"]["groups"],
        },
        "required": ["pages"],
        "additionalProperties": False,
        "$defs": whole["$defs"],
    }
    return _text(schema, "A part: what many services ask")


def texts_schema() -> str:
    """`packs/texts.schema.json`: for the words of packs and of parts.

    What a pack leaves out a part may say, so nothing is required here: `kiosk flows check` knows what is
    missing.
    """
    schema = Texts.model_json_schema(by_alias=True)
    schema["required"] = []
    for model in ("ReceiptTexts", "Words"):
        schema["$defs"][model].pop("required", None)
    options = schema["$defs"]["FieldText"]["properties"]["options"]
    options["additionalProperties"] = {"anyOf": [{"type": "string"}, options["additionalProperties"]]}
    return _text(schema, "The words of a service in one language")


def list_schema() -> str:
    """`lists/list.schema.json`: for name lists."""
    return _text(NameList.model_json_schema(by_alias=True), "A list of names")


def _text(schema: _Schema, title: str) -> str:
    named = {"$schema": DIALECT, **schema, "title": title}
    return json.dumps(named, indent=1, ensure_ascii=False) + "\n"
