"""The author's side of publishing packs: its own program, as the houses import nothing of each other."""

import subprocess
import sys
from pathlib import Path

SHIPPED = Path(__file__).parents[2] / "flows"


def author(words: list[str]) -> str:
    """Carry out a command of `kiosk` on the folder `work`, which has what is shipped."""
    for name in ("packs", "lists"):
        place = Path("work") / name
        place.parent.mkdir(exist_ok=True)
        if not place.exists():
            place.symlink_to(SHIPPED / name)
    command = [sys.executable, "-P", "-m", "kiosk.cli", *words]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout
