"""Trust material: what is wrong is named with its file and remedy, and never quoted."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from central.centre import Centre
from kiosk.post.keys import KeyProblem, check_identity, client_tls, load_key_set, load_reference_key


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    Centre(tmp_path / "centre").init("ADM", ("localhost",))
    Centre(tmp_path / "centre").enrol(7, tmp_path / "keys", days=1)
    return tmp_path / "keys"


def test_what_the_centre_enrolled_is_read(keys: Path) -> None:
    key_set = load_key_set(keys)
    assert [key.suite.split("/")[0] for key in key_set.sealing] == ["MLKEM768-X25519", "X25519"]
    assert len(key_set.receipt) == 1
    assert len(load_reference_key(keys)) == 32
    client_tls(keys)
    check_identity(keys, 7)


Break = Callable[[Path], object]


@pytest.mark.parametrize(
    ("file", "load", "breaks"),
    [
        ("keyset.json", load_key_set, Path.unlink),
        ("keyset.json", load_key_set, lambda path: path.write_text("CANARY")),
        ("keyset.json", load_key_set, lambda path: path.write_text('{"version": 1, "keys": []}')),
        ("keyset.json", load_key_set, lambda path: _change(path, "receipt_keys", "public", "CANARY!")),
        ("keyset.json", load_key_set, lambda path: _change(path, "receipt_keys", "public", "AAAA")),
        ("keyset.json", load_key_set, lambda path: _change(path, "keys", "suite", "CANARY")),
        ("reference.key", load_reference_key, lambda path: path.write_bytes(b"short")),
        ("reference.key", load_reference_key, Path.unlink),
        ("centre-ca.pem", client_tls, lambda path: path.write_text("CANARY")),
        ("client.pem", client_tls, Path.unlink),
        ("client.key", client_tls, Path.unlink),
        ("client.pem", client_tls, lambda path: path.write_text("CANARY")),
        ("client.pem", lambda keys: check_identity(keys, 7), lambda path: path.write_text("CANARY")),
        ("client.pem", lambda keys: check_identity(keys, 8), lambda _path: None),
    ],
)
def test_a_problem_names_file_and_remedy(
    keys: Path, file: str, load: Callable[[Path], object], breaks: Break
) -> None:
    breaks(keys / file)
    with pytest.raises(KeyProblem) as problem:
        load(keys)
    assert problem.value.path == keys / file
    assert "report-centre enrol" in problem.value.remedy
    assert "CANARY" not in str(problem.value)


def test_a_client_key_of_another_certificate_is_noticed(keys: Path, tmp_path: Path) -> None:
    Centre(tmp_path / "centre").enrol(8, tmp_path / "other", days=1)
    (keys / "client.key").write_bytes((tmp_path / "other" / "client.key").read_bytes())
    with pytest.raises(KeyProblem, match=r"client\.pem"):
        client_tls(keys)


def _change(path: Path, group: str, name: str, value: str) -> None:
    file = json.loads(path.read_text())
    file[group][0][name] = value
    path.write_text(json.dumps(file))
