"""The commands of docs/publish-packs.md, in their order, as they stand there; about 6 s."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from central.cli import app
from central.keys import locked
from tests.central.packs_author import author

PAGE = Path(__file__).parents[2] / "docs" / "publish-packs.md"
ROOT, KEEPER = "first custodian 一", "keeper of packs 三"


def commands() -> list[list[str]]:
    blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return [shlex.split(line) for block in blocks for line in block.splitlines()]


def run(words: list[str], typed: str) -> str:
    result = CliRunner().invoke(app, words, input=typed)
    assert result.exit_code == 0, (words, result.output)
    assert not any(secret in result.output for secret in (ROOT, KEEPER))
    return result.output


def test_the_commands_of_the_page_work_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locked, "COST", 2)
    monkeypatch.chdir(tmp_path)
    run(["root", "new", "offline", "--count", "1"], f"{ROOT}\n{ROOT}\n")
    run(["init", "centre", "--roots", "offline/roots.json"], "")
    [root] = Path("offline").glob("root-*.json")
    names = {"root-ACTIVE": root.stem}
    told, fingerprint = [], ""
    lines = commands()
    assert len(lines) > 10
    for program, *words in lines:
        for name, value in names.items():
            words = [word.replace(name, value) for word in words]
        typed = {
            "packs key": f"{KEEPER}\n{KEEPER}\n",
            "packs sign": f"{fingerprint}\n{KEEPER}\n",
            "root sign": f"{fingerprint}\n{ROOT}\n",
        }.get(" ".join(words[:2]), "")
        output = author(words) if program == "kiosk" else run(words, typed)
        told.append(output)
        if found := re.search(r"Fingerprint: (\S+)", output):
            fingerprint = found[1]
        if found := re.search(r"([0-9a-f]{16})  packs", output):
            names["$KEY"] = found[1]
    assert "bundle 12" in "".join(told)
    assert "20 % of all kiosks" in "".join(told)
    assert "withdrawn" in told[-2]
    assert "  packs" not in told[-1]
