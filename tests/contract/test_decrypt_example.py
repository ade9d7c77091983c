"""Node opens, by docs/reference/envelope.md alone, what the kiosk sealed; and refuses what was altered."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.contract.sealing_example import ATTACHMENTS, DOCUMENT, EXAMPLE, new_recipients, seal, write


def opened(folder: Path, keys: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    (folder / "out").mkdir(exist_ok=True)
    command = ["node", EXAMPLE / "decrypt.mjs", keys or folder / "keys.json", folder / "envelope.json"]
    return subprocess.run([*command, folder / "parts", folder / "out"], check=False, capture_output=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A report with an attachment of three parts and an empty one, sealed to two recipients."""
    recipients = new_recipients()
    write(tmp_path, recipients, seal(recipients, (bytes(range(256)) * 2500, b"")))
    return tmp_path


@pytest.mark.parametrize("recipient", [0, 1])
def test_either_recipient_opens_document_and_attachments(folder: Path, recipient: int) -> None:
    own = folder / "own.json"
    own.write_text(json.dumps({"keys": [json.loads((folder / "keys.json").read_text())["keys"][recipient]]}))
    done = opened(folder, own)
    assert done.stdout == DOCUMENT, done.stderr.decode()
    assert (folder / "out/0").read_bytes() == bytes(range(256)) * 2500
    assert (folder / "out/1").read_bytes() == b""


def test_the_printed_example_opens(tmp_path: Path) -> None:
    example = EXAMPLE / "example"
    command = ["node", EXAMPLE / "decrypt.mjs", example / "keys.json", example / "envelope.json"]
    done = subprocess.run([*command, example / "parts", tmp_path], check=True, capture_output=True)
    assert done.stdout == (example / "document.json").read_bytes() == DOCUMENT
    assert [(tmp_path / str(n)).read_bytes() for n in range(2)] == list(ATTACHMENTS)


@pytest.mark.parametrize("member", ["kiosk", "sequence", "case", "previous", "part", "recipient"])
def test_what_stands_in_clear_is_bound(folder: Path, member: str) -> None:
    envelope = json.loads((folder / "envelope.json").read_text())
    match member:
        case "kiosk" | "sequence":
            envelope[member] += 1
        case "case":
            envelope[member] = "0b9c3a52-6a0e-4d3f-9d27-5c5f1a7e4b11"
        case "previous":
            envelope[member] = "11" * 32
        case "part":
            del envelope["parts"][-1]
        case "recipient":
            del envelope["keys"][-1]
    (folder / "envelope.json").write_text(json.dumps(envelope))
    done = opened(folder)
    assert done.returncode != 0
    assert done.stdout == b""
