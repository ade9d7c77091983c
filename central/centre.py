"""A centre on disk: a directory with its authority, its keys, its settings and, by default, its database."""

import datetime as dt
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from central.archive import Archive
from central.enrolment.service import EnrolmentOffice
from central.files import private_directory, write_private
from central.gateway.service import Service
from central.keys import development, keyring_file
from central.keys.authority import CA_CERTIFICATE, CLIENT_DAYS, Authority, key_pem, new_key
from central.keys.keyring import Keyring
from central.keys.keyset import KeySetError, Roots
from central.keys.material import Material
from central.store import migrate
from central.store.engine import UnknownDatabaseError, open_engine, sqlite_url
from central.store.migrate import SchemaError
from central.store.numbers import OfficialNumbers
from central.store.store import Store

SETTINGS = "centre.json"
DATABASE = "centre.db"
REFERENCE_KEY_BYTES = 32


class CentreError(Exception):
    """A centre cannot be made or used; `args[0]` says what to do."""


@dataclass(frozen=True, slots=True)
class Centre:
    """The centre that lives in `directory`. `database` is a URL instead of the one its settings name."""

    directory: Path
    database: str | None = None

    def init(
        self,
        division: str,
        hosts: tuple[str, ...],
        roots: Roots | None = None,
        certificate_days: int = CLIENT_DAYS,
    ) -> None:
        """Make keys and certificates once. `division` begins every official number. Raises `CentreError`.

        With `roots` the centre waits for its first key set, which they sign (docs/key-ceremony.md). Without,
        it makes a root of its own and keeps it: for development.
        """
        if self.exists:
            raise CentreError(f"{self.directory} already holds a centre; nothing was changed")
        private_directory(self.directory)
        Authority.create(self.directory, hosts)
        if roots is None:
            development.make_keys(self.directory)
        else:
            keyring_file.write(self.directory, Material.new(roots))
        settings: dict[str, Any] = {"division": division, "certificate_days": certificate_days}
        if self.database is not None:
            settings["database"] = self.database
        write_private(self.directory / SETTINGS, json.dumps(settings).encode())

    @property
    def exists(self) -> bool:
        """Whether `init` has been here."""
        return (self.directory / SETTINGS).exists()

    def enrol(self, kiosk: int, keys: Path, days: int) -> None:
        """Write the trust material of a kiosk into `keys`; again renews it. Raises `CentreError`.

        The short cut of development: in service a kiosk makes its own key and comes with a code.
        """
        key = new_key()
        store = self.store()
        try:
            given = self.enrolment(store, days).admit(kiosk, key.public_key())
        finally:
            store.close()
        private_directory(keys)
        write_private(keys / "roots.json", Roots(roots=given.roots).model_dump_json().encode())
        write_private(keys / "keyset.jws", given.key_set.encode())
        write_private(keys / "centre-ca.pem", (self.directory / CA_CERTIFICATE).read_bytes())
        # What this kiosk has given out must stay unique: the key that scatters references is made only once.
        if not (keys / "reference.key").exists():
            write_private(keys / "reference.key", os.urandom(REFERENCE_KEY_BYTES))
        enrolment = {"kiosk": kiosk, "first_sequence": given.first_sequence}
        write_private(keys / "enrolment.json", json.dumps(enrolment).encode())
        write_private(keys / "identity.pem", given.certificate.encode() + key_pem(key))

    def section(self, name: str) -> Any:
        """A section of the settings, empty where there is none. Raises `CentreError`."""
        return self._settings().get(name, {})

    @property
    def division(self) -> str:
        """What every official number begins with. Raises `CentreError`."""
        return str(self._settings()["division"])

    @property
    def database_url(self) -> str:
        """Where the cases are: as given, else as the settings say, else a file of the directory."""
        settings = self._settings()
        return self.database or settings.get("database") or sqlite_url(self.directory / DATABASE)

    def keyring(self) -> Keyring:
        """The private keys. Raises `CentreError`."""
        self._check()
        try:
            return Keyring.load(self.directory)
        except KeySetError as error:
            raise CentreError(str(error)) from None

    def published_keyring(self) -> Keyring:
        """The private keys, if kiosks have their public halves. Raises `CentreError`."""
        keyring = self.keyring()
        try:
            keyring.key_set_token()
        except KeySetError as error:
            raise CentreError(str(error)) from None
        return keyring

    def enrolment(self, store: Store, days: int | None = None) -> EnrolmentOffice:
        """Who may be a kiosk; `days` a certificate lives, else as the settings say. Raises `CentreError`."""
        life = days or int(self._settings().get("certificate_days", CLIENT_DAYS))
        return EnrolmentOffice(store, self.keyring(), Authority.load(self.directory), now, life)

    def store(self) -> Store:
        """The open database. Raises `CentreError`."""
        try:
            return Store.open(self.database_url)
        except (SchemaError, UnknownDatabaseError) as error:
            raise CentreError(str(error)) from None

    def service(self) -> Service:
        """What kiosks talk to, alone: a case brings no messages. Raises `CentreError`."""
        keyring, store = self.published_keyring(), self.store()
        return Service(store, keyring, OfficialNumbers(store, self.division), now)

    def archive(self) -> Archive:
        """The cases, for people. Raises `CentreError`."""
        return Archive(self.store(), self.keyring())

    def migrate(self) -> None:
        """Bring the database to the schema of this release. Raises `CentreError`."""
        try:
            engine = open_engine(self.database_url)
        except UnknownDatabaseError as error:
            raise CentreError(str(error)) from None
        try:
            migrate.migrate(engine)
        except SchemaError as error:
            raise CentreError(str(error)) from None
        finally:
            engine.dispose()

    def _settings(self) -> dict[str, Any]:
        self._check()
        settings: dict[str, Any] = json.loads((self.directory / SETTINGS).read_bytes())
        return settings

    def checked(self) -> Path:
        """The directory, which holds a centre. Raises `CentreError`."""
        self._check()
        return self.directory

    def _check(self) -> None:
        if not self.exists:
            raise CentreError(f"no centre in {self.directory}; make one: report-centre init {self.directory}")


def now() -> dt.datetime:
    """The clock of a centre at work."""
    return dt.datetime.now(dt.UTC)
