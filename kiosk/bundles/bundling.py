"""`kiosk flows bundle`: checks the packs of a folder and writes them as one unsigned bundle.

The same folder, number, time and releases always give the same bytes.
"""

import re
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from pydantic import ValidationError

from kiosk.bundles.check import mistakes_in
from kiosk.post.pack_bundle import MAX_BUNDLE, MAX_FILES, PATH, Manifest, draft, manifest_of, release

_AIDS = frozenset(f"{name}.schema.json" for name in ("pack", "part", "texts", "list"))
"""For editors; they stay where packs are written."""
_SIGNATURE_BYTES = 512
"""What signing adds to the first line besides a third for Base64, generously."""


class CannotBundleError(Exception):
    """The folder gives no bundle; the message says what to do."""


def build(
    folder: Path, number: int, made_at: datetime, app_from: str = "", app_below: str = ""
) -> tuple[bytes, Manifest]:
    """The unsigned bundle of `folder`, which holds `packs` and perhaps `lists`. Raises `CannotBundleError`.

    Without `app_from` and `app_below` it is for this release up to, and without, the next minor one.
    """
    files = _files(folder)
    if mistakes := mistakes_in(folder):
        raise CannotBundleError("\n".join(mistakes))
    major, minor, patch = release(version("report-kiosk"))
    try:
        manifest = manifest_of(
            files,
            number=number,
            made_at=made_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            app_from=app_from or f"{major}.{minor}.{patch}",
            app_below=app_below or f"{major}.{minor + 1}",
        )
    except ValidationError as error:
        places = sorted({".".join(map(str, each["loc"])) or "releases" for each in error.errors()})
        raise CannotBundleError(f"not a bundle: {', '.join(places)}") from None
    data = draft(manifest, files)
    if len(data) + len(manifest.payload()) // 2 + _SIGNATURE_BYTES > MAX_BUNDLE:
        raise CannotBundleError(f"signed it would be larger than {MAX_BUNDLE} bytes; take something out")
    return data, manifest


def _files(folder: Path) -> dict[str, bytes]:
    found = sorted(path for part in ("packs", "lists") for path in (folder / part).rglob("*"))
    files = [path for path in found if path.is_symlink() or not (path.is_dir() or path.name in _AIDS)]
    if not files:
        raise CannotBundleError(f"{folder} has no packs; give the folder that holds `packs` and `lists`")
    if len(files) > MAX_FILES:
        raise CannotBundleError(f"{len(files)} files; a bundle has at most {MAX_FILES}")
    for path in files:
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or not re.fullmatch(PATH, name):
            raise CannotBundleError(f"{name}: no file of a pack, a part or a list; take it out of the folder")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
