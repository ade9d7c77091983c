"""The centre's private keys at work: those that open envelopes, and the one that signs receipts."""

import base64
import datetime as dt
import hmac
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from central.keys import ceremony, keyring_file
from central.keys.ceremony import Plan
from central.keys.keyring_file import KEYRING
from central.keys.keyset import KeySet, KeySetError, Roots
from central.keys.material import Material
from central.keys.roots import roots_of
from central.keys.suites import HYBRID, OpeningKey, SuiteName, opening_key
from central.recipients import Recipient

_Stamp = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Unlocked:
    """The keys of one state of the file, ready for use."""

    material: Material
    key_set: KeySet | None
    opening: Mapping[str, OpeningKey]
    recipients: Mapping[str, Recipient]
    receipt_kid: str
    receipt_key: Ed25519PrivateKey

    @staticmethod
    def of(material: Material) -> "_Unlocked":
        newest = material.receipt_keys[-1]
        if newest.private is None:
            raise KeySetError("the private half of the newest receipt key is missing")
        return _Unlocked(
            material,
            material.published(),
            {held.key.kid: opening_key(held.key.suite, _raw(held.private)) for held in material.sealing},
            {held.key.kid: held.key.recipient for held in material.sealing},
            newest.key.kid,
            Ed25519PrivateKey.from_private_bytes(_raw(newest.private)),
        )


class Keyring:
    """All private keys of a centre. One that was loaded follows its file: a rotation needs no restart."""

    def __init__(self, material: Material, path: Path | None = None) -> None:
        """`path` is the file that `material` was read from. Raises `KeySetError`."""
        self._unlocked = _Unlocked.of(material)
        self._path = path
        self._stamp: _Stamp | None = None  # so the first use reads again: it may have changed since
        self._lock = threading.Lock()

    @staticmethod
    def generate(suite: SuiteName = HYBRID) -> "Keyring":
        """New keys with a published key set, signed by a root that is forgotten at once. No escrow key."""
        root = Ed25519PrivateKey.generate()
        material = ceremony.make_draft(
            Material.new(roots_of(root)), Plan(suite=suite), dt.datetime.now(dt.UTC)
        )
        return Keyring(ceremony.sign_and_publish(material, root))

    def save(self, directory: Path) -> None:
        """Write the keys, private ones included, into `directory`."""
        keyring_file.write(directory, self.material)

    @staticmethod
    def load(directory: Path) -> "Keyring":
        """Read the keys of `directory`, brought up to date if need be. Raises `KeySetError`."""
        material = keyring_file.read(directory)
        return Keyring(material, directory / KEYRING)

    @property
    def material(self) -> Material:
        """Everything, as it stands in the file."""
        return self._current().material

    @property
    def opening(self) -> Mapping[str, OpeningKey]:
        """Every primary key ever held and not retired, by kid."""
        return self._current().opening

    def recipient_of(self, kids: Iterable[str]) -> Recipient:
        """Whose what was sealed to `kids` is: of complaints as soon as one of them is theirs."""
        known = self._current().recipients
        named = {known[kid] for kid in kids if kid in known}
        return Recipient.COMPLAINTS if Recipient.COMPLAINTS in named else Recipient.REPORTS

    @property
    def receipt_kid(self) -> str:
        """Which key signs receipts now."""
        return self._current().receipt_kid

    @property
    def receipt_key(self) -> Ed25519PrivateKey:
        """The newest receipt key."""
        return self._current().receipt_key

    def receipt_signer(self) -> tuple[str, Ed25519PrivateKey]:
        """Kid and key of the newest receipt key, of one and the same moment."""
        current = self._current()
        return current.receipt_kid, current.receipt_key

    @property
    def roots(self) -> Roots:
        """Who may sign key sets: `roots.json` of a kiosk."""
        return Roots(roots=self.material.roots)

    @property
    def key_set(self) -> KeySet:
        """The published key set. Raises `KeySetError` before the first."""
        key_set = self._current().key_set
        if key_set is None:
            raise KeySetError("no key set has been published yet: docs/key-ceremony.md")
        return key_set

    def key_set_token(self) -> str:
        """The published key set, signed (`keyset.jws`). Raises `KeySetError` before the first."""
        token = self.material.key_set
        if token is None:
            raise KeySetError("no key set has been published yet: docs/key-ceremony.md")
        return token

    @property
    def key_set_version(self) -> int:
        """Version of the published key set. Raises `KeySetError` before the first."""
        return self.key_set.version

    def derived_key(self, purpose: str) -> bytes:
        """32 bytes for HMACs of one purpose: what a database without this file does not give away."""
        return hmac.digest(_raw(self.material.secret), purpose.encode(), "sha256")

    def _current(self) -> _Unlocked:
        if self._path is None:
            return self._unlocked
        with self._lock:
            stamp = _stamp(self._path)
            if stamp != self._stamp:
                self._unlocked = _Unlocked.of(keyring_file.parse(self._path.read_bytes()))
                self._stamp = stamp
            return self._unlocked


def _stamp(path: Path) -> _Stamp:
    status = path.stat()
    return status.st_ino, status.st_mtime_ns


def _raw(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
