"""The commands of docs/technician-passes.md, in their order, as they stand there; about 3 s."""

import json
import re
import shlex
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from typer.testing import CliRunner

from central.cli import app
from central.keys import locked
from central.keys.keyring import Keyring
from central.keys.suites import seal
from central.technicians.bundles import LABEL
from central.technicians.files import PASSES

PAGE = Path(__file__).parents[2] / "docs" / "technician-passes.md"
ROOT, KEEPER, PIN = "first custodian 一", "keeper of passes 三", "739214"


def commands() -> list[str]:
    page = PAGE.read_text(encoding="utf-8").partition("## Development")[0]
    blocks = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.startswith("report-centre")]


def run(words: list[str], typed: str) -> str:
    result = CliRunner().invoke(app, words, input=typed)
    assert result.exit_code == 0, (words, result.output)
    assert not any(secret in result.output for secret in (ROOT, KEEPER, PIN))
    return result.output


def a_bundle() -> bytes:
    """As a kiosk seals it."""
    key = Keyring.load(Path("centre")).key_set.sealing[0]
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("facts.json", "{}")
    header = json.dumps({"v": 1, "kiosk": 7, "kid": key.kid, "suite": key.suite, "made_at": 0}).encode()
    raw = locked._raw(key.public)
    return header + b"\n" + seal(key.suite, raw, archive.getvalue(), LABEL + header)


def typed_for(words: list[str], fingerprint: str) -> str:
    match words[:2]:
        case ["technician", "authority"]:
            return f"{KEEPER}\n{KEEPER}\n"
        case ["technician", "list"]:
            return ""
        case ["root", "sign"]:
            return f"{fingerprint}\n{ROOT}\n"
        case ["technician", _]:
            return f"{KEEPER}\n" + (f"{PIN}\n{PIN}\n" if "--own-pin" in words else "")
    return ""


def test_the_commands_of_the_page_work_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locked, "COST", 2)
    monkeypatch.chdir(tmp_path)
    run(["root", "new", "offline", "--count", "1"], f"{ROOT}\n{ROOT}\n")
    run(["init", "centre", "--roots", "offline/roots.json"], "")
    [root] = Path("offline").glob("root-*.json")
    names = {"root-ACTIVE": root.stem}
    fingerprint = ""
    lines = commands()
    assert len(lines) > 12
    for line in lines:
        for name, value in names.items():
            line = line.replace(name, value)
        words = shlex.split(line)[1:]
        if words[:2] == ["bundle", "open"]:
            Path(words[2]).write_bytes(a_bundle())
        output = run(words, typed_for(words, fingerprint))
        if found := re.search(r"Fingerprint: (\S+)", output):
            fingerprint = found[1]
        if found := re.search(r"([0-9a-f]{16})  technicians", output):
            names["$KEY"] = found[1]
        if words[:2] == ["technician", "pass"]:
            noted = json.loads(Path("centre", PASSES).read_text().splitlines()[0])
            names["$PASS"] = noted["pass_id"]
    with zipfile.ZipFile("opened.zip") as opened:
        assert opened.namelist() == ["facts.json"]
    assert Path("pass.png").read_bytes()[:4] == b"\x89PNG"
    assert b"<svg" in Path("pass.svg").read_bytes()
    assert json.loads(Path("draft.json").read_text()).get("technician_keys", []) == []
