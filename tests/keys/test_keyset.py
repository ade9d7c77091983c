"""Key sets: what is accepted, what is refused, and that a kiosk goes on with what it has."""

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.post import jws
from kiosk.post.keyset import (
    Installed,
    KeySet,
    NewestKeySet,
    Refusal,
    install_key_set,
    load_key_set,
    parse,
    parse_roots,
)

DAY = 86_400.0
HYBRID = "MLKEM768-X25519/HKDF-SHA256/AES-256-GCM"
CLASSIC = "X25519/HKDF-SHA256/AES-256-GCM"


@pytest.fixture
def keys(tmp_path: Path, paper_centre: Any) -> Path:
    paper_centre.enrol(tmp_path / "keys")
    return tmp_path / "keys"


def read(centre: Any, token: str) -> KeySet:
    return parse(token, parse_roots(centre.roots()))


# --- installing ---


def test_a_newer_set_is_installed(keys: Path, paper_centre: Any) -> None:
    token = paper_centre.key_set(version=2)
    assert install_key_set(keys, token) == Installed(2)
    assert (keys / "keyset.jws").read_text() == token
    assert load_key_set(keys).version == 2


@pytest.mark.parametrize("version", [1, 4, 5])
def test_what_is_not_newer_is_refused(keys: Path, paper_centre: Any, version: int) -> None:
    install_key_set(keys, paper_centre.key_set(version=5))
    assert install_key_set(keys, paper_centre.key_set(version=version)) is Refusal.NOT_NEWER
    assert load_key_set(keys).version == 5


def test_a_second_root_signs_as_well_as_the_first(keys: Path, paper_centre: Any, new_centre: Any) -> None:
    spare = new_centre()
    both = {"roots": paper_centre.roots()["roots"] + spare.roots()["roots"]}
    (keys / "roots.json").write_text(json.dumps(both))
    assert install_key_set(keys, spare.key_set(version=2)) == Installed(2)


Forge = Callable[[Any], str]


def _with(centre: Any, **changed: Any) -> str:
    token: str = centre.sign({**centre.payload(2), **changed})
    return token


def _sealing(centre: Any, **changed: Any) -> str:
    primary, escrow = centre.payload(2)["sealing"]
    return _with(centre, sealing=[{**primary, **changed}, escrow])


def _cut(token: str, *, at: int) -> str:
    parts = token.split(".")
    parts[at] = parts[at][:-4]
    return ".".join(parts)


NOT_SIGNED: dict[str, Forge] = {
    "nothing": lambda _: "",
    "not a token": lambda _: "CANARY",
    "not text": lambda _: "é.é.é",
    "four parts": lambda centre: centre.key_set(2) + ".AAAA",
    "another root": lambda centre: type(centre)().key_set(2),
    "another root under our name": lambda centre: type(centre)().sign(
        centre.payload(2), kid=centre.roots()["roots"][0]["kid"]
    ),
    "alg none": lambda centre: centre.sign(centre.payload(2), alg="none"),
    "a key of its own": lambda centre: centre.sign(centre.payload(2), kid="mine", jwk={"kty": "OKP"}),
    "a receipt": lambda centre: centre.sign(centre.payload(2), typ="report-receipt"),
    "cut signature": lambda centre: _cut(centre.key_set(2), at=2),
    "cut payload": lambda centre: _cut(centre.key_set(2), at=1),
    "payload of another": lambda centre: ".".join(
        (centre.key_set(2).split(".")[0], centre.key_set(3).split(".")[1], centre.key_set(2).split(".")[2])
    ),
    "kid no text": lambda centre: centre.sign(centre.payload(2), kid=["x"]),
    "a list": lambda centre: centre.sign([centre.payload(2)]),
}


@pytest.mark.parametrize("forge", NOT_SIGNED.values(), ids=NOT_SIGNED)
def test_what_no_root_signed_is_refused(keys: Path, paper_centre: Any, forge: Forge) -> None:
    before = (keys / "keyset.jws").read_bytes()
    assert install_key_set(keys, forge(paper_centre)) is Refusal.NOT_SIGNED
    assert (keys / "keyset.jws").read_bytes() == before


MALFORMED: dict[str, Forge] = {
    "no version": lambda centre: _with(centre, version=None),
    "version 0": lambda centre: _with(centre, version=0),
    "version a text": lambda centre: _with(centre, version="2"),
    "version true": lambda centre: _with(centre, version=True),
    "version without end": lambda centre: _with(centre, version=10**30),
    "no sealing keys": lambda centre: _with(centre, sealing=[]),
    "sealing no list": lambda centre: _with(centre, sealing={"a": 1}),
    "sealing key no object": lambda centre: _with(centre, sealing=["CANARY"]),
    "no primary": lambda centre: _with(centre, sealing=centre.payload()["sealing"][1:]),
    "no receipt keys": lambda centre: _with(centre, receipt_keys=[]),
    "receipt key too short": lambda centre: _with(
        centre, receipt_keys=[{"kid": hashlib.sha256(b"x").hexdigest()[:16], "public": "eA=="}]
    ),
    "public no base64": lambda centre: _sealing(centre, public="CANARY!"),
    "public of another key": lambda centre: _sealing(centre, public=base64.b64encode(bytes(1216)).decode()),
    "public too short": lambda centre: _sealing(
        centre, kid=hashlib.sha256(b"x").hexdigest()[:16], public="eA=="
    ),
    "kid no fingerprint": lambda centre: _sealing(centre, kid="0" * 16),
    "time without zone": lambda centre: _sealing(centre, not_after="2027-01-01T00:00:00"),
    "time with offset": lambda centre: _sealing(centre, not_after="2027-01-01T00:00:00+08:00"),
    "time no date": lambda centre: _sealing(centre, not_after="2027-02-30T00:00:00Z"),
    "time a number": lambda centre: _sealing(centre, not_after=1.5),
    "never valid": lambda centre: _sealing(centre, not_before="2099-01-01T00:00:00Z"),
}


