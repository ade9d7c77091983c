"""What the screen makes of fetched bundles: checked in the real child process, on a real disk; about 15 s."""

import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from config.event_names import Event
from config.settings import Settings
from flows.loading.pack_loader import load_packs
from kiosk.bundles import check as bundle_check
from kiosk.bundles import desk as bundles
from kiosk.bundles.check import look, packs_folder
from kiosk.bundles.desk import FAILURES, PackDesk
from kiosk.bundles.shelf import PackShelf
from kiosk.bundles.slow_checks import LONGEST_LOOK_S, LONGEST_RETRY_S, LOOK_S, RETRY_S, SlowChecks
from kiosk.development.parts import environment_of
from kiosk.post import pack_bundle
from kiosk.post.keyset import load_key_set
from kiosk.post.pack_ledger import SHIPPED, Refused, read_ledger
from tests.bundles.conftest import Force, fetched
from tests.prove import scale

Files = Mapping[str, bytes]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Event, dict[str, Any]]]:
    said: list[tuple[Event, dict[str, Any]]] = []
    monkeypatch.setattr(bundles, "log", lambda event, **fields: said.append((event, fields)))
    return said


@pytest.fixture
def desk(
    settings: Settings, force: Force, told: object, monkeypatch: pytest.MonkeyPatch
) -> Iterator[PackDesk]:
    """A desk that looks in this process: quicker, and where bugs are planted."""
    assert force
    assert told is not None
    one = PackDesk(settings)

    def look_here() -> None:
        found = look(settings)
        refused = None if found.refused is None else found.refused.model_dump()
        one._take([json.dumps({"usable": found.usable, "refused": refused}).encode()])

    monkeypatch.setattr(one, "_start_look", look_here)
    yield one
    one.close()


