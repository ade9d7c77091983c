"""Enrolment: with a one-time code a kiosk gets its identity, and learns whom to trust (enrolment.md).

The code names the centre by the fingerprint of its authority; so the first answer can come over a line that
nobody vouches for yet, and nothing secret is said before the fingerprint was found right.
"""

import hmac
import json
import os
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from pydantic import BaseModel, ConfigDict, Field

from kiosk.post import certificates, jws, keyset
from kiosk.post.certificates import CertificateFault
from kiosk.post.enrolment_code import FINGERPRINT_BYTES, Code
from kiosk.post.identity import life_of, server_tls
from kiosk.post.keys import (
    CENTRE_CA,
    ENROLMENT,
    KEY_SET,
    PRIVATE,
    PUBLIC,
    REFERENCE_KEY,
    REFERENCE_KEY_BYTES,
    ROOTS,
    write,
)
from kiosk.post.outcomes import Failure, NoReply
from kiosk.post.wire import JSON, PROBLEM, Response, Wire

NOT_INVITED = "/problems/not-invited"


class Trouble(StrEnum):
    """Why an enrolment did not happen. Nothing was changed on the kiosk, unless it is `NOT_WRITTEN`."""

    NOT_AN_ADDRESS = "not_an_address"
    UNREACHABLE = "unreachable"
    NOT_A_DOOR = "not_a_door"
    ANOTHER_CENTRE = "another_centre"
    UNTRUSTED = "untrusted"
    CLOCK = "clock"
    NOT_INVITED = "not_invited"
    BUSY = "busy"
    WRONG_ANSWER = "wrong_answer"
    NOT_WRITTEN = "not_written"


class EnrolmentError(Exception):
    """An enrolment did not happen: why, and what a technician can do."""

    def __init__(self, trouble: Trouble, cause: str, remedy: str) -> None:
        super().__init__(f"{cause}; {remedy}")
        self.trouble = trouble
        self.cause = cause
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What an enrolment gave."""

    kiosk: int
    first_sequence: int
    key_set_version: int


class _Answer(BaseModel):
    """Answer of `POST /v1/enrolments`."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    certificate: str
    roots: list[dict[str, Any]]
    key_set: str
    first_sequence: int = Field(ge=1, lt=2**63, strict=True)


@dataclass(frozen=True, slots=True)
class _Verified:
    """An answer of which everything was found right."""

    certificate: x509.Certificate
    key_set: keyset.KeySet
    answer: _Answer


def enrol(code: Code, door: str, keys: Path, now: float, deadline_s: float) -> Enrolled:
    """Enrol the kiosk of `code` at the centre behind `door` (URL) and write its files into `keys`.

    `now` is the wall clock in seconds since 1970, `deadline_s` the total of each of the two calls. Raises
    `EnrolmentError`.
    """
    _check_address(door)
    authority = _authority(door, code, deadline_s)
    _check_clock(authority, now)
    request = certificates.prepare(code.kiosk)
    answer = _ask(door, code, request.csr, authority, now, deadline_s)
    verified = _verified(answer, request, code.kiosk, authority, now)
    try:
        return _write(keys, code.kiosk, verified, request, authority)
    except OSError as error:
        cause = f"{keys} cannot be written ({error.strerror})"
        remedy = "run this as its owner, check the disk, then ask for a new code: this one is used up"
        raise EnrolmentError(Trouble.NOT_WRITTEN, cause, remedy) from None


# --- the two calls ---


def _check_address(door: str) -> None:
    """Without TLS the secret would be told to whoever listens."""
    try:
        url = urlsplit(door)
        usable = url.scheme == "https" and bool(url.hostname) and (url.port or 443) > 0
    except ValueError:
        usable = False
    if not usable:
        cause = "the address of the centre's door must begin with https:// and name a host"
        remedy = "give it as --door https://HOST:PORT, or set centre.door_url"
        raise EnrolmentError(Trouble.NOT_AN_ADDRESS, cause, remedy)


def _authority(door: str, code: Code, deadline_s: float) -> x509.Certificate:
    """The centre's authority; it is the one of the code, or it raises."""
    answer = _call(door, _unjudged_tls(), "GET", "/v1/authority", b"", deadline_s)
    members = _members(answer, door)
    try:
        certificate = x509.load_pem_x509_certificate(str(members.get("certificate")).encode("ascii"))
    except ValueError:
        raise _not_a_door(door) from None
    fingerprint = certificate.fingerprint(hashes.SHA256())[:FINGERPRINT_BYTES]
    if not hmac.compare_digest(fingerprint, code.fingerprint):
        cause = f"{door} is not the centre that issued this code"
        remedy = "check the address; if it is right, somebody stands in between: tell the centre"
        raise EnrolmentError(Trouble.ANOTHER_CENTRE, cause, remedy)
    return certificate


def _ask(
    door: str, code: Code, csr: str, authority: x509.Certificate, now: float, deadline_s: float
) -> dict[str, Any]:
    body = json.dumps({"kiosk": code.kiosk, "secret": code.secret, "csr": csr}).encode()
    tls = server_tls(authority.public_bytes(Encoding.PEM).decode())
    try:
        answer = _call(door, tls, "POST", "/v1/enrolments", body, deadline_s)
    except _UntrustedError:
        cause = f"the certificate of {door} is not one of this centre for this name, or not valid now"
        remedy = f"check the address, and this kiosk's clock ({_told(now)})"
        raise EnrolmentError(Trouble.UNTRUSTED, cause, remedy) from None
    if answer.media_type == PROBLEM:
        raise _refused(_json(answer).get("type"), answer)
    return _members(answer, door)