@pytest.mark.parametrize("forge", MALFORMED.values(), ids=MALFORMED)
def test_what_is_signed_but_unusable_is_refused(keys: Path, paper_centre: Any, forge: Forge) -> None:
    before = (keys / "keyset.jws").read_bytes()
    assert install_key_set(keys, forge(paper_centre)) is Refusal.MALFORMED
    assert (keys / "keyset.jws").read_bytes() == before


def test_without_roots_nothing_is_installed(keys: Path, paper_centre: Any) -> None:
    (keys / "roots.json").unlink()
    assert install_key_set(keys, paper_centre.key_set(2)) is Refusal.NO_ROOTS


def test_a_disk_that_is_full_keeps_the_set(
    keys: Path, paper_centre: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert install_key_set(keys, paper_centre.key_set(2)) is Refusal.NOT_WRITTEN
    assert load_key_set(keys).version == 1
    assert len(list(keys.iterdir())) == 6


def test_a_damaged_file_is_mended_by_the_next_set(keys: Path, paper_centre: Any) -> None:
    (keys / "keyset.jws").write_bytes(b"\x00" * 100)
    assert install_key_set(keys, paper_centre.key_set(1)) == Installed(1)


def test_the_file_is_synced_before_it_gets_its_name(
    keys: Path, paper_centre: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    replace = Path.replace

    def renamed(path: Path, target: Path) -> Path:
        calls.append("rename")
        return replace(path, target)

    monkeypatch.setattr("os.fsync", lambda _descriptor: calls.append("sync"))
    monkeypatch.setattr(Path, "replace", renamed)
    install_key_set(keys, paper_centre.key_set(2))
    assert calls == ["sync", "rename", "sync"]


# --- later releases ---


def test_unknown_members_are_ignored(paper_centre: Any) -> None:
    assert read(paper_centre, _with(paper_centre, later={"a": 1})).version == 2
    assert len(read(paper_centre, _sealing(paper_centre, later=[1])).sealing) == 2


@pytest.mark.parametrize(
    "later", [{"suite": "MLKEM1024/later"}, {"role": "witness"}, {"suite": "x", "kid": "?"}]
)
def test_a_release_that_was_rolled_back_passes_over_keys_it_does_not_know(
    paper_centre: Any, later: dict[str, str]
) -> None:
    known = paper_centre.payload(2)["sealing"]
    key_set = read(paper_centre, _with(paper_centre, sealing=[{**known[0], **later}, *known]))
    assert [key.kid for key in key_set.sealing] == [key["kid"] for key in known]


# --- choosing ---


def test_the_valid_key_that_began_last_is_chosen(new_centre: Any, new_pair: Any, now: float) -> None:
    old = new_pair(CLASSIC, not_before=now - 50 * DAY, not_after=now + 500 * DAY)
    new = new_pair(CLASSIC, not_before=now - 5 * DAY, not_after=now + 50 * DAY)
    next_one = new_pair(CLASSIC, not_before=now + DAY, not_after=now + 900 * DAY)
    centre = new_centre(pairs=[old, next_one, new])
    key_set = read(centre, centre.key_set())
    assert key_set.recipients(now).primary.kid == new.kid
    assert key_set.recipients(now + DAY).primary.kid == next_one.kid
    assert key_set.recipients(now - 6 * DAY).primary.kid == old.kid
    assert not key_set.recipients(now).lapsed
    assert len(key_set.recipients(now).keys) == 1


def test_an_escrow_key_that_lapsed_is_used_and_told(new_centre: Any, new_pair: Any, now: float) -> None:
    escrow = new_pair(CLASSIC, role="escrow", not_before=now - 9 * DAY, not_after=now - DAY)
    centre = new_centre(pairs=[escrow, new_pair(HYBRID)])
    recipients = read(centre, centre.key_set()).recipients(now)
    assert [key.role for key in recipients.keys] == ["primary", "escrow"]
    assert recipients.lapsed


@given(at=st.one_of(st.floats(-2e9, 1e11), st.sampled_from([float("-inf"), float("inf")])))
def test_no_clock_is_too_far_off(paper_centre: Any, at: float) -> None:
    recipients = read(paper_centre, paper_centre.key_set()).recipients(at)
    assert [key.role for key in recipients.keys] == ["primary", "escrow"]


# --- a process that goes on ---


def test_a_newer_set_is_used_without_a_restart(keys: Path, paper_centre: Any) -> None:
    newest = NewestKeySet(keys)
    install_key_set(keys, paper_centre.key_set(7))
    assert newest.get().version == 7


@pytest.mark.parametrize("harm", [Path.unlink, lambda path: path.write_bytes(b"torn")])
def test_a_set_that_is_gone_does_not_take_the_last_good_one_away(
    keys: Path, harm: Callable[[Path], object], said: list[str]
) -> None:
    newest = NewestKeySet(keys)
    harm(keys / "keyset.jws")
    assert newest.get().version == 1
    assert said == ["key_set_unreadable"]


def test_a_payload_that_nests_without_end_is_not_signed() -> None:
    deep = base64.urlsafe_b64encode(b"[" * 50_000).decode().rstrip("=")
    with pytest.raises(jws.NotSignedError):
        jws.verify(f"{deep}.{deep}.AAAA", {})
