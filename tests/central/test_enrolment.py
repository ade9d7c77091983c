"""Who becomes a kiosk: on both databases, with a clock that the test moves."""

import base64
import datetime as dt
import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

from central.centre import Centre
from central.enrolment import codes, problems
from central.enrolment.revocations import REMEMBERED_S, Revocations
from central.enrolment.service import LAST_SEQUENCE, Enrolled, EnrolmentOffice, InvitationError
from central.keys.authority import Authority, serial_of
from central.keys.keyring import Keyring
from central.problems import ProblemError, ProblemKind
from central.store import kiosks
from central.store.kiosks import Heartbeat
from central.store.store import Store
from kiosk.post.enrolment_code import parse_code

NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
HERE = "192.0.2.7"


@dataclass
class Clock:
    now: dt.datetime = NOW

    def __call__(self) -> dt.datetime:
        return self.now


@dataclass
class Request:
    """A certificate request with its key."""

    csr: str
    key: Any = field(repr=False)


def request(
    name: str = "kiosk-0007",
    key: Any = None,
    extension: x509.ExtensionType | None = None,
    digest: hashes.HashAlgorithm | None = hashes.SHA256(),  # noqa: B008 - immutable
) -> Request:
    key = key or ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateSigningRequestBuilder().subject_name(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    )
    if extension is not None:
        builder = builder.add_extension(extension, critical=True)
    return Request(builder.sign(key, digest).public_bytes(serialization.Encoding.PEM).decode(), key)


def certificate(pem: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem.encode())


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def office(centre: Centre, store: Store, keyring: Keyring, clock: Clock) -> EnrolmentOffice:
    return EnrolmentOffice(store, keyring, Authority.load(centre.directory), clock)


def invited(office: EnrolmentOffice, kiosk: int = 7, life: dt.timedelta = DAY) -> str:
    """The secret of a new code, as a kiosk reads it."""
    return parse_code(office.invite(kiosk, life).code).secret


def enrolled(office: EnrolmentOffice, kiosk: int = 7) -> Enrolled:
    return office.enrol(kiosk, invited(office, kiosk), request().csr, HERE)


def refused(kind: ProblemKind, call: Callable[[], object]) -> ProblemError:
    with pytest.raises(ProblemError) as caught:
        call()
    assert caught.value.kind == kind
    return caught.value


def test_a_code_gives_an_identity(office: EnrolmentOffice, keyring: Keyring, clock: Clock) -> None:
    code = parse_code(office.invite(7, DAY).code)
    authority = certificate(office.authority_certificate())
    assert code.kiosk == 7
    assert authority.fingerprint(hashes.SHA256()).startswith(code.fingerprint)
    asked = request()
    given = office.enrol(7, code.secret, asked.csr, HERE)
    leaf = certificate(given.certificate)
    leaf.verify_directly_issued_by(authority)
    assert leaf.public_key() == asked.key.public_key()
    assert leaf.subject.rfc4514_string() == "CN=kiosk-0007"
    assert leaf.not_valid_before_utc <= clock.now
    assert leaf.not_valid_after_utc == clock.now + 90 * DAY
    assert (given.roots, given.key_set) == (keyring.roots.roots, keyring.key_set_token())
    assert given.first_sequence == 1
    assert not office.is_revoked(7, serial_of(leaf))


def test_a_code_works_once(office: EnrolmentOffice) -> None:
    secret = invited(office)
    office.enrol(7, secret, request().csr, HERE)
    refused(problems.NOT_INVITED, lambda: office.enrol(7, secret, request().csr, HERE))


def test_case_spaces_and_letters_that_look_alike_do_not_matter(office: EnrolmentOffice) -> None:
    secret = invited(office)
    said = " ".join(secret.lower().replace("0", "o").replace("1", "l"))
    office.enrol(7, said, request().csr, HERE)


