"""Pack bundles from a real centre to real couriers: published by its commands, fetched, told; about 6 s."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from central.cli import app
from central.keys.development import PACKS, PASSPHRASE
from central.packs.offers import Offer, Offers, lot
from central.store import kiosks
from config.event_names import Event
from kiosk.post import packs as product
from kiosk.post.duties import RETRY_S
from kiosk.post.outcomes import Alive, Failure, NoReply, Reply
from kiosk.post.pack_bundle import draft, manifest_of
from kiosk.post.pack_ledger import Ledger, Refused, write_ledger
from kiosk.post.packs import FetchedBundle, PackFetcher


def centre_says(*words: str, typed: str = "") -> str:
    result = CliRunner().invoke(app, ["packs", *words], input=typed)
    assert result.exit_code == 0, result.output
    return result.output


def signed(centre: Path, folder: Path, number: int, words: bytes = b"") -> Path:
    """As its administrator signs it; the packs in it are for the screen to judge."""
    files = {"packs/a/pack.yaml": b"pack: a\n" + words}
    manifest = manifest_of(
        files, number=number, made_at="2026-11-22T08:00:00Z", app_from="0.1", app_below="99"
    )
    unsigned, out = folder / f"{number}.draft", folder / f"{number}.signed"
    unsigned.write_bytes(draft(manifest, files))
    typed = f"{manifest.fingerprint()}\n{PASSPHRASE}\n"
    centre_says("sign", str(unsigned), "--key", str(centre / PACKS), "--out", str(out), typed=typed)
    return out


def test_a_published_bundle_arrives_and_the_centre_knows_who_runs_it(
    centre: Any, new_kiosk: Any, wait_for: Any, tmp_path: Path
) -> None:
    centre.start()
    at = ["--centre", str(centre.directory)]
    first = signed(centre.directory, tmp_path, 3)
    centre_says("group", "canary", "7", *at)
    centre_says("publish", str(first), "--group", "canary", *at)
    few, other = new_kiosk(7), new_kiosk(8)
    paths = few.settings.paths
    paths.packs.mkdir(parents=True)
    write_ledger(paths.packs, Ledger(in_use=2, refused=Refused(number=1, reason="mistakes")))
    for kiosk in (few, other):
        kiosk.start_courier()
    wait_for(lambda: Event.PACK_BUNDLE_FETCHED in few.events())
    assert paths.fetched_packs.read_bytes() == first.read_bytes()
    wait_for(lambda: "kiosk 0008" in centre_says("list", *at))
    listed = centre_says("list", *at)
    assert "kiosk 0007 asks with bundle 2, refused bundle 1" in listed
    assert "kiosk 0008 asks with the packs of its release" in listed
    assert not other.settings.paths.fetched_packs.exists()
    assert stored(centre, 7) == (2, 1)


def stored(centre: Any, number: int) -> tuple[int | None, int | None]:
    with centre._store.reading() as db:
        found = kiosks.find(db, number)
    assert found is not None
    return found.packs_number, found.packs_refused


class Source:
    """The centre, in a test's hands."""

    def __init__(self, *answers: Reply | NoReply | bytes | None) -> None:
        self.answers = list(answers)
        self.known: list[str] = []

    def packs(self, known: str) -> Reply | NoReply | bytes | None:
        self.known.append(known)
        return self.answers.pop(0)

    def close(self) -> None:
        pass


@pytest.fixture
def fetch(new_kiosk: Any) -> Callable[..., tuple[PackFetcher, list[Any], list[float]]]:
    def make(source: Source) -> tuple[PackFetcher, list[Any], list[float]]:
        paths = new_kiosk(7).settings.paths
        told: list[Any] = []
        now = [0.0]
        fetched = FetchedBundle(paths.fetched_packs, paths.keys)
        fetcher = PackFetcher(
            source, fetched, lambda event, **more: told.append((event, more)), lambda: now[0]
        )
        return fetcher, told, now

    return make


def beat(fetcher: PackFetcher, number: int) -> None:
    fetcher.heard(Alive(1, None, number))
    fetcher.attend()


