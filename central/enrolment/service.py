"""Who may be a kiosk: invited, certified, renewed, revoked. Specified in docs/reference/enrolment.md."""

import datetime as dt
import hashlib
import hmac
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from central.enrolment import codes, problems, requests
from central.enrolment.codes import Code
from central.enrolment.revocations import Revocations
from central.keys.authority import CLIENT_DAYS, Authority, serial_of
from central.keys.keyring import Keyring
from central.keys.keyset import PublicKey
from central.problems import ProblemError
from central.store import enrolments
from central.store.enquiries import Limit, attempt
from central.store.enrolments import Enrolment, Invitation
from central.store.inbox import add_entry
from central.store.store import Store

WRONG_TRIES = 5
LAST_SEQUENCE = 1_000_000
"""A kiosk has a million references, then its number is used up."""

_HOUR = dt.timedelta(hours=1)
_TRIES_PER_ADDRESS = 120
_TRIES_PER_KIOSK = 20
_ROUND = 1_000
# What a kiosk may have given out since it was last heard of: twice the cases of a month without a line.
_UNHEARD = 20_000
_TICK = dt.timedelta(milliseconds=1)


class InvitationError(Exception):
    """A kiosk cannot be invited; `args[0]` says why and what to do."""


@dataclass(frozen=True, slots=True)
class Invited:
    """A code to hand to the technician, once."""

    code: str
    expires_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What a kiosk gets for its code. `certificate` is PEM, `key_set` a JWS."""

    certificate: str
    roots: tuple[PublicKey, ...]
    key_set: str
    first_sequence: int


class EnrolmentOffice:
    """Invites, certifies and revokes kiosks. Every refusal to a kiosk is a `ProblemError`."""

    def __init__(
        self,
        store: Store,
        keyring: Keyring,
        authority: Authority,
        clock: Callable[[], dt.datetime],
        days: int = CLIENT_DAYS,
    ) -> None:
        """`days` is the life of a certificate; `clock` gives aware instants."""
        self._store = store
        self._keyring = keyring
        self._authority = authority
        self._clock = clock
        self._days = days
        self._revocations = Revocations(store)

    def authority_certificate(self) -> str:
        """The certificate of the authority, PEM. It is public; the code proves it."""
        return self._authority.certificate.decode("ascii")

    def invite(self, kiosk: int, life: dt.timedelta) -> Invited:
        """A one-time code for a kiosk; an earlier one is void. Raises `InvitationError`, `KeySetError`."""
        self._keyring.key_set_token()  # a kiosk without a key set could not seal
        secret = codes.new_secret()
        with self._store.writing() as db:
            if self._first_sequence(db, kiosk) > LAST_SEQUENCE:
                raise InvitationError(f"kiosk {kiosk:04d} has used up its references; give it a new number")
            now = self._clock()
            enrolments.invite(db, Invitation(kiosk, self._hidden(kiosk, secret), now + life, wrong_tries=0))
            add_entry(db, now, "centre", "centre", "kiosk_invited", facts={"kiosk": kiosk})
        fingerprint = codes.fingerprint(self._authority.certificate_der)
        return Invited(str(Code(kiosk, secret, fingerprint)), now + life)

    def enrol(self, kiosk: int, secret: str, request: str, address: str) -> Enrolled:
        """Give an identity for a code. Why a code is not valid is nobody's business."""
        key = _requested_key(request)
        with self._store.writing() as db:
            now = self._clock()
            wait = attempt(db, self._limits(kiosk, address), now)
            if wait is not None:
                raise _too_often(wait)
            if self._is_invited(db, kiosk, secret, now):
                return self._certified(db, kiosk, key, now)
            enrolments.count_wrong_try(db, kiosk)
        raise ProblemError(problems.NOT_INVITED)

    def admit(self, kiosk: int, key: ec.EllipticCurvePublicKey) -> Enrolled:
        """Give an identity without a code: for development, where centre and kiosk share a disk."""
        with self._store.writing() as db:
            return self._certified(db, kiosk, key, self._clock())

    def renew(self, kiosk: int, request: str) -> str:
        """The next certificate, PEM, for the kiosk that the present one certifies."""
        key = _requested_key(request)
        with self._store.writing() as db:
            revoked_at = enrolments.lock_kiosk(db, kiosk)
            certificate = self._issue(db, kiosk, key, self._clock(), revoked_at)
            add_entry(db, self._clock(), f"kiosk-{kiosk:04d}", "kiosk", "certificate_renewed")
        return _pem(certificate)

    def revoke(self, kiosk: int) -> bool:
        """Refuse all certificates of a kiosk, and its code. False if there was nothing to refuse."""
        with self._store.writing() as db:
            withdrawn = enrolments.withdraw(db, kiosk)
            if not enrolments.is_known(db, kiosk):
                return withdrawn
            enrolments.lock_kiosk(db, kiosk)
            now = self._clock()  # under the lock, or a renewal could slip in later than this
            enrolments.note_revoked(db, kiosk, now)
            add_entry(db, now, "centre", "centre", "kiosk_revoked", facts={"kiosk": kiosk})
        return True

    def is_revoked(self, kiosk: int, serial: str | None) -> bool:
        """Whether this certificate (serial in hexadecimal) of a kiosk is refused."""
        return self._revocations.is_revoked(kiosk, serial)

    def listed(self) -> Sequence[Enrolment]:
        """All kiosks and invitations, by number."""
        with self._store.reading() as db:
            return enrolments.listed(db)

    def _is_invited(self, db: sa.Connection, kiosk: int, secret: str, now: dt.datetime) -> bool:
        invitation = enrolments.lock_invitation(db, kiosk)
        hidden = self._hidden(kiosk, codes.normal(secret))
        if invitation is None or now >= invitation.expires_at or invitation.wrong_tries >= WRONG_TRIES:
            return False
        return hmac.compare_digest(invitation.secret, hidden)

    def _certified(
        self, db: sa.Connection, kiosk: int, key: ec.EllipticCurvePublicKey, now: dt.datetime
    ) -> Enrolled:
        enrolments.withdraw(db, kiosk)
        first_sequence = self._first_sequence(db, kiosk)
        revoked_at = enrolments.lock_kiosk(db, kiosk)
        certificate = self._issue(db, kiosk, key, now, revoked_at)
        enrolments.note_enrolled(db, kiosk, now, first_sequence)
        add_entry(db, now, f"kiosk-{kiosk:04d}", "kiosk", "kiosk_enrolled", facts={"first": first_sequence})
        return Enrolled(
            _pem(certificate), self._keyring.roots.roots, self._keyring.key_set_token(), first_sequence
        )

    def _issue(
        self,
        db: sa.Connection,
        kiosk: int,
        key: ec.EllipticCurvePublicKey,
        now: dt.datetime,
        revoked_at: dt.datetime | None,
    ) -> x509.Certificate:
        certificate = self._authority.certify_kiosk(kiosk, key, now, self._days)
        # A clock that went back must not make a new certificate older than the revocation of the last one.
        issued_at = now if revoked_at is None else max(now, revoked_at + _TICK)
        serial, not_after = serial_of(certificate), certificate.not_valid_after_utc
        enrolments.note_certificate(db, serial, kiosk, issued_at, not_after)
        return certificate

    def _first_sequence(self, db: sa.Connection, kiosk: int) -> int:
        known = enrolments.last_known_sequence(db, kiosk)
        if known is None:
            return 1
        return -(-(known + _UNHEARD) // _ROUND) * _ROUND + 1

    def _limits(self, kiosk: int, address: str) -> tuple[Limit, Limit]:
        return (
            Limit(self._hmac("address", address), _TRIES_PER_ADDRESS, _HOUR),
            Limit(self._hmac("kiosk", f"{kiosk:04d}"), _TRIES_PER_KIOSK, _HOUR),
        )

    def _hidden(self, kiosk: int, secret: str) -> bytes:
        return self._hmac("secret", f"{kiosk:04d} {secret}")

    def _hmac(self, purpose: str, text: str) -> bytes:
        key = self._keyring.derived_key("enrolment")
        return hmac.digest(key, f"{purpose} {text}".encode(), hashlib.sha256)


def _too_often(wait: dt.timedelta) -> ProblemError:
    wait_s = max(1, math.ceil(wait.total_seconds()))
    return ProblemError(problems.TOO_OFTEN, headers={"Retry-After": str(wait_s)})


def _requested_key(request: str) -> ec.EllipticCurvePublicKey:
    try:
        return requests.public_key(request)
    except requests.BadRequestError as error:
        raise ProblemError(problems.NOT_A_REQUEST, str(error)) from None


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")