def test_whatever_is_wrong_is_the_same_problem(office: EnrolmentOffice, clock: Clock) -> None:
    secret = invited(office)
    other = invited(office, kiosk=8, life=dt.timedelta(hours=1))
    clock.now += dt.timedelta(hours=1)
    wrong = [(7, "0" * 12), (7, ""), (7, secret[:-1]), (7, other), (8, other), (9, secret), (7, "錢" * 12)]
    told = set()
    for kiosk, guess in wrong:
        error = refused(problems.NOT_INVITED, partial(office.enrol, kiosk, guess, request().csr, HERE))
        told.add((error.detail, str(error.more), str(error.headers)))
    assert len(told) == 1


def test_five_wrong_tries_burn_a_code(office: EnrolmentOffice) -> None:
    secret = invited(office)
    for _ in range(4):
        refused(problems.NOT_INVITED, lambda: office.enrol(7, "0" * 12, request().csr, HERE))
    office.enrol(7, secret, request().csr, HERE)
    secret = invited(office)
    for _ in range(5):
        refused(problems.NOT_INVITED, lambda: office.enrol(7, "0" * 12, request().csr, HERE))
    refused(problems.NOT_INVITED, lambda: office.enrol(7, secret, request().csr, HERE))
    office.enrol(7, invited(office), request().csr, HERE)


def test_a_code_ends_at_its_hour(office: EnrolmentOffice, clock: Clock) -> None:
    secret = invited(office)
    clock.now += DAY - dt.timedelta(seconds=1)
    office.enrol(7, secret, request().csr, HERE)
    secret = invited(office)
    clock.now += DAY
    refused(problems.NOT_INVITED, lambda: office.enrol(7, secret, request().csr, HERE))


def test_a_new_invitation_voids_the_one_before(office: EnrolmentOffice) -> None:
    earlier, later = invited(office), invited(office)
    refused(problems.NOT_INVITED, lambda: office.enrol(7, earlier, request().csr, HERE))
    office.enrol(7, later, request().csr, HERE)


def test_guessing_is_slowed_down_by_kiosk_and_by_address(office: EnrolmentOffice, clock: Clock) -> None:
    for _ in range(20):
        refused(problems.NOT_INVITED, lambda: office.enrol(7, "0" * 12, request().csr, HERE))
    secret = invited(office)
    clock.now += dt.timedelta(minutes=10)
    error = refused(problems.TOO_OFTEN, lambda: office.enrol(7, secret, request().csr, "192.0.2.99"))
    assert error.headers == {"Retry-After": str(50 * 60)}
    clock.now += dt.timedelta(minutes=50, seconds=1)
    office.enrol(7, secret, request().csr, HERE)
    guess = request()
    for number in range(119):  # and the one that was right
        refused(problems.NOT_INVITED, partial(office.enrol, 1000 + number, "0", guess.csr, HERE))
    refused(problems.TOO_OFTEN, lambda: office.enrol(8, invited(office, 8), request().csr, HERE))
    office.enrol(8, invited(office, 8), request().csr, "192.0.2.99")


