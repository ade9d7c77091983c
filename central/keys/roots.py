"""Root keys: they sign key sets, and live on a machine without a network.

For development only they lie in the directory of the centre, open.
"""

from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from central.files import write_private
from central.keys.keyset import KeySetError, PublicKey, Roots

ROOTS = "roots.json"
DEVELOPMENT_ROOT = "development-root.pem"


def new_development_root(directory: Path) -> Ed25519PrivateKey:
    """A root key that lies open in `directory`: whoever reads it can redirect every report."""
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    write_private(directory / DEVELOPMENT_ROOT, pem)
    return key


def development_root(directory: Path) -> Ed25519PrivateKey:
    """The development root of `directory`. Raises `KeySetError` where the roots are offline."""
    try:
        pem = (directory / DEVELOPMENT_ROOT).read_bytes()
    except FileNotFoundError:
        raise KeySetError(
            "the root of this centre is offline: report-centre keys draft, root sign, keys publish"
        ) from None
    key = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise KeySetError(f"{DEVELOPMENT_ROOT} is not an Ed25519 key")
    return key


def roots_of(*keys: Ed25519PrivateKey) -> Roots:
    """The public halves."""
    return Roots(roots=tuple(PublicKey.of(key.public_key()) for key in keys))
