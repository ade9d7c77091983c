"""Codes, passes and their QR codes, as the force makes them; about 3 s."""

import datetime as dt
import json
from pathlib import Path

import pytest
import segno
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from central.cli import app
from central.keys import locked
from central.keys.development import PASSPHRASE
from central.keys.keyset import KeySetError
from central.technicians import credentials, pins
from central.technicians.credentials import LONGEST_PASS, Reach, Technicians, read_list
from central.technicians.files import LIST, PASSES

NOW = dt.datetime(2026, 11, 22, 8, 0, tzinfo=dt.UTC)
PIN = "739214"


def run(*words: str, typed: str = "", fails: bool = False) -> str:
    result = CliRunner().invoke(app, list(words), input=typed)
    assert (result.exit_code != 0) is fails, result.output
    return result.output


@pytest.fixture
def house(tmp_path: Path) -> Path:
    run("init", str(tmp_path / "centre"))
    return tmp_path / "centre"


@pytest.mark.parametrize(
    ("pin", "why"),
    [
        ("12345", "digits"),
        ("1234567890123", "digits"),
        ("73921a", "digits"),
        ("７３９２１４", "digits"),
        ("111111", "few"),
        ("121212", "few"),
        ("123456", "counts up"),
        ("987654", "counts up"),
        ("901234", "counts up"),
        ("135791", "steps"),
        ("123123", "repeats"),
        ("112233", "repeats"),
        ("123321", "repeats"),
        ("250687", "date"),
        ("870625", "date"),
        ("19870625", "date"),
        ("25061987", "date"),
        ("810042", "number"),
        (PIN, ""),
        ("80417395", ""),
    ],
)
def test_weak_pins_are_refused(pin: str, why: str) -> None:
    assert why in pins.weakness(pin, "T0042", 6)
    assert bool(pins.weakness(pin, "T0042", 6)) is bool(why)


def test_drawn_pins_are_never_weak() -> None:
    drawn = {pins.draw("T0042", digits) for digits in (6, 8) for _ in range(300)}
    assert len(drawn) > 590
    assert not any(pins.weakness(pin, "T0042", 6) for pin in drawn)


def test_a_list_grows_shrinks_and_counts_its_versions() -> None:
    key = Ed25519PrivateKey.generate()
    keys = {locked.PublicKey.of(key.public_key()).kid: key.public_key()}
    verifier = pins.Verifier(bytes(16), bytes(32))
    first = (
        Technicians().with_technician("T0002", verifier, Reach()).with_technician("T0001", verifier, Reach())
    )
    read = read_list(first.signed(key, NOW), keys)
    assert ([each.code for each in read.technicians], read.version) == (["T0001", "T0002"], 1)
    revoked = read.without_technician("T0001").without_pass("old", int(NOW.timestamp()) - 1)
    revoked = revoked.without_pass("new", int(NOW.timestamp()) + 60)
    second = read_list(revoked.signed(key, NOW), keys)
    assert (second.version, list(second.revoked_passes)) == (2, ["new"])
    with pytest.raises(KeySetError):
        read_list(first.signed(Ed25519PrivateKey.generate(), NOW), keys)
    with pytest.raises(KeySetError):
        read.without_technician("T9999")


@pytest.mark.parametrize(
    ("code", "reach", "days"),
    [
        ("42", Reach(kiosks=(1,)), 14),
        ("T0042", Reach(), 14),
        ("T0042", Reach(kiosks=(1,), group="mtr"), 14),
        ("T0042", Reach(group="MTR East!"), 14),
        ("T0042", Reach(kiosks=(1,)), 61),
        ("T0042", Reach(kiosks=(1,)), 0),
        ("T0042", Reach(kiosks=tuple(range(1000, 1100))), 14),
    ],
)
def test_no_pass_is_issued_that_no_kiosk_would_take(code: str, reach: Reach, days: int) -> None:
    with pytest.raises(KeySetError):
        credentials.issue(
            Ed25519PrivateKey.generate(), code, pins.Verifier(bytes(16), bytes(32)), reach, NOW, days
        )


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_a_pass_is_a_picture_and_a_pin(house: Path, tmp_path: Path, ending: str) -> None:
    picture = tmp_path / f"pass.{ending}"
    words = ("technician", "pass", "T0042", "--kiosk", "1", "--out", str(picture), "--centre", str(house))
    said = run(*words, typed=f"{PASSPHRASE}\n")
    assert "shown once: " in said
    assert picture.stat().st_mode & 0o777 == 0o600
    (noted,) = [json.loads(line) for line in (house / PASSES).read_text().splitlines()]
    assert noted["pass_id"] in said
    assert "token" not in noted
    listed = run("technician", "list", "--centre", str(house))
    assert noted["pass_id"] in listed
    run("technician", "revoke-pass", "--centre", str(house), "--", noted["pass_id"], typed=f"{PASSPHRASE}\n")
    assert "revoked" in run("technician", "list", "--centre", str(house))


