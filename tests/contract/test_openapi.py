"""The contract file says what the code does."""

import json

from central import contract


def test_the_contract_file_is_what_the_code_says() -> None:
    assert contract.CONTRACT.read_text() == contract.text(), "central/openapi.json is stale: run `make docs`"


def test_every_operation_answers_problems_and_needs_a_certificate() -> None:
    document = json.loads(contract.text())
    assert document["openapi"].startswith("3.1")
    assert document["security"] == [{"kiosk": []}]
    assert set(document["components"]["schemas"]) == {
        "Alive", "Envelope", "HeartbeatBody", "PartName", "PartsHere", "Problem", "Receipt",
    }  # fmt: skip
    for path in document["paths"].values():
        for operation in path.values():
            errors = {
                code: reply for code, reply in operation["responses"].items() if not code.startswith("2")
            }
            assert "default" in errors
            assert all(list(reply["content"]) == ["application/problem+json"] for reply in errors.values())