def test_only_one_of_many_wins_a_code(office: EnrolmentOffice) -> None:
    secret, asked = invited(office), [request() for _ in range(8)]
    gate, given, lost = threading.Barrier(8), [], []

    def ask(one: Request) -> None:
        gate.wait()
        try:
            given.append(office.enrol(7, secret, one.csr, HERE))
        except ProblemError as error:
            lost.append(error.kind)

    threads = [threading.Thread(target=ask, args=[one]) for one in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(given) == 1
    assert lost == [problems.NOT_INVITED] * 7


def test_nothing_but_the_key_is_taken_from_a_request(office: EnrolmentOffice) -> None:
    wishes: list[tuple[str, x509.ExtensionType | None]] = [
        ("kiosk-0008", None),
        ("kiosk-0007", x509.BasicConstraints(ca=True, path_length=None)),
        ("kiosk-0007", x509.SubjectAlternativeName([x509.DNSName("centre.example")])),
        ("kiosk-0007", x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.SERVER_AUTH])),
    ]
    for name, extension in wishes:
        given = office.enrol(7, invited(office), request(name, extension=extension).csr, HERE)
        leaf = certificate(given.certificate)
        extensions = leaf.extensions
        assert leaf.subject.rfc4514_string() == "CN=kiosk-0007"
        assert extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
        assert list(extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [
            x509.oid.ExtendedKeyUsageOID.CLIENT_AUTH
        ]
        with pytest.raises(x509.ExtensionNotFound):
            extensions.get_extension_for_class(x509.SubjectAlternativeName)


def forged() -> str:
    """A request for somebody else's key: the signature is not that key's."""
    honest, other = request(), request()
    der = x509.load_pem_x509_csr(honest.csr.encode()).public_bytes(serialization.Encoding.DER)
    mine, theirs = (
        each.key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        for each in (honest, other)
    )
    assert mine in der
    swapped = x509.load_der_x509_csr(der.replace(mine, theirs))
    return swapped.public_bytes(serialization.Encoding.PEM).decode()


def test_a_bad_request_is_refused_and_the_code_stays_good(office: EnrolmentOffice) -> None:
    secret = invited(office)
    bad = [
        "",
        "錢",
        "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n",
        office.authority_certificate(),
        request(key=ec.generate_private_key(ec.SECP384R1())).csr,
        request(key=rsa.generate_private_key(65537, 2048)).csr,
        request(key=ed25519.Ed25519PrivateKey.generate(), digest=None).csr,
        request(name="k" * 60, extension=x509.OCSPNoCheck()).csr + " " * 4096,
        forged(),
    ]
    for csr in bad:
        error = refused(problems.NOT_A_REQUEST, partial(office.enrol, 7, secret, csr, HERE))
        assert error.detail is not None
        assert csr.strip()[:20] == "" or csr.strip()[:20] not in error.detail
        refused(problems.NOT_A_REQUEST, partial(office.renew, 7, csr))
    office.enrol(7, secret, request().csr, HERE)


def test_no_reference_is_given_out_twice(office: EnrolmentOffice, store: Store, clock: Clock) -> None:
    assert enrolled(office).first_sequence == 1
    with store.writing() as db:
        kiosks.beat(db, 7, clock.now, Heartbeat(queued=1, oldest_age_s=1, last_sequence=41))
    assert enrolled(office).first_sequence == 21_001
    assert enrolled(office).first_sequence == 42_001, "the one before may have begun there"
    assert enrolled(office, kiosk=8).first_sequence == 1
    with store.writing() as db:
        kiosks.beat(db, 9, clock.now, Heartbeat(queued=0, oldest_age_s=0, last_sequence=0))
    assert enrolled(office, kiosk=9).first_sequence == 20_001, "heard of, so it may have given out some"


def test_cases_count_as_well_as_heartbeats(office: EnrolmentOffice, service: Any, sealing: Any) -> None:
    message = sealing.seal(sequence=30_500)
    service.receive_case(7, message.case_id, message.body)
    assert enrolled(office).first_sequence == 51_001


def test_a_kiosk_that_used_up_its_references_gets_a_new_number(
    office: EnrolmentOffice, store: Store, clock: Clock
) -> None:
    with store.writing() as db:
        kiosks.beat(db, 7, clock.now, Heartbeat(0, 0, last_sequence=LAST_SEQUENCE - 10))
    with pytest.raises(InvitationError, match="give it a new number"):
        office.invite(7, DAY)


def test_renewal_keeps_the_earlier_certificate_good(office: EnrolmentOffice, clock: Clock) -> None:
    first = certificate(enrolled(office).certificate)
    clock.now += 45 * DAY
    asked = request("kiosk-0008")
    second = certificate(office.renew(7, asked.csr))
    assert second.subject == first.subject
    assert second.public_key() == asked.key.public_key()
    assert second.serial_number != first.serial_number
    assert second.not_valid_after_utc == clock.now + 90 * DAY
    assert not any(office.is_revoked(7, serial_of(each)) for each in (first, second))


def test_a_revoked_kiosk_is_refused_for_good_and_may_come_again(
    office: EnrolmentOffice, clock: Clock
) -> None:
    stolen = serial_of(certificate(enrolled(office).certificate))
    pending = invited(office)
    assert office.revoke(7)
    assert office.is_revoked(7, stolen)
    refused(problems.NOT_INVITED, lambda: office.enrol(7, pending, request().csr, HERE))
    again = serial_of(certificate(enrolled(office).certificate))
    clock.now += DAY
    renewed = serial_of(certificate(office.renew(7, request().csr)))
    for good in (again, renewed):
        assert not office.is_revoked(7, good)
        assert office.is_revoked(8, good), "somebody else's certificate"
    assert office.is_revoked(7, stolen)
    assert office.is_revoked(7, None)
    assert office.is_revoked(7, "ABCDEF"), "issued by an earlier release, before the revocation"
    assert not office.is_revoked(8, "ABCDEF"), "issued by an earlier release"


def test_after_a_revocation_a_clock_that_went_back_does_no_harm(
    office: EnrolmentOffice, clock: Clock
) -> None:
    stolen = serial_of(certificate(enrolled(office).certificate))
    office.revoke(7)
    clock.now -= 30 * DAY
    again = serial_of(certificate(enrolled(office).certificate))
    assert office.is_revoked(7, stolen)
    assert not office.is_revoked(7, again)


def test_a_revocation_reaches_a_running_server_within_seconds(office: EnrolmentOffice, store: Store) -> None:
    serial = serial_of(certificate(enrolled(office).certificate))
    moment = [0.0]
    running = Revocations(store, lambda: moment[0])
    assert not running.is_revoked(7, serial)
    office.revoke(7)
    assert not running.is_revoked(7, serial), "remembered for a moment: it is asked for every request"
    moment[0] = REMEMBERED_S
    assert running.is_revoked(7, serial)


def test_what_never_was_cannot_be_revoked(office: EnrolmentOffice) -> None:
    assert not office.revoke(7)
    invited(office)
    assert office.revoke(7), "its code is withdrawn"
    assert office.listed() == []


def test_the_list_shows_who_is_invited_and_how_long_certificates_last(
    office: EnrolmentOffice, clock: Clock
) -> None:
    enrolled(office)
    clock.now += 10 * DAY
    office.renew(7, request().csr)
    office.invite(8, DAY)
    seven, eight = office.listed()
    assert (seven.kiosk, seven.not_after, seven.invited_until) == (7, clock.now + 90 * DAY, None)
    assert (eight.kiosk, eight.not_after, eight.invited_until) == (8, None, clock.now + DAY)


def test_a_certificate_never_outlives_its_authority(office: EnrolmentOffice, clock: Clock) -> None:
    end = certificate(office.authority_certificate()).not_valid_after_utc
    clock.now = end - DAY
    assert certificate(enrolled(office).certificate).not_valid_after_utc == end


def test_what_is_kept_of_a_code_does_not_tell_it(office: EnrolmentOffice, store: Store) -> None:
    secret = invited(office)
    with store.reading() as db:
        kept = list(db.exec_driver_sql("SELECT * FROM invitations"))
    assert secret not in str(kept)
    assert len(bytes(kept[0].secret)) == 32


def test_without_a_key_set_nobody_is_invited(
    centre: Centre, store: Store, keyring: Keyring, clock: Clock
) -> None:
    empty = Keyring(keyring.material.model_copy(update={"key_set": None}))
    office = EnrolmentOffice(store, empty, Authority.load(centre.directory), clock)
    with pytest.raises(Exception, match="no key set has been published"):
        office.invite(7, DAY)


def test_codes_are_as_the_page_says_and_as_kiosks_read_them() -> None:
    code = codes.Code(7, "0123456789AB", "CDEFGHJKMNPQRSTV")
    text = str(code)
    assert text.startswith("0007-0123-4567-89AB-CDEF-GHJK-MNPQ-RSTV-")
    read = parse_code(text.lower().replace("-", " "))
    assert (read.kiosk, read.secret) == (code.kiosk, code.secret)
    standard = base64.b32encode(hashlib.sha256(b"any").digest()[:10]).decode()
    alphabets = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    assert codes.fingerprint(b"any") == standard.translate(str.maketrans(*alphabets))
    assert len({codes.new_secret() for _ in range(100)}) == 100
