"""Power cuts while the courier replaces what the kiosk trusts and who it is: the key set, the identity."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from kiosk.post.certificates import write_identity
from kiosk.post.identity import certified_kiosk
from kiosk.post.keys import IDENTITY, KEY_SET, ROOTS, KeyProblem
from kiosk.post.keyset import Installed, Refusal, install_key_set, load_key_set
from tests.prove.simulation.ceremony import Ceremony
from tests.prove.storage.book import KIOSK
from tests.prove.storage.disk import Image
from tests.prove.storage.recorder import Recorder, lay_out

_KEYS = "keys"
_BEGAN = datetime(2026, 11, 21, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Trusted:
    """The bytes that each file may hold after a power cut."""

    key_sets: tuple[bytes, ...]
    identities: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        """As in `identity.pem`."""
        key = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return self.certificate.public_bytes(Encoding.PEM) + key


@cache
def _key_sets() -> tuple[Image, tuple[str, ...]]:
    """`roots.json`, and three key sets signed by it."""
    ceremony = Ceremony()
    tokens = []
    for number in range(3):
        ceremony.rotate(_BEGAN.timestamp() + number, 1e6)
        tokens.append(ceremony.token)
    roots = ceremony.roots()
    return {f"{_KEYS}/{ROOTS}": json.dumps(roots).encode()}, tuple(tokens)


@cache
def _identities() -> tuple[Identity, ...]:
    return tuple(_identity() for _ in range(2))


def _identity() -> Identity:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"kiosk-{KIOSK:04d}")])
    built = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    dated = built.not_valid_before(_BEGAN).not_valid_after(_BEGAN + timedelta(days=90))
    return Identity(dated.sign(key, hashes.SHA256()), key)


def before() -> tuple[Image, Trusted]:
    """An enrolled kiosk."""
    roots, tokens = _key_sets()
    first = _identities()[0].pem
    image = {_KEYS: None, **roots, f"{_KEYS}/{KEY_SET}": tokens[0].encode(), f"{_KEYS}/{IDENTITY}": first}
    return image, Trusted((tokens[0].encode(),), (first,))


def fresh() -> tuple[str, Identity]:
    """The next key set, and the next identity."""
    return _key_sets()[1][1], _identities()[1]


def install(root: Path, token: str) -> Installed | Refusal:
    """Install a key set."""
    return install_key_set(root / _KEYS, token)


def write(root: Path, identity: Identity) -> None:
    """Write an identity. Raises OSError."""
    write_identity(root / _KEYS, identity.certificate, identity.key)


def renew(root: Path, recorder: Recorder[Trusted]) -> None:
    """Two new key sets, and between them a new identity."""
    _, (_, second, third) = _key_sets()
    _install(root, recorder, second)
    identity = _identities()[1]
    recorder.promise(replace(recorder.promised, identities=(*recorder.promised.identities, identity.pem)))
    write_identity(root / _KEYS, identity.certificate, identity.key)
    recorder.promise(replace(recorder.promised, identities=(identity.pem,)))
    _install(root, recorder, third)


def _install(root: Path, recorder: Recorder[Trusted], token: str) -> None:
    fresh = token.encode()
    recorder.promise(replace(recorder.promised, key_sets=(*recorder.promised.key_sets, fresh)))
    assert isinstance(install_key_set(root / _KEYS, token), Installed)
    recorder.promise(replace(recorder.promised, key_sets=(fresh,)))


def wrong(image: Image, promise: Trusted, root: Path) -> str | None:
    """What breaks `promise` in `image`, if anything: a file that is neither the old one nor the new one."""
    lay_out(image, root)
    keys = root / _KEYS
    try:
        version = load_key_set(keys).version
        kiosk = certified_kiosk(keys)
    except KeyProblem as problem:
        return f"unusable: {problem.path.name}: {problem.problem}"
    if image[f"{_KEYS}/{KEY_SET}"] not in promise.key_sets:
        return "lost: a key set that was told as installed"
    if image[f"{_KEYS}/{IDENTITY}"] not in promise.identities or kiosk != KIOSK:
        return "lost: an identity that was told as installed"
    newest = _key_sets()[1][-1]
    install_key_set(keys, newest)
    return None if load_key_set(keys).version >= version else "an older key set came back"
