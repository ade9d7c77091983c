"""`kiosk flows new`: a skeleton that works at once, to be changed line by line."""

import re
from pathlib import Path

from flows.loading.pack_loader import PACKS

SKELETON = Path(__file__).parent / "skeleton"
_NAME = re.compile(r"[a-z][a-z0-9_]{2,39}")


class NewPackError(Exception):
    """No skeleton was written; the words say why and what to do."""


def write_skeleton(name: str, folder: Path = PACKS) -> tuple[Path, ...]:
    """Write the skeleton of a service `name` into `folder`; returns the files. Raises `NewPackError`."""
    if not _NAME.fullmatch(name):
        raise NewPackError(
            f"{name!r} is no name: use 3 to 40 small letters, digits and _, as in lost_property"
        )
    home = folder / name
    if home.exists():
        raise NewPackError(f"{home} is there already: choose another name")
    written = []
    for source in sorted(SKELETON.rglob("*.yaml")):
        target = home / source.relative_to(SKELETON)
        target.parent.mkdir(parents=True, exist_ok=True)
        text = source.read_text(encoding="utf-8")
        text = text.replace("report_type: REPORT_TYPE", f"report_type: {name.upper()}")
        target.write_text(text.replace("pack: NAME", f"pack: {name}"), encoding="utf-8")
        written.append(target)
    return tuple(written)