def test_the_name_of_a_pass_is_never_an_option(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter((b"\xfb" * 8, b"\xf8" * 8, b"\x10" * 8))
    monkeypatch.setattr("os.urandom", lambda _size: next(drawn))
    verifier = pins.Verifier(bytes(16), bytes(32))
    key = Ed25519PrivateKey.generate()
    assert credentials.issue(key, "T0042", verifier, Reach(kiosks=(1,)), NOW, 60).pass_id == "EBAQEBAQEBA"


def test_what_is_scanned_is_the_pass(tmp_path: Path) -> None:
    """The picture is read back by the kiosk's own reader."""
    from devices.camera.codes import read_file

    key = Ed25519PrivateKey.generate()
    issued = credentials.issue(
        key, "T0042", pins.Verifier(bytes(16), bytes(32)), Reach(kiosks=tuple(range(1, 41))), NOW, 60
    )
    assert len(issued.token) <= LONGEST_PASS
    segno.make(issued.token, error="m", micro=False).save(str(tmp_path / "pass.png"), scale=6, border=4)
    assert [code.payload for code in read_file(tmp_path / "pass.png")] in (
        [issued.token],
        [issued.token.encode()],
    )


def test_wrong_words_change_nothing(house: Path, tmp_path: Path) -> None:
    there = ("--centre", str(house))
    right, wrong = f"{PASSPHRASE}\n", "not the passphrase\n"
    out = ("--out", str(tmp_path / "pass.png"))
    run("technician", "add", "T0042", *there, typed=wrong, fails=True)
    run("technician", "add", "0042", *there, typed=right, fails=True)
    run("technician", "add", "T0042", "--own-pin", *there, typed=f"{right}123456\n123456\n", fails=True)
    run("technician", "remove", "T0042", *there, typed=right, fails=True)
    run("technician", "revoke-pass", "nothing", *there, typed=right, fails=True)
    run("technician", "authority", *there, fails=True)
    run("technician", "pass", "T0042", *out, *there, typed=right, fails=True)
    run("technician", "pass", "T0042", "--kiosk", "1", "--out", "pass.gif", *there, typed=right, fails=True)
    assert not (house / LIST).exists()
    assert not (house / PASSES).exists()
    assert not (tmp_path / "pass.png").exists()
    assert PIN not in run("technician", "add", "T0042", "--own-pin", *there, typed=f"{right}{PIN}\n{PIN}\n")
    text = (house / LIST).read_text()
    assert text.count(".") == 2


def test_a_force_with_offline_roots_names_its_key_in_a_key_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locked, "COST", 2)
    monkeypatch.chdir(tmp_path)
    root, authority = "first custodian 一", "keeper of passes 三"
    run("root", "new", "offline", "--count", "1", typed=f"{root}\n{root}\n")
    run("init", "centre", "--roots", "offline/roots.json")
    run("keys", "draft", "draft.json", "--technicians", "--centre", "centre", fails=True)
    run("technician", "authority", "--centre", "centre", typed="short\nshort\n", fails=True)
    run("technician", "authority", "--centre", "centre", typed=f"{authority}\n{authority}\n")
    said = run("keys", "draft", "draft.json", "--technicians", "--centre", "centre")
    fingerprint = said.split("Fingerprint: ")[1].split()[0]
    (key,) = Path("offline").glob("root-*.json")
    sign = ("root", "sign", "draft.json", "--root", str(key), "--out", "signed.jws")
    run(*sign, typed=f"{fingerprint}\n{root}\n")
    assert "technicians" in run("keys", "publish", "signed.jws", "--centre", "centre")
    kid = locked.read_technician(Path("centre/technician-authority.json")).kid
    again = run("keys", "draft", "next.json", "--centre", "centre")
    assert f"{kid}  technicians" in again  # it stays, until it is named
    assert kid not in run("keys", "draft", "next.json", "--without", kid, "--centre", "centre")


def test_a_key_set_without_technicians_is_as_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locked, "COST", 2)
    monkeypatch.chdir(tmp_path)
    run("root", "new", "offline", "--count", "1", typed="first custodian 一\nfirst custodian 一\n")
    run("init", "centre", "--roots", "offline/roots.json")
    run("keys", "draft", "draft.json", "--centre", "centre")
    assert "technician_keys" not in json.loads(Path("draft.json").read_text())