def real_desk(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> PackDesk:
    """A desk whose child process is as in service."""
    for name, value in environment_of(settings).items():
        monkeypatch.setenv(name, value)
    return PackDesk(settings)


WITHIN_S = 30.0


def until(desk: PackDesk, condition: Callable[[], bool]) -> None:
    end = time.monotonic() + WITHIN_S
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        desk.turn()
        time.sleep(0.02)


def with_mistake(files: Files) -> dict[str, bytes]:
    path = "packs/bicycle/texts/en.yaml"
    return {**files, path: files[path] + b"\nnonsense: x\n"}


def reworded(files: Files, words: bytes) -> dict[str, bytes]:
    path = "packs/bicycle/texts/en.yaml"
    return {**files, path: files[path] + b"# " + words + b"\n"}


def test_a_fetched_bundle_is_unpacked_checked_and_used(
    settings: Settings, force: Force, bicycle: Files, told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = real_desk(settings, monkeypatch)
    assert desk.verified() == SHIPPED
    fetched(settings, force.sign(bicycle, 5))
    until(desk, lambda: desk.current == 5)
    assert desk.options(desk.verified()) == ["--packs", "5"]
    assert load_packs(["bicycle"], packs_folder(settings, 5))["bicycle"].name == "bicycle"
    assert told == [(Event.PACK_BUNDLE_SWITCHED, {"bundle": 5})]
    again = PackDesk(settings)
    assert again.verified() == 5, "at once after a restart, before anything was looked at"
    desk.close()


def test_one_bad_pack_refuses_the_whole_bundle_with_its_line(
    desk: PackDesk, settings: Settings, force: Force, bicycle: Files, told: Any
) -> None:
    fetched(settings, force.sign(bicycle, 5))
    desk.turn()
    fetched(settings, force.sign(with_mistake(bicycle), 6))
    desk.turn()
    refused = read_ledger(settings.paths.packs).refused
    assert desk.verified() == 5
    assert refused is not None
    assert (refused.number, refused.reason) == (6, "mistakes")
    assert any("bicycle/texts/en.yaml:" in each and "Remedy" in each for each in refused.mistakes)
    assert (Event.PACK_BUNDLE_REFUSED, {"bundle": 6, "packs_refusal": "mistakes"}) in told
    fetched(settings, force.sign(reworded(bicycle, b"mended"), 7))
    desk.turn()
    assert desk.verified() == 7
    assert read_ledger(settings.paths.packs).refused is None


@pytest.mark.parametrize("number", [4, 5])
def test_nothing_older_comes_back_by_replay(
    desk: PackDesk, settings: Settings, force: Force, bicycle: Files, number: int
) -> None:
    fetched(settings, force.sign(bicycle, 5))
    desk.turn()
    fetched(settings, force.sign(reworded(bicycle, b"older"), number))
    desk.turn()
    refused = read_ledger(settings.paths.packs).refused
    assert desk.verified() == 5
    assert refused is not None
    assert refused.reason == "not_newer"
    (settings.paths.packs / "ledger.json").unlink()
    assert look(settings).usable[0][0] == 5, "a lost ledger changes nothing"


def test_what_the_courier_forges_is_not_asked(
    desk: PackDesk, settings: Settings, force: Force, bicycle: Files
) -> None:
    fetched(settings, force.sign(bicycle, 5))
    desk.turn()
    data = bytearray(force.sign(reworded(bicycle, b"forged"), 6))
    data[-3] ^= 1
    fetched(settings, bytes(data))
    desk.turn()
    assert desk.verified() == 5
    path = PackShelf(settings.paths.packs).place(5) / "packs/bicycle/texts/en.yaml"
    path.write_bytes(path.read_bytes() + b"# by hand\n")
    assert desk.verified() == SHIPPED, "what is unpacked is verified whenever a screen starts"


def test_a_damaged_folder_is_unpacked_again(
    desk: PackDesk, settings: Settings, force: Force, bicycle: Files
) -> None:
    fetched(settings, force.sign(bicycle, 5))
    desk.turn()
    (PackShelf(settings.paths.packs).place(5) / "packs/bicycle/pack.yaml").unlink()
    assert desk.verified() == SHIPPED
    desk.turn()
    assert desk.verified() == 5


def test_a_key_set_that_lost_the_key_takes_its_bundles_away(
    desk: PackDesk, settings: Settings, force: Force, bicycle: Files, told: Any
) -> None:
    fetched(settings, force.sign(bicycle, 5))
    desk.turn()
    from central.keys.ceremony import Plan

    force.publish(Plan(without=frozenset({force.kid})))
    force.deliver()
    assert load_key_set(settings.paths.keys).packs == {}
    desk.turn()
    assert desk.verified() == SHIPPED
    assert told[-1] == (Event.PACK_BUNDLE_SWITCHED, {"bundle": SHIPPED})


def test_a_bundle_for_another_release_waits_for_it(
    desk: PackDesk, settings: Settings, force: Force, bicycle: Files
) -> None:
    fetched(settings, force.sign(bicycle, 5, ("90", "99")))
    desk.turn()
    refused = read_ledger(settings.paths.packs).refused
    assert refused is not None
    assert (refused.number, refused.reason, desk.verified()) == (5, "other_release", SHIPPED)


def test_a_bundle_without_what_the_site_offers_is_refused(
    desk: PackDesk, settings: Settings, force: Force, bicycle: Files
) -> None:
    site = settings.site.model_copy(update={"services": ["bicycle", "lost_property", "not_known_at_all"]})
    fetched(settings, force.sign(bicycle, 5))
    found = look(settings.model_copy(update={"site": site}))
    assert found.refused is not None
    assert found.refused.reason == "mistakes"
    assert [each.split(":")[0] for each in found.refused.mistakes] == ["packs/lost_property"]
    assert desk.verified() == SHIPPED


def fail(desk: PackDesk, times: int) -> None:
    for _ in range(times):
        desk.failed(desk.current)


def test_screens_that_fail_before_a_visit_ended_roll_back(
    desk: PackDesk, settings: Settings, force: Force, bicycle: Files, told: Any
) -> None:
    fetched(settings, force.sign(bicycle, 5))
    desk.turn()
    desk.settled(5)
    fail(desk, 2 * FAILURES)
    assert desk.verified() == 5, "proven: what fails now has another cause"
    fetched(settings, force.sign(reworded(bicycle, b"worse"), 6))
    desk.turn()
    fail(desk, FAILURES - 1)
    assert desk.verified() == 6
    again = PackDesk(settings)
    again._usable = desk._usable
    again.failed(6)
    assert again.verified() == 5, "also when the host itself was started anew in between"
    assert (Event.PACK_BUNDLE_ROLLED_BACK, {"bundle": 6}) in told
    third = PackDesk(settings)
    assert third.verified() == 5
    assert [number for number, _ in look(settings).usable] == [5]
    refused = read_ledger(settings.paths.packs).refused
    assert refused is not None
    assert (refused.number, refused.reason) == (6, "screens_failed")


def test_a_check_that_dies_costs_its_bundle_and_no_other(
    settings: Settings, force: Force, bicycle: Files, told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched(settings, force.sign(bicycle, 5))
    desk = real_desk(settings, monkeypatch)
    until(desk, lambda: desk.current == 5)
    fetched(settings, force.sign(reworded(bicycle, b"deadly"), 6))
    code = (
        "from kiosk.bundles import check as c; import os; old = c.examine\n"
        "c.examine = lambda folder, s: os.abort() if folder.name == '6' else old(folder, s)\n"
        "raise SystemExit(c.main())"
    )
    desk._command = (sys.executable, "-P", "-c", code)
    until(desk, lambda: (Event.PACK_BUNDLE_REFUSED, {"bundle": 6, "packs_refusal": "check_failed"}) in told)
    until(desk, lambda: desk._looking is None and desk.current == 5)
    desk.close()


def test_a_check_that_is_told_to_end_says_nothing_of_its_bundle(
    settings: Settings, force: Force, bicycle: Files, told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched(settings, force.sign(bicycle, 5))
    desk = real_desk(settings, monkeypatch)
    sound = desk._command
    code = (
        "from kiosk.bundles import check as c; import os, signal\n"
        "c.examine = lambda folder, s: os.kill(os.getpid(), signal.SIGTERM)\n"
        "raise SystemExit(c.main())"
    )
    desk._command = (sys.executable, "-P", "-c", code)  # as a service manager ends all processes of a service
    until(desk, lambda: desk._looking is not None)
    desk._command = sound
    until(desk, lambda: desk.current == 5)
    assert [event for event, _ in told] == [Event.PACK_BUNDLE_SWITCHED]
    assert not read_ledger(settings.paths.packs).set_aside


# A check that takes too long says nothing

SLOW = (
    "from kiosk.bundles import check as c; import sys, time; old = c.examine\n"
    "c.examine = lambda folder, s: time.sleep(60) if folder.name == '6' else old(folder, s)\n"
    "raise SystemExit(c.main())"
)


class Busy:
    """A desk on a machine that never gets to check bundle 6, by a clock that a test turns."""

    def __init__(self, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        for name, value in environment_of(settings).items():
            monkeypatch.setenv(name, value)
        self.settings = settings
        self.desk = PackDesk(settings, clock=lambda: self.now)
        self.sound = self.desk._command

    def is_slow(self, *, slow: bool) -> None:
        self.desk._command = (sys.executable, "-P", "-c", SLOW) if slow else self.sound

    def too_long(self) -> None:
        """The look that runs takes too long over its bundle."""
        until(self.desk, lambda: self._is_examining(6))
        assert self.desk._looking is not None
        self.now = self.desk._looking[2]
        until(self.desk, lambda: self.desk._looking is None)

    def settle(self) -> None:
        """Until the desk has nothing to do."""
        self.desk.turn()
        until(self.desk, lambda: self.desk._looking is None)

    def _is_examining(self, number: int) -> bool:
        if self.desk._looking is None:
            return False
        said = os.pread(self.desk._looking[1].fileno(), 10_000, 0).splitlines()
        return bool(said) and json.loads(said[-1]).get("examining", [0])[0] == number


@pytest.fixture
def busy(
    settings: Settings, force: Force, bicycle: Files, told: object, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Busy]:
    assert told is not None
    fetched(settings, force.sign(bicycle, 5))
    one = Busy(settings, monkeypatch)
    until(one.desk, lambda: one.desk.current == 5)
    fetched(settings, force.sign(reworded(bicycle, b"slow"), 6))
    one.is_slow(slow=True)
    yield one
    one.desk.close()


def check_slow(busy: Busy, told: Any) -> None:
    for _ in range(3):
        busy.too_long()
        busy.settle()  # the others are looked at without it
        assert busy.desk.verified() == 5
        busy.desk.turn()
        assert busy.desk._looking is None, "not again and again at once"
        busy.now += LONGEST_RETRY_S
    refused = read_ledger(busy.settings.paths.packs).refused
    assert refused is not None
    assert (refused.number, refused.reason) == (6, "check_slow")
    assert not read_ledger(busy.settings.paths.packs).set_aside
    assert told.count((Event.PACK_BUNDLE_REFUSED, {"bundle": 6, "packs_refusal": "check_slow"})) == 1
    busy.is_slow(slow=False)
    until(busy.desk, lambda: busy.desk.current == 6)
    assert busy.desk.verified() == 6
    assert read_ledger(busy.settings.paths.packs).refused is None


def test_a_check_that_takes_too_long_is_tried_again(busy: Busy, told: Any) -> None:
    check_slow(busy, told)


def test_a_bundle_in_use_stays_while_its_check_is_slow(busy: Busy, told: Any) -> None:
    busy.is_slow(slow=False)
    until(busy.desk, lambda: busy.desk.current == 6)
    busy.desk._seen = None  # another key set came: everything is looked at again
    busy.is_slow(slow=True)
    busy.too_long()
    busy.settle()
    assert busy.desk.verified() == 6
    assert [event for event, _ in told] == [Event.PACK_BUNDLE_SWITCHED] * 2  # from 0 to 5 to 6, never back


def test_a_slow_bundle_holds_up_no_newer_one(busy: Busy, force: Force, bicycle: Files) -> None:
    busy.too_long()
    busy.settle()
    fetched(busy.settings, force.sign(reworded(bicycle, b"newer"), 7))
    until(busy.desk, lambda: busy.desk.current == 7)


def test_each_try_waits_longer_and_has_longer_up_to_a_bound() -> None:
    now = [0.0]
    slow = SlowChecks(lambda: now[0])
    waits, patience = [], []
    for _ in range(20):
        patience.append(slow.begin())
        slow.note(Refused(number=6, digest="six", reason="check_slow"))
        assert slow.begin() == LOOK_S
        assert slow.left_out == {"six"}
        began = now[0]
        while not slow.is_due:
            now[0] += 60
        waits.append(now[0] - began)
    assert (patience[0], waits[0]) == (LOOK_S, RETRY_S)
    assert sorted(waits) == waits
    assert waits[-1] == LONGEST_RETRY_S
    assert sorted(patience) == patience
    assert patience[-1] == LONGEST_LOOK_S
    slow.begin()
    slow.settle()
    assert not slow.is_due
    assert slow.refused == ()


def test_a_look_that_got_to_no_bundle_is_tried_again() -> None:
    now = [0.0]
    slow = SlowChecks(lambda: now[0])
    slow.begin()
    slow.note(Refused(number=SHIPPED, reason="check_slow"))
    assert not slow.is_due
    now[0] += RETRY_S
    assert slow.is_due
    assert slow.refused == ()


def test_a_full_disk_leaves_what_there_was(
    desk: PackDesk, settings: Settings, force: Force, bicycle: Files
) -> None:
    fetched(settings, force.sign(bicycle, 5))
    desk.turn()
    large = {**bicycle, "lists/long.yaml": b"# " + b"x" * 200_000 + b"\n"}
    fetched(settings, force.sign(large, 6))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # the write fails in the middle, as on a full disk
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, before[1]))
    try:
        found = look(settings)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, old)
    assert found.refused is not None
    assert found.refused.reason == "no_room"
    assert [number for number, _ in found.usable] == [5]
    assert sorted(path.name for path in settings.paths.packs.iterdir()) == ["5", "ledger.json"]


def killed_looks(settings: Settings, force: Force, files: Files, tries: int) -> Iterator[str]:
    """`kill -9` at drawn points of unpacking and tidying: what is wrong afterwards, in words."""
    draw = random.Random(scale.seed())  # noqa: S311
    environment = {**os.environ, **environment_of(settings)}
    for number in range(6, 6 + tries):
        fetched(settings, force.sign(reworded(files, b"v%d" % number), number))
        point = draw.randrange(1, 60)
        code = (
            "import os, signal, sys\n"
            "from kiosk.bundles import check as bundle_check\n"
            "left = int(sys.argv[1])\n"
            "def count(event, args):\n"
            "    global left\n"
            f"    if event in {('os.mkdir', 'os.rename', 'os.remove', 'os.rmdir')!r} or (\n"
            "        event == 'open' and str(args[0]).startswith(sys.argv[2])):\n"
            "        left -= 1\n"
            "        if left < 0: os.kill(os.getpid(), signal.SIGKILL)\n"
            "sys.addaudithook(count)\n"
            "raise SystemExit(bundle_check.main())"
        )
        command = [sys.executable, "-P", "-c", code, str(point), str(settings.paths.packs)]
        done = subprocess.run(command, env=environment, check=False, capture_output=True, timeout=60)
        if done.returncode not in (0, -signal.SIGKILL):
            yield f"the look ended with {done.returncode}"
        signers = load_key_set(settings.paths.keys).packs
        shelf = PackShelf(settings.paths.packs)
        yield from (
            f"kill at {point}: bundle {each} is there and not whole"
            for each in shelf.numbers()
            if shelf.whole(each, signers) is None
        )
        usable = [each for each, _ in look(settings).usable]
        if usable[:1] != [number]:
            yield f"kill at {point}: afterwards {usable} instead of {number}"


def test_a_kill_leaves_the_old_or_the_new_whole(settings: Settings, force: Force, bicycle: Files) -> None:
    fetched(settings, force.sign(bicycle, 5))
    look(settings)
    assert list(killed_looks(settings, force, bicycle, scale.size(4, 200))) == []


# Bugs planted in the product: each is found by what stands above


def _trusts_the_disk(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(PackDesk, "_is_believed", lambda _self, _number, _digest: True)


def _takes_replays(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(bundle_check, "_is_newer", lambda *_: True)


def _skips_the_check(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(bundle_check, "examine", lambda _folder, _settings: ())


def _never_rolls_back(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(bundles, "FAILURES", 10**6)


def _fits_everything(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(pack_bundle.Manifest, "fits", lambda _self, _version: True)


def _leaves_scraps(patched: pytest.MonkeyPatch) -> None:
    patched.setattr("kiosk.bundles.shelf.shutil.rmtree", lambda *_, **__: None)


def _sets_slow_ones_aside(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(PackDesk, "_take_slow", PackDesk._take_failure)


def _tries_at_once(patched: pytest.MonkeyPatch) -> None:
    patched.setattr("kiosk.bundles.slow_checks.RETRY_S", 0.0)


@pytest.mark.parametrize("plant", [_sets_slow_ones_aside, _tries_at_once])
def test_a_bug_planted_in_slow_checks_is_found(
    plant: Callable[[pytest.MonkeyPatch], None], busy: Busy, told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules[__name__], "WITHIN_S", 6.0)
    plant(monkeypatch)
    with pytest.raises(AssertionError):
        check_slow(busy, told)


BUGS: dict[Callable[[pytest.MonkeyPatch], None], Callable[..., None]] = {
    _trusts_the_disk: test_what_the_courier_forges_is_not_asked,
    _skips_the_check: test_one_bad_pack_refuses_the_whole_bundle_with_its_line,
    _never_rolls_back: test_screens_that_fail_before_a_visit_ended_roll_back,
    _fits_everything: test_a_bundle_for_another_release_waits_for_it,
    _leaves_scraps: test_a_full_disk_leaves_what_there_was,
}


@pytest.mark.parametrize("plant", BUGS)
def test_a_planted_bug_is_found(
    plant: Callable[[pytest.MonkeyPatch], None],
    desk: PackDesk,
    settings: Settings,
    force: Force,
    bicycle: Files,
    told: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plant(monkeypatch)
    given = {"desk": desk, "settings": settings, "force": force, "bicycle": bicycle, "told": told}
    given["monkeypatch"] = monkeypatch
    test = BUGS[plant]
    wanted = test.__code__.co_varnames[: test.__code__.co_argcount]
    with pytest.raises(AssertionError):
        test(**{name: given[name] for name in wanted})


def test_a_planted_replay_is_found(
    desk: PackDesk, settings: Settings, force: Force, bicycle: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    _takes_replays(monkeypatch)
    with pytest.raises(AssertionError):
        test_nothing_older_comes_back_by_replay(desk, settings, force, bicycle, 5)
