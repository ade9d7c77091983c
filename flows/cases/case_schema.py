"""The JSON Schema of a pack's cases (draft 2020-12), made from the pack: no field can be forgotten."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend

from flows.case import MOST_FILES, AccessibilityMode, InputMethod
from flows.cases.case_builder import CASE_FORMAT
from flows.fields import sketch
from flows.fields.check import MOST_CHARACTERS
from flows.pack import FieldDef, Group, Pack, Page
from flows.view import FieldKind

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_DATE = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
_TIME = {"type": "string", "pattern": "^[0-9]{2}:[0-9]{2}$"}
_STAMP = {
    "type": "string",
    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}(:[0-9]{2}){2}[+-][0-9]{2}:[0-9]{2}$",
}
_UUID = {"type": "string", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"}
_WORD = {"type": "string", "minLength": 1, "maxLength": 64}
_REFERENCE = {"type": "string", "pattern": "^[0-9]{12}$"}
_TICKET = {"type": "string", "maxLength": 200}
_MEMBER = {"type": "string", "pattern": "^i[1-9][0-9]{0,3}$"}

_KINDS: dict[FieldKind, dict[str, Any]] = {
    FieldKind.NUMBER: {"type": "integer", "minimum": 0},
    FieldKind.MONEY: {"type": "string", "pattern": "^[0-9]+([.][0-9]{2,8})?$"},
    FieldKind.PHONE: {"type": "string", "pattern": "^[+][1-9][0-9]{5,14}$"},
    FieldKind.LAST_FOUR: {"type": "string", "pattern": "^[0-9]{4}$"},
    FieldKind.DATE: _DATE,
    FieldKind.TIME: _TIME,
    FieldKind.SKETCH: {
        "type": "string",
        "pattern": "^[0-9]{1,4},[0-9]{1,4}([ ;][0-9]{1,4},[0-9]{1,4})*$",
        "maxLength": sketch.MOST_CHARACTERS,
    },
    FieldKind.WHEN: {
        "type": "object",
        "properties": {
            "certainty": {"enum": ["exact", "between", "unknown"]},
            "date": _DATE,
            "time": _TIME,
            "until_date": _DATE,
            "until_time": _TIME,
        },
        "required": ["certainty"],
        "additionalProperties": False,
    },
}


def schema(pack: Pack) -> dict[str, Any]:
    """The schema of `pack`'s case documents, with the reference that is added when a case is committed."""
    root = _common(pack)
    for page in pack.definition.pages:
        if not page.for_each:
            _add_page(root, page, pack, always=page.when is None)
    for name, group in pack.definition.groups.items():
        member = _object({"item_id": _MEMBER} | _category(group, pack))
        for page in pack.definition.pages:
            if page.for_each == name:
                _add_page(member, page, pack, always=page.when is None)
        root["properties"][name] = {
            "type": "array",
            "items": member,
            "minItems": _fewest(name, group, pack),
            "maxItems": group.limit,
        }
        root["required"].append(name)
    return {"$schema": DIALECT, "title": f"{pack.definition.report_type} {pack.definition.version}", **root}


def validator(pack: Pack) -> Validator:
    """Says whether a document fits `pack`'s schema; not where it does not, which may quote answers."""
    return _QuickValidator(schema(pack))


def _category(group: Group, pack: Pack) -> dict[str, Any]:
    """Of what kind a member is; those that are added one by one have none."""
    if not group.chosen_by:
        return {}
    return {"category": {"enum": list(pack.fields[group.chosen_by].option_values)}}


def _fewest(name: str, group: Group, pack: Pack) -> int:
    """How many members there must be: none where they need not be chosen or are not always asked for."""
    if not group.chosen_by:
        return group.at_least if pack.list_pages[name].when is None else 0
    chosen_by, page = pack.fields[group.chosen_by], pack.page_of[group.chosen_by]
    always = page.when is None and chosen_by.when is None
    return int(always and (chosen_by.required or bool(chosen_by.default)))


def _common(pack: Pack) -> dict[str, Any]:
    consent = _object(
        {
            "version": _WORD,
            "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "signed_off": {"type": "boolean"},
        }
    )
    attachment = _object({"photo_id": _WORD, "media_type": {"const": "image/jpeg"}})
    properties: dict[str, Any] = {
        "format": {"const": CASE_FORMAT},
        "report_type": {"const": pack.definition.report_type},
        "case_id": _UUID,
        "kiosk_id": _WORD,
        "site_code": _WORD,
        "app_version": _WORD,
        "pack": _pack(pack),
        "ui_lang": {"enum": [language.value for language in pack.definition.languages]},
        "started_at": _STAMP,
        "submitted_at": _STAMP,
        "identity_method": {"enum": ["scanned", "typed", "none"]},
        "input_methods_used": _some_of(InputMethod),
        "accessibility_modes_used": _some_of(AccessibilityMode),
        "consents": _object({"pics_ack": consent, "accuracy_declaration": consent}),
        "attachments": {"type": "array", "items": attachment},
    }
    root = _object(properties)
    if pack.definition.supplement:
        root["properties"]["supplement"] = _object({"reference": _REFERENCE, "ticket": _TICKET})
        root["required"].append("supplement")
    if any(page.files for page in pack.definition.pages):
        root["properties"]["upload"] = _upload()
    root["properties"]["reference"] = _REFERENCE
    root["properties"]["receipt_code"] = _WORD
    return root


