"""`kill -9` at drawn moments of submit, upload, erase, migrate, salvage: nothing lost, twice or half done."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.prove.kill.mutants import MUTANTS
from tests.prove.scale import seed, size

pytestmark = pytest.mark.timeout(0)  # `KIOSK_PROVE_SCALE` decides how long it is

KILLS = int(os.environ.get("KIOSK_PROVE_KILLS", "0")) or size(short=300, full=10_000)
KILLS_PER_BUG = 80
_ROOT = Path(__file__).parents[3]


def campaign(*options: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own: it forks, and bugs are planted in it."""
    command = [sys.executable, "-m", "tests.prove.kill", "--seed", str(seed()), *options]
    return subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False)


def test_killed_at_any_moment_it_keeps_every_promise() -> None:
    run = campaign("--count", str(KILLS))
    assert run.returncode == 0, run.stdout + run.stderr
    said = re.match(r"(\d+) kills \((.*)\) in", run.stdout)
    assert said is not None, run.stdout
    assert int(said[1]) >= KILLS
    killed = {word.rpartition(" ")[2] for word in said[2].split(", ")}
    assert killed == {"submit", "upload", "migrate", "salvage"}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_planted_bug_is_noticed(mutant: str) -> None:
    run = campaign("--count", str(KILLS_PER_BUG), "--mutant", mutant)
    assert run.returncode == 1, run.stdout + run.stderr
    assert run.stdout.startswith("broken: seed "), run.stdout + run.stderr
