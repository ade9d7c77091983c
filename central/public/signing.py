"""Signatures on PDF receipts (PAdES, baseline B-B) with a certificate of the centre's own authority."""

import datetime as dt
import io
from dataclasses import dataclass
from pathlib import Path

from asn1crypto import keys as asn1_keys  # type: ignore[import-untyped] # it ships no types
from asn1crypto import pem
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from central.files import write_private
from central.keys.authority import CA_CERTIFICATE, Authority

DOCUMENTS_CERTIFICATE = "documents.pem"
DOCUMENTS_KEY = "documents.key"
_FIELD = "Signature"


class NotSignedError(Exception):
    """A file is not an unchanged receipt of this centre; `args[0]` says what is wrong."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A good signature: who signed, and when that one says it was."""

    signer: str
    at: dt.datetime | None


class DocumentSigner:
    """Signs PDF documents."""

    def __init__(self, certificate: bytes, key: bytes, authority: bytes) -> None:
        """All PEM."""
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call] # its __init__ lacks a type
        store.register(_certificate(authority))
        self._signer = SimpleSigner(
            signing_cert=_certificate(certificate),
            signing_key=asn1_keys.PrivateKeyInfo.load(_der(key)),
            cert_registry=store,
        )

    @staticmethod
    def of(directory: Path, now: dt.datetime) -> "DocumentSigner":
        """The signer of the centre in `directory`; its certificate is made when it is first needed."""
        certificate, key = directory / DOCUMENTS_CERTIFICATE, directory / DOCUMENTS_KEY
        if not certificate.exists():
            credential = Authority.load(directory).issue_documents(now)
            write_private(key, credential.key)
            write_private(certificate, credential.certificate)
        return DocumentSigner(
            certificate.read_bytes(), key.read_bytes(), (directory / CA_CERTIFICATE).read_bytes()
        )

    def sign(self, pdf: bytes) -> bytes:
        """`pdf` with a signature over all of it, after which nothing may change."""
        metadata = PdfSignatureMetadata(
            field_name=_FIELD,
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            certify=True,
            docmdp_permissions=MDPPerm.NO_CHANGES,
        )
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        signed = PdfSigner(metadata, signer=self._signer).sign_pdf(writer)
        assert isinstance(signed, io.BytesIO)  # noqa: S101 - what pyHanko gives without an output
        return signed.getvalue()


def verify(pdf: bytes, authority: bytes) -> Signed:
    """Check a receipt against the CA certificate (PEM). Raises `NotSignedError`."""
    try:
        status = _status(pdf, authority)
    except NotSignedError:
        raise
    except Exception:  # noqa: BLE001 - a changed file breaks the library in any way; none of them is a receipt
        raise NotSignedError("it is not a PDF with a signature that can be read") from None
    if not status.intact:
        raise NotSignedError("it was changed after it was signed")
    if status.coverage is not SignatureCoverageLevel.ENTIRE_FILE:
        raise NotSignedError("something was added after it was signed")
    if not (status.trusted and status.bottom_line):
        raise NotSignedError("it was not signed by this centre")
    return Signed(status.signing_cert.subject.human_friendly, status.signer_reported_dt)


def _status(pdf: bytes, authority: bytes) -> PdfSignatureStatus:
    signatures = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    if len(signatures) != 1:
        raise NotSignedError("it does not have exactly one signature")
    return validate_pdf_signature(signatures[0], ValidationContext(trust_roots=[_certificate(authority)]))


def _certificate(text: bytes) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(_der(text))


def _der(text: bytes) -> bytes:
    _, _, der = pem.unarmor(text)
    return bytes(der)
