"""The commands of docs/key-ceremony.md, in their order, as they stand there."""

import base64
import json
import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from central.centre import Centre, CentreError
from central.cli import app
from central.keys import locked
from central.keys.keyring import Keyring
from central.keys.keyset import KeySet, Role, read_draft
from central.recipients import Recipient

PAGE = Path(__file__).parents[2] / "docs" / "key-ceremony.md"
SECRET = {"active": "first custodian 一", "spare": "second custodian 二", "escrow": "third safe 三三三三"}


@dataclass
class Ceremony:
    """The people: they know passphrases, compare fingerprints, and fill in the names the page leaves open."""

    seal: Callable[[Any], Any]
    names: dict[str, str] = field(default_factory=dict)
    fingerprint: str = ""

    def run(self, line: str) -> None:
        if "--without $OLD" in line:
            self.names["$OLD"] = key_set("centre").of_role(Role.PRIMARY)[-1].kid
        words = [self._filled(word) for word in shlex.split(line)][1:]
        self._before(words)
        result = CliRunner().invoke(app, words, input=self._typed(words))
        assert result.exit_code == 0, (line, result.output)
        assert not any(secret in result.output for secret in SECRET.values())
        self._after(words, result.output)

    def _filled(self, word: str) -> str:
        for name, value in self.names.items():
            word = word.replace(name, value)
        return word

    def _typed(self, words: list[str]) -> str:
        match words[:2]:
            case ["root", "new"]:
                return _twice("active") + _twice("spare")
            case ["root", "replace"]:
                return _twice("active")
            case ["root", "sign"]:
                who = "spare" if self.names["root-SPARE"] in " ".join(words) else "active"
                return f"{self.fingerprint}\n{SECRET[who]}\n"
            case ["escrow", "new"]:
                return _twice("escrow")
            case ["escrow", _]:
                return f"{SECRET['escrow']}\n"
        return ""

    def _before(self, words: list[str]) -> None:
        if words[0] == "revoke":
            CliRunner().invoke(app, ["invite", "7", "--centre", "centre"])
        if words[:2] == ["escrow", "open"]:
            message = self.seal(recipients("centre"))
            Path("envelope.json").write_bytes(message.body)
            Path("parts").mkdir()
            for name, part in zip(message.names, message.parts, strict=True):
                (Path("parts") / name).write_bytes(part)

    def _after(self, words: list[str], output: str) -> None:
        if words[:2] == ["root", "new"]:
            active, spare = (
                root["kid"] for root in json.loads(Path("offline/roots.json").read_text())["roots"]
            )
            self.names |= {"root-ACTIVE": f"root-{active}", "root-SPARE": f"root-{spare}", "$LOST": active}
        if words[:2] == ["keys", "draft"]:
            found = re.search(r"Fingerprint: (\S+)", output)
            assert found is not None
            self.fingerprint = found[1]
            assert read_draft(Path(words[2]).read_bytes()).fingerprint() == found[1]


def _twice(who: str) -> str:
    return f"{SECRET[who]}\n{SECRET[who]}\n"


def key_set(centre: str) -> KeySet:
    return Keyring.load(Path(centre)).key_set


def recipients(centre: str) -> SimpleNamespace:
    """The key set of a centre with the two keys that a kiosk seals to."""
    published = key_set(centre)
    both = (published.of_role(Role.PRIMARY)[0], published.of_role(Role.ESCROW)[0])
    return SimpleNamespace(key_set=published.model_copy(update={"sealing": both}))


def commands(page: str) -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line]


