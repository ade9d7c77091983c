"""What tests of the face share."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def rime_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compiled Chinese input data: those `make setup` made, or fresh ones."""
    made = Path(__file__).parents[2] / "build" / "rime"
    if (made / "stroke.table.bin").is_file():
        return made
    fresh = tmp_path_factory.mktemp("rime") / "compiled"
    subprocess.run([sys.executable, "-m", "ui.input.deploy", str(fresh)], check=True)
    return fresh
