"""Runs qmllint over every QML file of the face; any warning fails. A module of `make lint`."""

import subprocess
import sys
from pathlib import Path

QML = Path(__file__).parent.parent / "ui" / "qml"


def main() -> int:
    """Return the exit status of qmllint; its words go to the terminal."""
    qmllint = Path(sys.executable).with_name("pyside6-qmllint")
    files = sorted(str(path) for path in QML.rglob("*.qml"))
    return subprocess.run([str(qmllint), "-W", "0", *files], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
