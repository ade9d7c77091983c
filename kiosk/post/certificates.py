"""Client certificates: asked for with a key made on the kiosk, and judged before they are believed."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from kiosk.post.identity import CertificateLife, kiosk_of, life_of
from kiosk.post.keys import IDENTITY, PRIVATE, write


class CertificateFault(StrEnum):
    """Why a certificate is not taken; what the kiosk has stays."""

    UNREADABLE = "unreadable"
    NOT_OURS = "not_ours"
    """It belongs to another private key."""
    ANOTHER_KIOSK = "another_kiosk"
    NOT_OF_THE_CENTRE = "not_of_the_centre"
    """The authority that this kiosk trusts did not issue it."""
    EXPIRED = "expired"
    NOT_WRITTEN = "not_written"


@dataclass(frozen=True, slots=True)
class Request:
    """A new private key and the request for its certificate (PKCS #10, PEM). The key leaves with nobody."""

    key: ec.EllipticCurvePrivateKey
    csr: str


def prepare(kiosk: int) -> Request:
    """A new key for kiosk number `kiosk`, and the request for its certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"kiosk-{kiosk:04d}")])
    csr = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    return Request(key, csr.public_bytes(Encoding.PEM).decode())


def judge(
    certificate: str, key: ec.EllipticCurvePrivateKey, kiosk: int, authority: x509.Certificate, now: float
) -> x509.Certificate | CertificateFault:
    """The certificate (PEM), if it is for this key and kiosk, of this authority and not expired."""
    try:
        read = x509.load_pem_x509_certificate(certificate.encode("ascii"))
        named = kiosk_of(read)
    except ValueError:
        return CertificateFault.UNREADABLE
    try:
        read.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return CertificateFault.NOT_OF_THE_CENTRE
    if read.public_key() != key.public_key():
        return CertificateFault.NOT_OURS
    if named != kiosk:
        return CertificateFault.ANOTHER_KIOSK
    # Not yet valid is no fault: the centre judges by its own clock, and this one may be behind.
    return CertificateFault.EXPIRED if life_of(read).not_after <= now else read


def write_identity(
    keys: Path, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey
) -> CertificateLife:
    """Put certificate and key in the place of `identity.pem`, in one step. Raises OSError."""
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write(keys / IDENTITY, certificate.public_bytes(Encoding.PEM) + pem, PRIVATE)
    return life_of(certificate)
