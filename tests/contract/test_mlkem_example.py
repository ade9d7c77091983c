"""The ML-KEM of the decryption example agrees with the library's, also where a ciphertext was altered."""

import base64
import json
import os
import subprocess
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey

EXAMPLE = Path(__file__).parents[2] / "docs/reference/decrypt"
PROGRAM = """
import { readFileSync } from "node:fs";
import { decapsulate } from "./mlkem768.mjs";
const given = JSON.parse(readFileSync(0, "utf8"));
const bytes = (text) => Buffer.from(text, "base64");
const shared = given.map(([seed, ciphertext]) => decapsulate(bytes(seed), bytes(ciphertext)));
console.log(JSON.stringify(shared.map((secret) => secret.toString("base64"))));
"""


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def decapsulated_by_node(given: list[tuple[bytes, bytes]]) -> list[bytes]:
    done = subprocess.run(
        ["node", "--input-type=module", "-e", PROGRAM],
        cwd=EXAMPLE,
        input=json.dumps([[text(seed), text(ciphertext)] for seed, ciphertext in given]),
        capture_output=True,
        text=True,
        check=True,
    )
    return [base64.b64decode(shared) for shared in json.loads(done.stdout)]


def test_shared_secrets_are_those_of_the_library() -> None:
    given, expected = [], []
    for _ in range(20):
        key = MLKEM768PrivateKey.generate()
        shared, ciphertext = key.public_key().encapsulate()
        altered = bytearray(ciphertext)
        altered[os.urandom(1)[0]] ^= 1
        for message in (ciphertext, bytes(altered)):
            given.append((key.private_bytes_raw(), message))
            expected.append(key.decapsulate(message))
        assert expected[-2] == shared != expected[-1]
    assert decapsulated_by_node(given) == expected
