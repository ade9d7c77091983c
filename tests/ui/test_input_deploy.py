"""Preparing the Chinese input data: what it says when it cannot, and what it made."""

from pathlib import Path

import pytest
import yaml

from ui.input import deploy
from ui.input.engine import SCHEMAS


def test_a_wrong_call_says_how(capsys: pytest.CaptureFixture[str]) -> None:
    assert deploy.main([]) == 2
    assert "TARGET" in capsys.readouterr().err


def test_missing_data_name_the_remedy_and_leave_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(deploy, "SHARED", tmp_path / "not-there")
    target = tmp_path / "compiled"
    target.mkdir()
    (target / "old").touch()
    assert deploy.main([str(target)]) == 1
    assert "packages.apt" in capsys.readouterr().err
    assert [path.name for path in target.iterdir()] == ["old"]


@pytest.mark.parametrize("schema", sorted(SCHEMAS.values()))
def test_no_schema_learns_or_has_hidden_ways(rime_tables: Path, schema: str) -> None:
    made = yaml.safe_load((rime_tables / f"{schema}.schema.yaml").read_text(encoding="utf-8"))
    assert made["translator"]["enable_user_dict"] is False
    assert len(made["engine"]["translators"]) == 1
    assert made["engine"]["processors"] == ["speller", "selector", "navigator", "express_editor"]
    assert not made["schema"].get("dependencies")


def test_only_tables_and_schemas_were_made(rime_tables: Path) -> None:
    endings = {"".join(path.suffixes[-2:]) for path in rime_tables.iterdir()}
    assert endings <= {".table.bin", ".prism.bin", ".reverse.bin", ".schema.yaml", ".yaml"}
