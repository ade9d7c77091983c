"""A thousand random orders of rotation, lapse, outage, clock jumps, old key sets: never refused or wrong."""

from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.post import jws, keyset
from kiosk.post.keys import KEY_SET
from kiosk.post.keyset import KeySet, Recipients, Role, SealingKey
from tests.prove.keys.orders import Kiosk, Violation, prove
from tests.prove.scale import seed, size


@pytest.fixture(autouse=True)
def no_sync(monkeypatch: pytest.MonkeyPatch) -> None:
    """What survives a power cut is proven elsewhere; here it would only cost time."""
    monkeypatch.setattr("os.fsync", lambda _descriptor: None)


def test_every_order_seals_to_the_right_keys(tmp_path: Path) -> None:
    prove(size(1_000, 100_000), seed(), tmp_path / "keys")


# --- planted bugs ---


class _Choosing(Kiosk):
    """Chooses keys in a way of its own."""

    def recipients(self, now: float) -> Recipients:
        key_set = self.key_set.get()
        by_role = [[key for key in key_set.sealing if key.role is role] for role in Role]
        keys = tuple(self.best(keys, now) for keys in by_role if keys)
        return Recipients(keys, lapsed=not all(key.valid(now) for key in keys))

    def best(self, keys: list[SealingKey], now: float) -> SealingKey:
        raise NotImplementedError


class TakesTheFirst(_Choosing):
    def best(self, keys: list[SealingKey], now: float) -> SealingKey:  # noqa: ARG002 - the bug
        return keys[0]


class TakesTheOldestValid(_Choosing):
    def best(self, keys: list[SealingKey], now: float) -> SealingKey:
        valid = [key for key in keys if key.valid(now)]
        ends_last = max(keys, key=lambda key: key.not_after)
        return min(valid, key=lambda key: key.not_before) if valid else ends_last


class TakesTheNewestOfTheLapsed(_Choosing):
    def best(self, keys: list[SealingKey], now: float) -> SealingKey:
        return max([key for key in keys if key.valid(now)] or keys, key=lambda key: key.not_before)


class IsValidAtItsEnd(_Choosing):
    def best(self, keys: list[SealingKey], now: float) -> SealingKey:
        valid = [key for key in keys if key.not_before <= now <= key.not_after]
        ends_last = max(keys, key=lambda key: key.not_after)
        return max(valid, key=lambda key: key.not_before) if valid else ends_last


class RefusesWithoutAValidKey(Kiosk):
    def recipients(self, now: float) -> Recipients:
        recipients = super().recipients(now)
        if recipients.lapsed:
            raise ValueError("no valid key")
        return recipients


class NeverAlarms(Kiosk):
    def recipients(self, now: float) -> Recipients:
        return replace(super().recipients(now), lapsed=False)


class ForgetsTheEscrow(Kiosk):
    def recipients(self, now: float) -> Recipients:
        recipients = super().recipients(now)
        return replace(recipients, keys=recipients.keys[:1])


class ReadsKeysOnlyAtTheStart(Kiosk):
    def start(self) -> None:
        super().start()
        self.known: KeySet = self.key_set.get()

    def recipients(self, now: float) -> Recipients:
        return self.known.recipients(now)


class TakesOlderSets(Kiosk):
    def install(self, token: str) -> None:
        try:
            keyset.parse(token, keyset.load_roots(self.keys))
        except jws.NotSignedError:
            return
        (self.keys / KEY_SET).write_text(token)


class TakesSetsOfStrangers(Kiosk):
    def install(self, token: str) -> None:
        (self.keys / KEY_SET).write_text(token)


@pytest.mark.parametrize(
    ("bug", "found"),
    [
        (TakesTheFirst, "wrong keys"),
        (TakesTheOldestValid, "wrong keys"),
        (TakesTheNewestOfTheLapsed, "wrong keys"),
        (IsValidAtItsEnd, "wrong keys"),
        (RefusesWithoutAValidKey, "refused: ValueError"),
        (NeverAlarms, "no alarm"),
        (ForgetsTheEscrow, "wrong keys"),
        (ReadsKeysOnlyAtTheStart, "wrong keys|not in the newest known set"),
        (TakesOlderSets, "wrong keys|not in the newest known set"),
        (TakesSetsOfStrangers, "refused: KeyProblem|not in the newest known set|wrong keys"),
    ],
)
def test_a_planted_bug_is_found(tmp_path: Path, bug: type[Kiosk], found: str) -> None:
    with pytest.raises(Violation, match=found):
        prove(size(200, 2_000), seed(), tmp_path / "keys", bug)