class _UntrustedError(Exception):
    """The server's certificate was not accepted."""


def _call(door: str, tls: ssl.SSLContext, method: str, path: str, body: bytes, deadline_s: float) -> Response:
    wire = Wire(door, tls)
    try:
        answer = wire.call(method, path, body, {"Content-Type": JSON} if body else {}, deadline_s)
    finally:
        wire.close()
    if isinstance(answer, Response):
        return answer
    if answer.failure is Failure.UNTRUSTED:
        raise _UntrustedError
    raise _no_answer(door, answer)


def _unjudged_tls() -> ssl.SSLContext:
    """TLS without judging the server: the fingerprint in the code judges it, and nothing is told."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _no_answer(door: str, answer: NoReply) -> EnrolmentError:
    if answer.failure is Failure.NOT_THE_CENTRE:
        return _not_a_door(door)
    cause = f"{door} does not answer ({answer.failure.value.replace('_', ' ')})"
    return EnrolmentError(Trouble.UNREACHABLE, cause, "check address, cable and network, then try again")


def _not_a_door(door: str) -> EnrolmentError:
    cause = f"somebody answers at {door}, but not as the door of a centre"
    return EnrolmentError(Trouble.NOT_A_DOOR, cause, "check the address; a portal or proxy may be in between")


def _refused(problem: object, answer: Response) -> EnrolmentError:
    if problem == NOT_INVITED:
        cause = "the centre does not know this code: mistyped, used already, or older than a day"
        return EnrolmentError(Trouble.NOT_INVITED, cause, "ask the centre for a new code")
    if answer.status == 429:
        cause = "too many wrong codes were tried lately"
        return EnrolmentError(Trouble.BUSY, cause, "wait an hour, then try again; the code is still good")
    if answer.status >= 500:
        cause = f"the centre cannot enrol anybody now (status {answer.status})"
        return EnrolmentError(Trouble.BUSY, cause, "try again in a few minutes; the code is still good")
    cause = f"the centre refused (status {answer.status})"
    return EnrolmentError(Trouble.WRONG_ANSWER, cause, "tell the centre; its release may not fit this one")


def _members(answer: Response, door: str) -> dict[str, Any]:
    if not 200 <= answer.status < 300 or answer.media_type != JSON:
        raise _not_a_door(door)
    return _json(answer)


def _json(answer: Response) -> dict[str, Any]:
    try:
        value = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


# --- judging and writing ---


def _check_clock(authority: x509.Certificate, now: float) -> None:
    life = life_of(authority)
    if not life.not_before <= now < life.not_after:
        cause = f"this kiosk's clock says {_told(now)}, and the centre's authority is not valid then"
        raise EnrolmentError(
            Trouble.CLOCK, cause, "set the clock (chrony), then try again with the same code"
        )


def _verified(
    members: dict[str, Any],
    request: certificates.Request,
    kiosk: int,
    authority: x509.Certificate,
    now: float,
) -> _Verified:
    try:
        answer = _Answer.model_validate(members)
        key_set = keyset.parse(answer.key_set, keyset.parse_roots({"roots": answer.roots}))
    except jws.NotSignedError:
        raise _wrong_answer("its key set is not signed by its roots") from None
    except ValueError:
        raise _wrong_answer("it is not what the contract says") from None
    judged = certificates.judge(answer.certificate, request.key, kiosk, authority, now)
    if judged is CertificateFault.EXPIRED:
        cause = f"the new certificate has ended by this kiosk's clock ({_told(now)})"
        raise EnrolmentError(Trouble.CLOCK, cause, "set the clock (chrony), then ask for a new code")
    if isinstance(judged, CertificateFault):
        raise _wrong_answer(f"its certificate is wrong ({judged.value.replace('_', ' ')})")
    return _Verified(judged, key_set, answer)


def _wrong_answer(what: str) -> EnrolmentError:
    cause = f"the centre's answer cannot be used: {what}"
    return EnrolmentError(Trouble.WRONG_ANSWER, cause, "tell the centre, and ask for a new code")


def _write(
    keys: Path,
    kiosk: int,
    verified: _Verified,
    request: certificates.Request,
    authority: x509.Certificate,
) -> Enrolled:
    """All files, the identity last: a kiosk that has one has everything. Raises OSError."""
    answer, version = verified.answer, verified.key_set.version
    keys.mkdir(mode=0o755, parents=True, exist_ok=True)
    write(keys / ROOTS, json.dumps({"roots": answer.roots}).encode(), PUBLIC)
    newest = keyset.installed_version(keys)
    if newest < version:  # enrolled again, it does not fall behind what it knew
        write(keys / KEY_SET, answer.key_set.encode("ascii"), PUBLIC)
    write(keys / CENTRE_CA, authority.public_bytes(Encoding.PEM), PUBLIC)
    known = {"kiosk": kiosk, "first_sequence": answer.first_sequence}
    write(keys / ENROLMENT, json.dumps(known).encode(), PUBLIC)
    if not (keys / REFERENCE_KEY).exists():
        # References already given out must stay unique: what scatters them is made only once.
        write(keys / REFERENCE_KEY, os.urandom(REFERENCE_KEY_BYTES), PRIVATE)
    certificates.write_identity(keys, verified.certificate, request.key)
    return Enrolled(kiosk, answer.first_sequence, max(newest, version))


def _told(now: float) -> str:
    try:
        return datetime.fromtimestamp(now, UTC).isoformat(timespec="minutes")
    except (ValueError, OverflowError, OSError):
        return "a year that no calendar has"
