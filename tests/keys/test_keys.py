"""Trust material: what is wrong is named with its file and remedy, and never quoted."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kiosk.post.identity import (
    certificate_life,
    certified_kiosk,
    check_identity,
    client_tls,
    load_first_sequence,
)
from kiosk.post.keys import KeyProblem, load_reference_key
from kiosk.post.keyset import load_key_set, load_roots


@pytest.fixture
def keys(tmp_path: Path, paper_centre: Any) -> Path:
    paper_centre.enrol(tmp_path / "keys")
    return tmp_path / "keys"


def test_what_the_centre_enrolled_is_read(keys: Path) -> None:
    key_set = load_key_set(keys)
    assert [key.suite.split("/")[0] for key in key_set.sealing] == ["MLKEM768-X25519", "X25519"]
    assert [key.role for key in key_set.sealing] == ["primary", "escrow"]
    assert len(key_set.receipt) == 1
    assert len(load_reference_key(keys)) == 32
    client_tls(keys)
    check_identity(keys, 7)
    assert certified_kiosk(keys) == 7
    assert load_first_sequence(keys) == 1
    life = certificate_life(keys)
    assert life.not_after - life.not_before == pytest.approx(90 * 86_400 + 3600)


def test_a_kiosk_enrolled_again_goes_on_behind_what_the_centre_knows(keys: Path) -> None:
    (keys / "enrolment.json").write_text('{"kiosk": 7, "first_sequence": 412}')
    assert load_first_sequence(keys) == 412
    (keys / "enrolment.json").unlink()
    assert load_first_sequence(keys) == 1


Break = Callable[[Path], object]


def _garbage(path: Path) -> None:
    path.write_text("CANARY")


def _negative(path: Path) -> None:
    path.write_text('{"kiosk": 7, "first_sequence": -1}')


@pytest.mark.parametrize(
    ("file", "load", "breaks"),
    [
        ("keyset.jws", load_key_set, Path.unlink),
        ("keyset.jws", load_key_set, _garbage),
        ("keyset.jws", load_key_set, lambda path: path.write_bytes(b"\xff\xfe")),
        ("roots.json", load_key_set, Path.unlink),
        ("roots.json", load_roots, _garbage),
        ("roots.json", load_roots, lambda path: path.write_text('{"roots": []}')),
        ("roots.json", load_roots, lambda path: path.write_text('{"roots": [{"kid": 1}]}')),
        ("reference.key", load_reference_key, Path.unlink),
        ("reference.key", load_reference_key, lambda path: path.write_bytes(b"CANARY")),
        ("centre-ca.pem", client_tls, Path.unlink),
        ("centre-ca.pem", client_tls, _garbage),
        ("identity.pem", client_tls, Path.unlink),
        ("identity.pem", client_tls, _garbage),
        ("identity.pem", certificate_life, _garbage),
        ("identity.pem", lambda keys: check_identity(keys, 7), _garbage),
        ("identity.pem", lambda keys: check_identity(keys, 8), lambda _path: None),
        ("enrolment.json", load_first_sequence, _garbage),
        ("enrolment.json", load_first_sequence, _negative),
    ],
)  # fmt: skip
def test_a_problem_names_file_and_remedy(
    keys: Path, file: str, load: Callable[[Path], object], breaks: Break
) -> None:
    breaks(keys / file)
    with pytest.raises(KeyProblem) as raised:
        load(keys)
    assert raised.value.path == keys / file
    assert "kiosk enrol CODE" in raised.value.remedy
    assert "CANARY" not in str(raised.value)


def test_a_private_key_of_another_certificate_is_noticed(
    keys: Path, tmp_path: Path, paper_centre: Any
) -> None:
    paper_centre.enrol(tmp_path / "other")
    certificate = (keys / "identity.pem").read_text().partition("-----BEGIN PRIVATE")[0]
    other = (
        "-----BEGIN PRIVATE"
        + (tmp_path / "other" / "identity.pem").read_text().partition("-----BEGIN PRIVATE")[2]
    )
    (keys / "identity.pem").write_text(certificate + other)
    with pytest.raises(KeyProblem, match="private key"):
        client_tls(keys)


def test_a_key_set_that_no_root_signed_is_not_believed(keys: Path, new_centre: Any) -> None:
    (keys / "roots.json").write_text(json.dumps(new_centre().roots()))
    with pytest.raises(KeyProblem, match="not signed by a root key"):
        load_key_set(keys)
