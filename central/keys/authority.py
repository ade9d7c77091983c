"""The centre's own small certificate authority: its server certificate and those of the kiosks."""

import datetime as dt
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from central.files import write_private

CA_CERTIFICATE = "ca.pem"
CA_KEY = "ca.key"
SERVER_CERTIFICATE = "server.pem"
SERVER_KEY = "server.key"

CA_DAYS = 3650
SERVER_DAYS = 825
CLIENT_DAYS = 90
_DOCUMENTS = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # id-kp-documentSigning
_BACKDATED = dt.timedelta(hours=1)  # a kiosk's clock may be a little behind


@dataclass(frozen=True, slots=True)
class Credential:
    """A certificate with its private key, both PEM."""

    certificate: bytes
    key: bytes

    def save(self, directory: Path) -> None:
        """Make it the server's of `directory`, key first: a server that starts in between says so."""
        write_private(directory / SERVER_KEY, self.key)
        write_private(directory / SERVER_CERTIFICATE, self.certificate)


class Authority:
    """Issues certificates. P-256, because every TLS stack a kiosk may meet has it."""

    def __init__(self, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
        self._certificate = certificate
        self._key = key
        self._key_id = x509.SubjectKeyIdentifier.from_public_key(key.public_key())

    @staticmethod
    def create(directory: Path, hosts: tuple[str, ...]) -> "Authority":
        """Make a new authority and the server certificate for `hosts` in `directory`."""
        key = new_key()
        name = _name("Report centre CA")
        now = dt.datetime.now(dt.UTC)
        certificate = (
            _builder(name, name, key.public_key(), now, now + dt.timedelta(days=CA_DAYS))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .sign(key, hashes.SHA256())
        )
        write_private(directory / CA_CERTIFICATE, certificate.public_bytes(serialization.Encoding.PEM))
        write_private(directory / CA_KEY, key_pem(key))
        authority = Authority(certificate, key)
        authority.issue_server(hosts, now).save(directory)
        return authority

    @staticmethod
    def load(directory: Path) -> "Authority":
        """Read the authority of `directory`."""
        certificate = x509.load_pem_x509_certificate((directory / CA_CERTIFICATE).read_bytes())
        key = serialization.load_pem_private_key((directory / CA_KEY).read_bytes(), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError(f"{directory / CA_KEY} is not an elliptic-curve key")
        return Authority(certificate, key)

    @property
    def certificate(self) -> bytes:
        """The CA certificate, PEM."""
        return self._certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def certificate_der(self) -> bytes:
        """The CA certificate, DER: what a fingerprint is taken of."""
        return self._certificate.public_bytes(serialization.Encoding.DER)

    def issue_server(self, hosts: tuple[str, ...], now: dt.datetime, days: int = SERVER_DAYS) -> Credential:
        """A server certificate for host names and addresses."""
        names = x509.SubjectAlternativeName([_general_name(host) for host in hosts])
        key = new_key()
        purpose = ExtendedKeyUsageOID.SERVER_AUTH
        certificate = self._sign(hosts[0], key.public_key(), now, days, purpose, names)
        return Credential(certificate.public_bytes(serialization.Encoding.PEM), key_pem(key))

    def issue_documents(self, now: dt.datetime) -> Credential:
        """A certificate that signs receipts as PDF (RFC 9336). It lives as long as the authority."""
        key = new_key()
        certificate = self._sign("Report centre receipts", key.public_key(), now, CA_DAYS, _DOCUMENTS, None)
        return Credential(certificate.public_bytes(serialization.Encoding.PEM), key_pem(key))

    def certify_kiosk(
        self, kiosk: int, key: ec.EllipticCurvePublicKey, now: dt.datetime, days: int
    ) -> x509.Certificate:
        """A client certificate; its common name is `kiosk-NNNN`."""
        return self._sign(f"kiosk-{kiosk:04d}", key, now, days, ExtendedKeyUsageOID.CLIENT_AUTH, None)

    def _sign(
        self,
        common_name: str,
        key: ec.EllipticCurvePublicKey,
        now: dt.datetime,
        days: int,
        purpose: x509.ObjectIdentifier,
        names: x509.SubjectAlternativeName | None,
    ) -> x509.Certificate:
        # What outlives its authority is worth nothing, and hides the day on which it ends.
        end = min(now + dt.timedelta(days=days), self._certificate.not_valid_after_utc)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(self._key_id)
        builder = (
            _builder(_name(common_name), self._certificate.subject, key, now, end)
            .add_extension(issuer, critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_documents=purpose == _DOCUMENTS), critical=True)
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        )
        if names is not None:
            builder = builder.add_extension(names, critical=False)
        return builder.sign(self._key, hashes.SHA256())


def new_key() -> ec.EllipticCurvePrivateKey:
    """A key for a certificate."""
    return ec.generate_private_key(ec.SECP256R1())


def key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """PKCS #8, not encrypted."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def serial_of(certificate: x509.Certificate) -> str:
    """The serial number as the centre keeps it: hexadecimal, as TLS libraries show it."""
    return f"{certificate.serial_number:X}"


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    now: dt.datetime,
    end: dt.datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(end)
    )


def _usage(*, signs_certificates: bool = False, signs_documents: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=signs_documents,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
