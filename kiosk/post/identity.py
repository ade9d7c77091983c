"""Who a kiosk is: its client certificate with the private key, whom it trusts, its place in the chain."""

import json
import ssl
from pathlib import Path
from typing import Annotated, NamedTuple

from cryptography import x509
from cryptography.x509.oid import NameOID
from pydantic import BaseModel, Field

from kiosk.post.keys import CENTRE_CA, ENROL, ENROLMENT, IDENTITY, KeyProblem, read

_PREFIX = "kiosk-"


class CertificateLife(NamedTuple):
    """When a certificate is valid, in seconds since 1970 (UTC)."""

    not_before: float
    not_after: float


class _Enrolment(BaseModel):
    kiosk: Annotated[int, Field(ge=0, le=9999, strict=True)]
    first_sequence: Annotated[int, Field(ge=1, lt=2**63, strict=True)] = 1


def client_tls(keys: Path) -> ssl.SSLContext:
    """Mutual TLS towards the centre: its own authority is the only one trusted. Raises `KeyProblem`."""
    try:
        context = server_tls(read(keys / CENTRE_CA).decode("ascii"))
    except (ssl.SSLError, ValueError):
        raise KeyProblem(keys / CENTRE_CA, "not a certificate") from None
    read(keys / IDENTITY)
    try:
        context.load_cert_chain(keys / IDENTITY)
    except (ssl.SSLError, OSError):
        raise KeyProblem(keys / IDENTITY, "not a certificate with its private key") from None
    return context


def server_tls(authority: str) -> ssl.SSLContext:
    """TLS 1.3 that trusts this authority (PEM) and no other. Raises `ssl.SSLError` or ValueError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_verify_locations(cadata=authority)
    return context


def certified_kiosk(keys: Path) -> int:
    """The kiosk number the client certificate was issued to. Raises `KeyProblem`."""
    try:
        return kiosk_of(_certificate(keys))
    except ValueError:
        raise KeyProblem(keys / IDENTITY, "not a kiosk's certificate") from None


def kiosk_of(certificate: x509.Certificate) -> int:
    """The number in the common name `kiosk-NNNN`. Raises ValueError."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    number = str(names[0].value).removeprefix(_PREFIX) if names else ""
    if len(number) != 4 or not (number.isascii() and number.isdigit()):
        raise ValueError("not a kiosk's certificate")
    return int(number)


def certificate_life(keys: Path) -> CertificateLife:
    """When the client certificate is valid. Raises `KeyProblem`."""
    return life_of(_certificate(keys))


def life_of(certificate: x509.Certificate) -> CertificateLife:
    """When a certificate is valid."""
    return CertificateLife(
        certificate.not_valid_before_utc.timestamp(), certificate.not_valid_after_utc.timestamp()
    )


def check_identity(keys: Path, kiosk: int) -> None:
    """Raise `KeyProblem` if the client certificate belongs to another kiosk than number `kiosk`."""
    certified = certified_kiosk(keys)
    if certified != kiosk:
        raise KeyProblem(
            keys / IDENTITY,
            f"issued to kiosk {certified:04d}, but this is kiosk {kiosk:04d}",
            "set kiosk_number to the enrolled one, or " + ENROL,
        )


def load_first_sequence(keys: Path) -> int:
    """Where the chain of a new outbox begins: 1, unless the kiosk was enrolled again. Raises `KeyProblem`."""
    path = keys / ENROLMENT
    try:
        if not path.exists():
            return 1
        return _Enrolment.model_validate(json.loads(read(path))).first_sequence
    except ValueError:
        raise KeyProblem(path, "not an enrolment") from None
    except OSError as error:
        raise KeyProblem(path, f"unreadable ({error.strerror})", "let this process read it") from None


def _certificate(keys: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(read(keys / IDENTITY))
    except ValueError:
        raise KeyProblem(keys / IDENTITY, "not a certificate") from None