def test_the_commands_of_the_page_work_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sealing: Any
) -> None:
    monkeypatch.setattr(locked, "COST", 2)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    photos = (b"one", b"two")
    ceremony = Ceremony(lambda to: type(sealing)(to).seal(b'{"text":"bag"}', photos))
    lines = commands(PAGE.read_text())
    assert len(lines) > 20
    for line in lines:
        ceremony.run(line)
    assert (key_set("centre").version, key_set("centre2").version) == (5, 100)
    roots = json.loads(Path("offline2/roots.json").read_text())["roots"]
    assert [root.model_dump() for root in Keyring.load(Path("centre")).roots.roots] == roots
    assert ceremony.names["$LOST"] not in {root["kid"] for root in roots}
    assert ceremony.names["$OLD"] not in Keyring.load(Path("centre")).opening
    assert len(key_set("centre").of_role(Role.PRIMARY, Recipient.COMPLAINTS)) > 1  # by every draft
    [escrow] = key_set("centre").of_role(Role.ESCROW)
    assert escrow.kid in Keyring.load(Path("centre2")).opening
    assert Path("opened/document.json").read_bytes() == b'{"text":"bag"}'
    assert Path("opened/attachment-01").read_bytes() == b"two"
    everything = b"".join(file.read_bytes() for file in Path("centre").iterdir())
    for kid, who in ((ceremony.names["root-ACTIVE"], "active"), (ceremony.names["root-SPARE"], "spare")):
        private = locked.open_root(Path("offline") / f"{kid}.json", SECRET[who]).private_bytes_raw()
        assert base64.b64encode(private) not in everything
    assert not list(Path("centre").glob("development-*"))


def test_every_command_that_the_page_names_exists() -> None:
    runner = CliRunner()
    for name in sorted(set(re.findall(r"report-centre ([a-z]+(?: [a-z]+)?)", PAGE.read_text()))):
        assert runner.invoke(app, [*name.split()[:1], "--help"]).exit_code == 0, name


def test_nothing_is_signed_when_the_fingerprint_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locked, "COST", 2)
    monkeypatch.chdir(tmp_path)
    run = CliRunner().invoke
    run(app, ["root", "new", "offline", "--count", "1"], input=_twice("active"))
    [root] = Path("offline").glob("root-*.json")
    run(app, ["init", "centre", "--roots", "offline/roots.json"])
    run(app, ["keys", "draft", "draft.json", "--centre", "centre"])
    honest = read_draft(Path("draft.json").read_bytes())
    Path("draft.json").write_bytes(honest.model_copy(update={"version": 9}).payload())
    sign = ["root", "sign", "draft.json", "--root", str(root), "--out", "signed.jws"]
    result = run(app, sign, input=f"{honest.fingerprint()}\n{SECRET['active']}\n")
    assert (result.exit_code, Path("signed.jws").exists()) == (1, False)
    assert "nothing was signed" in result.output


def test_a_weak_passphrase_makes_no_key(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["root", "new", str(tmp_path / "offline")], input="short\nshort\n")
    assert (result.exit_code, list((tmp_path / "offline").iterdir())) == (1, [])


def test_keys_are_never_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locked, "COST", 2)
    monkeypatch.chdir(tmp_path)
    run = CliRunner().invoke
    first = [
        (["root", "new", "offline"], _twice("active") + _twice("spare")),
        (["escrow", "new", "escrow.json"], _twice("escrow")),
    ]
    assert [run(app, words, input=typed).exit_code for words, typed in first] == [0, 0]
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    [lost, _] = json.loads(Path("offline/roots.json").read_text())["roots"]
    again = [*first, (["root", "replace", lost["kid"], "offline/roots.json", "offline"], _twice("active"))]
    for words, typed in again:
        result = run(app, words, input=typed)
        assert (result.exit_code, "never written over" in result.output) == (1, True)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_centre_with_roots_offline_waits_for_its_key_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locked, "COST", 2)
    monkeypatch.chdir(tmp_path)
    run = CliRunner().invoke
    run(app, ["root", "new", "offline", "--count", "1"], input=_twice("active"))
    assert run(app, ["init", "centre", "--roots", "offline/roots.json"]).exit_code == 0
    for command in (
        ["invite", "7", "--centre", "centre"],
        ["enrol", "7", "--out", "kiosk", "--centre", "centre"],
    ):
        result = run(app, command)
        assert result.exit_code == 1
        assert "no key set has been published yet" in result.output
    with pytest.raises(CentreError, match="no key set has been published yet"):
        Centre(Path("centre")).published_keyring()
    result = run(app, ["keys", "rotate", "--centre", "centre"])
    assert result.exit_code == 1
    assert "offline" in result.output


def test_development_rotates_in_one_step(directory: Path) -> None:
    result = CliRunner().invoke(app, ["keys", "rotate", "--receipt-key", "--centre", str(directory)])
    assert result.exit_code == 0
    assert key_set(str(directory)).version == 2
    listed = CliRunner().invoke(app, ["keys", "list", "--json", "--centre", str(directory)])
    assert KeySet.model_validate_json(listed.output) == key_set(str(directory))