def test_only_newer_ones_are_asked_for_and_refused_ones_not_soon_again(
    centre: Any, fetch: Any, tmp_path: Path
) -> None:
    third, fourth = (signed(centre.directory, tmp_path, each).read_bytes() for each in (3, 4))
    damaged = fourth[:-1] + b"!"
    source = Source(third, damaged, third, fourth)
    fetcher, told, now = fetch(source)
    beat(fetcher, 0)
    assert source.known == []
    beat(fetcher, 3)
    beat(fetcher, 3)
    tag = f'"3-{hashlib.sha256(third).hexdigest()[:16]}"'
    beat(fetcher, 4)
    beat(fetcher, 4)
    assert source.known == ["", tag], "one that was refused is not asked for again at once"
    for _ in range(2):
        now[0] += RETRY_S
        beat(fetcher, 4)
    assert [(event, more.get("packs_refusal")) for event, more in told] == [
        (Event.PACK_BUNDLE_FETCHED, None),
        (Event.PACK_BUNDLE_REFUSED, "malformed"),
        (Event.PACK_BUNDLE_REFUSED, "not_newer"),
        (Event.PACK_BUNDLE_FETCHED, None),
    ]


def test_a_centre_that_asks_for_time_gets_it(fetch: Any) -> None:
    source = Source(Reply(503, retry_after_s=3000), NoReply(Failure.TIMED_OUT), None)
    fetcher, told, now = fetch(source)
    for at, calls in ((0, 1), (RETRY_S, 1), (RETRY_S + 3000, 2), (2 * RETRY_S + 3000, 3)):
        now[0] = at
        beat(fetcher, 9)
        assert len(source.known) == calls
    assert told == []


def test_a_disk_that_takes_nothing_is_told(centre: Any, fetch: Any, tmp_path: Path) -> None:
    source = Source(signed(centre.directory, tmp_path, 3).read_bytes())
    fetcher, told, _ = fetch(source)
    fetcher._fetched._path.parent.mkdir(parents=True)
    fetcher._fetched._path.mkdir()  # a folder stands in its place: it cannot be replaced, not even by root
    beat(fetcher, 3)
    assert told == [(Event.PACK_BUNDLE_REFUSED, {"bundle": 3, "packs_refusal": "not_written"})]


def _believes_anyone(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(product.FetchedBundle, "install", lambda self, data: self._path.write_bytes(data))


def _never_waits(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(product, "RETRY_S", 0.0)


@pytest.mark.parametrize("plant", [_believes_anyone, _never_waits])
def test_a_planted_bug_is_found(
    centre: Any, fetch: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plant: Any
) -> None:
    plant(monkeypatch)
    with pytest.raises((AssertionError, IndexError, FileNotFoundError)):
        test_only_newer_ones_are_asked_for_and_refused_ones_not_soon_again(centre, fetch, tmp_path)


def test_a_rollout_widens_and_never_forgets_a_kiosk() -> None:
    offers = Offers().published(an_offer(1)).published(an_offer(2, percent=10))
    few = {kiosk for kiosk in range(2000) if offers.for_kiosk(kiosk) == offers.offers[1]}
    more = offers.offered(2, None, 50)
    many = {kiosk for kiosk in range(2000) if more.for_kiosk(kiosk) == more.offers[1]}
    assert few < many
    assert 120 < len(few) < 280
    assert 850 < len(many) < 1150
    assert all(offers.for_kiosk(kiosk) == offers.offers[0] for kiosk in set(range(2000)) - few)
    assert {lot(1, kiosk) < 10 for kiosk in few} == {True, False}, "not always the same kiosks come first"
    gone = more.offered(2, None, 0)
    assert gone.for_kiosk(7) == gone.offers[0]
    with pytest.raises(Exception, match="not higher"):
        more.published(an_offer(2))
    with pytest.raises(Exception, match="nobody is in the group"):
        more.offered(2, "canary", 100)


def an_offer(number: int, percent: int = 100) -> Offer:
    about = {"number": number, "sha256": "0" * 64, "made_at": "x", "published_at": "2026-11-22T08:00:00Z"}
    return Offer.model_validate_json(json.dumps({**about, "percent": percent}))
