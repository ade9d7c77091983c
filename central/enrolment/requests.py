"""Certificate requests (PKCS #10): nothing but the public key is taken from one."""

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec

MAX_REQUEST = 4096


class BadRequestError(Exception):
    """Not a request this centre certifies. `args[0]` says why; it never quotes the request."""


def public_key(pem: str) -> ec.EllipticCurvePublicKey:
    """The key whose owner signed the request; names are ours to give. Raises `BadRequestError`."""
    if len(pem) > MAX_REQUEST:
        raise BadRequestError("the request is too large")
    try:
        request = x509.load_pem_x509_csr(pem.encode("ascii"))
        key, proven = request.public_key(), request.is_signature_valid
    except (ValueError, TypeError, UnsupportedAlgorithm, InvalidSignature):
        raise BadRequestError("not a PKCS #10 request in PEM") from None
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise BadRequestError("the key must be P-256")
    if not proven:
        raise BadRequestError("the request is not signed by its own key")
    return key