def _pack(pack: Pack) -> dict[str, Any]:
    named = {"name": {"const": pack.name}, "version": {"const": pack.definition.version}}
    return _object(named | {"bundle": {"type": "integer", "minimum": 1}}, list(named))


def _upload() -> dict[str, Any]:
    file = _object(
        {
            "file_id": _UUID,
            "kind": {"enum": ["picture", "video", "sound", "document"]},
            "size": {"type": "integer", "minimum": 0},
            "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        }
    )
    files = {"type": "array", "items": file, "minItems": 1, "maxItems": MOST_FILES}
    return _object({"upload_id": _UUID, "files": files})


def _some_of(words: type[StrEnum]) -> dict[str, Any]:
    return {"type": "array", "items": {"enum": [word.value for word in words]}, "uniqueItems": True}


def _object(properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    """Every property is required unless said otherwise; no other is allowed."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties) if required is None else required,
        "additionalProperties": False,
    }


def _add_page(root: dict[str, Any], page: Page, pack: Pack, *, always: bool) -> None:
    for definition in page.fields:
        if not definition.is_kept:
            continue
        required = definition.assumed or (always and definition.required and definition.when is None)
        _add(root, definition.field, _value(definition, pack), required=required)
        for option in definition.options:
            if option.marks:
                _add(root, option.marks, {"const": True}, required=False)
    if page.one_of and always:
        root.setdefault("allOf", []).append({"anyOf": [_having(name) for name in page.one_of]})
    if page.files:
        files = {"type": "array", "items": _UUID, "minItems": 1, "maxItems": MOST_FILES, "uniqueItems": True}
        _add(root, page.files, files, required=False)
    if page.photos:
        photos = {"type": "array", "items": _WORD, "minItems": 1, "maxItems": page.limit}
        _add(root, page.photos, photos, required=False)


def _add(root: dict[str, Any], name: str, value: dict[str, Any], *, required: bool) -> None:
    *parents, last = name.rpartition("[].")[2].split(".")
    node = root
    for parent in parents:
        if required and parent not in node["required"]:
            node["required"].append(parent)
        node = node["properties"].setdefault(parent, _object({}, []))
    node["properties"][last] = value
    if required:
        node["required"].append(last)


def _having(name: str) -> dict[str, Any]:
    """What is true of an object that has `name` (`reporter.phone`) in it."""
    first, _, rest = name.rpartition("[].")[2].partition(".")
    return {"required": [first]} | ({"properties": {first: _having(rest)}} if rest else {})


def _value(definition: FieldDef, pack: Pack) -> dict[str, Any]:
    if definition.options_from:
        limit = pack.definition.groups[definition.options_from].limit
        return {"type": "array", "items": _MEMBER, "minItems": 1, "maxItems": limit}
    if definition.options_list:
        return {"enum": list(pack.lists[definition.options_list].by_code)}
    if definition.options:
        values = list(dict.fromkeys(value for option in definition.options for value in _canonical(option)))
        one = {"enum": values}
        several = {"type": "array", "items": one, "minItems": 1, "uniqueItems": True}
        return several if definition.kind is FieldKind.MULTI_CHOICE else one
    text = {"type": "string", "minLength": 1, "maxLength": definition.max_length or MOST_CHARACTERS}
    return _KINDS.get(definition.kind, text)


def _canonical(option: Any) -> tuple[str, ...]:
    return tuple(option.stands_for.values()) if option.stands_for else (option.value,)


# --- checking -----------------------------------------------------------------------------------------------
# A visitor waits for it. These schemas have no references, so the validator of the whole can check each part;
# jsonschema would make one for every part of every document, which takes longer than checking.


def _part(whole: Validator, part: dict[str, Any], instance: Any) -> Iterator[ValidationError]:
    for keyword, value in part.items():
        check = whole.VALIDATORS.get(keyword)
        if check is not None:
            yield from check(whole, value, instance, part) or ()


def _properties(
    whole: Validator, parts: dict[str, Any], instance: Any, _schema: Any
) -> Iterator[ValidationError]:
    if isinstance(instance, dict):
        for name, part in parts.items():
            if name in instance:
                yield from _part(whole, part, instance[name])


def _items(whole: Validator, part: dict[str, Any], instance: Any, _schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, list):
        for each in instance:
            yield from _part(whole, part, each)


_TYPES = {"string": str, "object": dict, "array": list}
"""Those that need no second look."""


def _type(whole: Validator, name: str, instance: Any, part: Any) -> Iterator[ValidationError]:
    if not isinstance(instance, _TYPES.get(name, ())):
        yield from Draft202012Validator.VALIDATORS["type"](whole, name, instance, part)


_QuickValidator: type[Validator] = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator, {"properties": _properties, "items": _items, "type": _type}
)
