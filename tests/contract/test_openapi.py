"""The contract files say what the code does, and everything in them has bounds."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from central import contract


def test_the_contract_files_are_what_the_code_says() -> None:
    assert contract.stale() == [], "stale in central/: run `make docs`"


@pytest.mark.parametrize("make", contract.FILES.values(), ids=contract.FILES.keys())
def test_every_operation_of_json_answers_problems(make: Callable[[], str]) -> None:
    document = json.loads(make())
    assert document["openapi"].startswith("3.1")
    for path, name, operation in operations(document):
        replies = operation["responses"]
        errors = {code: reply for code, reply in replies.items() if code[0] not in "23"}
        if path.startswith("/v1/"):
            assert "default" in errors, (path, name)
            for reply in errors.values():
                assert list(reply["content"]) == ["application/problem+json"], (path, name)


def test_every_schema_that_is_referred_to_is_there() -> None:
    for make in contract.FILES.values():
        text = make()
        there = {f"#/components/schemas/{name}" for name in json.loads(text)["components"]["schemas"]}
        assert set(re.findall(r'"\$ref": "([^"]+)"', text)) <= there


def test_a_kiosk_needs_a_certificate_for_everything() -> None:
    document = json.loads(contract.gateway())
    assert document["security"] == [{"kiosk": []}]
    assert {(name, path) for path, name, _ in operations(document)} == {
        ("put", "/v1/cases/{case_id}"),
        ("get", "/v1/cases/{case_id}/parts"),
        ("put", "/v1/cases/{case_id}/parts/{sha256}"),
        ("post", "/v1/heartbeat"),
        ("get", "/v1/keyset"),
        ("get", "/v1/packs"),
        ("post", "/v1/certificates"),
        ("post", "/v1/enquiries"),
        ("post", "/v1/uploads"),
        ("get", "/v1/uploads/{upload_id}"),
        ("delete", "/v1/uploads/{upload_id}/files/{file_id}"),
        ("post", "/v1/uploads/{upload_id}/close"),
        ("post", "/v1/tallies"),
    }


def test_whatever_a_kiosk_sends_or_gets_has_bounds() -> None:
    schemas = json.loads(contract.gateway())["components"]["schemas"]
    unbounded = [
        f"{name}.{member}"
        for name, schema in schemas.items()
        for member, value in schema.get("properties", {}).items()
        if not is_bounded(value)
    ]
    assert unbounded == []


def is_bounded(value: dict[str, Any]) -> bool:
    if "anyOf" in value:
        return all(is_bounded(each) for each in value["anyOf"])
    fixed = {"const", "enum", "$ref", "pattern", "maxLength", "maximum"}
    if fixed & value.keys() or value.get("format") in {"uuid", "date-time"}:
        return True
    if value["type"] == "array":
        return "maxItems" in value and is_bounded(value["items"])
    return value["type"] in {"boolean", "null"} or {"minimum", "exclusiveMaximum"} <= value.keys()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for name, operation in item.items():
            yield path, name, operation
