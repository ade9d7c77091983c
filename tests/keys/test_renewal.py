"""Renewal: when it is due, whatever the clock says, and which answers are believed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.post import renewal
from kiosk.post.certificates import CertificateFault, prepare
from kiosk.post.identity import CertificateLife, certificate_life, client_tls

DAY = renewal.DAY_S
LIFE = CertificateLife(1_000_000.0, 1_000_000.0 + 90 * DAY)
HALF = 1_000_000.0 + 45 * DAY


@pytest.mark.parametrize(
    ("now", "last_try", "due"),
    [
        (HALF - 1, None, False),
        (HALF, None, True),
        (HALF + DAY, HALF + 1, False),
        (HALF + DAY + 1, HALF + 1, True),
        (HALF + 60 * DAY, None, True),  # expired: with a clock that runs ahead it may be good yet
        (HALF + 1, HALF + 20 * 365 * DAY, True),  # the last try was before the clock went back
    ],
)
def test_due_from_half_life_on_once_a_day(now: float, last_try: float | None, due: bool) -> None:
    assert renewal.due(LIFE, now, last_try) is due


@given(start=st.floats(0, 60 * DAY), jump=st.floats(-20 * 365 * DAY, 20 * 365 * DAY))
def test_no_jump_of_the_clock_holds_renewal_up_for_more_than_a_day(start: float, jump: float) -> None:
    tried = HALF + start
    now = max(HALF, tried + jump)
    assert renewal.due(LIFE, now, tried) or renewal.due(LIFE, now + DAY, tried)


def test_what_is_told_of_a_life() -> None:
    assert not renewal.late(LIFE, HALF)
    assert renewal.late(LIFE, LIFE.not_after - 22 * DAY)
    assert not renewal.expired(LIFE, LIFE.not_after - 1)
    assert renewal.expired(LIFE, LIFE.not_after)
    assert renewal.days_left(LIFE, LIFE.not_after - 1.5 * DAY) == 1
    assert renewal.days_left(LIFE, LIFE.not_after + 1) == -1


@pytest.fixture
def keys(tmp_path: Path, paper_centre: Any) -> Path:
    paper_centre.enrol(tmp_path / "keys")
    return tmp_path / "keys"


def test_a_renewal_replaces_the_identity_in_one_file(keys: Path, paper_centre: Any, now: float) -> None:
    before = (keys / "identity.pem").read_bytes()
    request = prepare(7)
    certificate = paper_centre.certify(request.csr, not_after=now + 60 * DAY)
    life = renewal.install(keys, request, certificate, now)
    assert life == certificate_life(keys)
    assert isinstance(life, CertificateLife)
    assert life.not_after == now + 60 * DAY
    assert (keys / "identity.pem").read_bytes() != before
    assert (keys / "identity.pem").stat().st_mode & 0o777 == 0o600
    client_tls(keys)
    assert [path.name for path in keys.iterdir() if path.name.startswith(".")] == []


Answer = Callable[[Any, Any, float], str]


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (lambda _centre, _csr, _now: "CANARY", CertificateFault.UNREADABLE),
        (lambda _centre, _csr, _now: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
         CertificateFault.UNREADABLE),
        (lambda centre, _csr, _now: centre.ca_pem, CertificateFault.UNREADABLE),
        (lambda centre, _csr, _now: centre.certify(prepare(7).csr), CertificateFault.NOT_OURS),
        (lambda centre, csr, _now: centre.certify(csr, kiosk=8), CertificateFault.ANOTHER_KIOSK),
        (lambda centre, csr, _now: type(centre)().certify(csr), CertificateFault.NOT_OF_THE_CENTRE),
        (lambda centre, csr, now: centre.certify(csr, not_before=now - 2 * DAY, not_after=now),
         CertificateFault.EXPIRED),
    ],
)  # fmt: skip
def test_a_wrong_answer_changes_nothing(
    keys: Path, paper_centre: Any, now: float, answer: Answer, fault: CertificateFault
) -> None:
    before = (keys / "identity.pem").read_bytes()
    request = prepare(7)
    assert renewal.install(keys, request, answer(paper_centre, request.csr, now), now) is fault
    assert (keys / "identity.pem").read_bytes() == before


def test_a_disk_that_is_full_changes_nothing(
    keys: Path, paper_centre: Any, now: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    before = {path.name: path.read_bytes() for path in keys.iterdir()}
    request = prepare(7)
    certificate = paper_centre.certify(request.csr)
    monkeypatch.setattr("os.fsync", full)
    assert renewal.install(keys, request, certificate, now) is CertificateFault.NOT_WRITTEN
    assert {path.name: path.read_bytes() for path in keys.iterdir()} == before
