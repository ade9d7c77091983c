"""A centre on disk: one directory with its authority, its keys and its database."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from central.files import private_directory, write_private
from central.gateway.service import Service
from central.keys import development
from central.keys.authority import CA_CERTIFICATE, Authority
from central.keys.keyring import Keyring
from central.store.store import Store

SETTINGS = "centre.json"
DATABASE = "centre.db"
REFERENCE_KEY_BYTES = 32


class CentreError(Exception):
    """A centre cannot be made or used; `args[0]` says what to do."""


@dataclass(frozen=True, slots=True)
class Centre:
    """The centre that lives in `directory`."""

    directory: Path

    def init(self, division: str, hosts: tuple[str, ...]) -> None:
        """Make keys and certificates once. `division` begins every official number. Raises `CentreError`."""
        if self.exists:
            raise CentreError(f"{self.directory} already holds a centre; nothing was changed")
        private_directory(self.directory)
        Authority.create(self.directory, hosts)
        development.make_keys(self.directory)
        write_private(self.directory / SETTINGS, json.dumps({"division": division}).encode())

    @property
    def exists(self) -> bool:
        """Whether `init` has been here."""
        return (self.directory / SETTINGS).exists()

    def enrol(self, kiosk: int, keys: Path, days: int) -> None:
        """Write the trust material of a kiosk into `keys`; again renews it. Raises `CentreError`.

        The short cut of development: in service a kiosk makes its own key and comes with a code.
        """
        self._check()
        private_directory(keys)
        keyring = Keyring.load(self.directory)
        credential = Authority.load(self.directory).issue_kiosk(kiosk, days)
        write_private(keys / "roots.json", keyring.roots.model_dump_json().encode())
        write_private(keys / "keyset.jws", keyring.key_set_token().encode())
        write_private(keys / "centre-ca.pem", (self.directory / CA_CERTIFICATE).read_bytes())
        # What this kiosk has given out must stay unique: these two are made only once.
        if not (keys / "reference.key").exists():
            write_private(keys / "reference.key", os.urandom(REFERENCE_KEY_BYTES))
        if not (keys / "enrolment.json").exists():
            write_private(keys / "enrolment.json", json.dumps({"kiosk": kiosk, "first_sequence": 1}).encode())
        write_private(keys / "identity.pem", credential.certificate + credential.key)

    def service(self) -> Service:
        """The centre at work. Raises `CentreError`."""
        self._check()
        division = json.loads((self.directory / SETTINGS).read_bytes())["division"]
        return Service(Store(self.directory / DATABASE, division), Keyring.load(self.directory))

    def _check(self) -> None:
        if not self.exists:
            raise CentreError(f"no centre in {self.directory}; make one: report-centre init {self.directory}")
