"""`keyring.json` in the directory of a centre: read, changed by one at a time, replaced in one step."""

import datetime as dt
import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from central.files import write_private
from central.keys import upgrade
from central.keys.keyset import KeySetError
from central.keys.material import Material
from central.keys.roots import new_development_root

KEYRING = "keyring.json"
_LOCK = "keyring.lock"

Step = Callable[[Material], Material]
"""One change of all keys."""


def read(directory: Path) -> Material:
    """All keys of a centre; a file of the first release is brought up to date. Raises `KeySetError`."""
    text = (directory / KEYRING).read_bytes()
    if upgrade.is_old(text):
        return change(directory, lambda material: material)
    return parse(text)


def change(directory: Path, step: Step) -> Material:
    """Replace the keys by what `step` makes of them, while nobody else can. Raises what `step` raises."""
    with _locked(directory):
        material = step(_read_locked(directory))
        write(directory, material)
        return material


def write(directory: Path, material: Material) -> None:
    """Write all keys, private ones included, in one step."""
    write_private(directory / KEYRING, material.model_dump_json(indent=1).encode())


def parse(text: bytes) -> Material:
    """What the file says. Raises `KeySetError`."""
    try:
        return Material.model_validate_json(text)
    except ValidationError:
        # The library's message would quote a private key.
        raise KeySetError(f"{KEYRING} is damaged; bring it back from the backup") from None


def _read_locked(directory: Path) -> Material:
    text = (directory / KEYRING).read_bytes()
    if upgrade.is_old(text):
        return upgrade.upgraded(text, new_development_root(directory), dt.datetime.now(dt.UTC))
    return parse(text)


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    lock = directory / _LOCK
    lock.touch(mode=0o600)
    with lock.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
