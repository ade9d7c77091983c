"""Whether the centre can do its work: can it read and write, open and sign, and is there room?"""

import datetime as dt
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from central.keys.keyring import Keyring
from central.keys.keyset import KeySetError, Role
from central.recipients import Recipient
from central.store.store import Store

ROOM = 1 << 30
"""Bytes that must be free on the disk of the centre's directory."""


@dataclass(frozen=True, slots=True)
class Health:
    """Asked by whoever decides whether this process gets work."""

    store: Store
    keyring: Keyring
    directory: Path
    clock: Callable[[], dt.datetime]
    free: Callable[[Path], int] = lambda directory: shutil.disk_usage(directory).free

    def checks(self) -> dict[str, bool]:
        """What was looked at, and whether it is well."""
        return {"database": self._database(), "keys": self._keys(), "disk": self.free(self.directory) >= ROOM}

    def _database(self) -> bool:
        try:
            with self.store.writing() as db:
                return bool(db.execute(sa.select(1)).scalar())
        except SQLAlchemyError:
            return False

    def _keys(self) -> bool:
        """Every key that a kiosk may seal to today can be opened here."""
        try:
            key_set = self.keyring.key_set
        except (KeySetError, OSError):
            return False
        published = [key for recipient in Recipient for key in key_set.of_role(Role.PRIMARY, recipient)]
        # A kiosk goes on with an expired key rather than stop.
        begun = [key for key in published if key.not_before <= self.clock()]
        return bool(begun) and all(key.kid in self.keyring.opening for key in begun)
