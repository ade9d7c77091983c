"""Renewing the client certificate: when, with what, and what is believed. The courier carries it out."""

from pathlib import Path

from cryptography import x509

from kiosk.post.certificates import CertificateFault, Request, judge, write_identity
from kiosk.post.identity import CertificateLife, certified_kiosk
from kiosk.post.keys import CENTRE_CA, KeyProblem, read

DAY_S = 86_400.0


def due(life: CertificateLife, now: float, last_try: float | None) -> bool:
    """Whether to ask for the next certificate: from half of its life on, once a day.

    All in seconds since 1970 by the wall clock. A last try that lies ahead was before a jump of the clock and
    does not count.
    """
    if now < due_at(life):
        return False
    return last_try is None or not 0 <= now - last_try < DAY_S


def due_at(life: CertificateLife) -> float:
    """When half of its life is over."""
    return (life.not_before + life.not_after) / 2


def late(life: CertificateLife, now: float) -> bool:
    """Whether a renewal has failed for so long that somebody must be told: three quarters are over."""
    return now >= life.not_after - (life.not_after - life.not_before) / 4


def expired(life: CertificateLife, now: float) -> bool:
    """Whether the centre no longer lets this kiosk in; by this kiosk's clock, which may be wrong."""
    return now >= life.not_after


def days_left(life: CertificateLife, now: float) -> int:
    """Whole days until it ends; below 0 when it has."""
    return int((life.not_after - now) // DAY_S)


def install(keys: Path, request: Request, certificate: str, now: float) -> CertificateLife | CertificateFault:
    """Replace `identity.pem` by what the centre answered to `request`, if that is right. Never raises."""
    try:
        kiosk = certified_kiosk(keys)
        authority = x509.load_pem_x509_certificate(read(keys / CENTRE_CA))
    except (KeyProblem, ValueError):
        return CertificateFault.UNREADABLE
    judged = judge(certificate, request.key, kiosk, authority, now)
    if isinstance(judged, CertificateFault):
        return judged
    try:
        return write_identity(keys, judged, request.key)
    except OSError:
        return CertificateFault.NOT_WRITTEN
