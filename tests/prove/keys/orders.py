"""Random orders of all that can happen to the keys of a kiosk; in each it must seal, and to the right keys.

Keys are rotated, they lapse, the line is down, the clock jumps by up to twenty years or stands exactly at an
edge, the kiosk starts again, the centre serves an old key set, a stranger serves his own. What the kiosk does
is held against a judgement of its own, made from docs/reference/keyset.md.
"""

import base64
import hashlib
import json
import random
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from kiosk.post.envelope import GENESIS, Sealer, Slot
from kiosk.post.keyset import NewestKeySet, Recipients, install_key_set

DAY = 86_400
START = int(datetime(2026, 11, 21, 8, tzinfo=UTC).timestamp())
YEARS = 20 * 365 * DAY
STEPS = 8
_SUITE = "X25519/HKDF-SHA256/AES-256-GCM"


class Act(StrEnum):
    """What can happen."""

    ROTATE = "rotate"
    TIME_PASSES = "time_passes"
    ALL_LAPSE = "all_lapse"
    CLOCK_JUMPS = "clock_jumps"
    CLOCK_AT_AN_EDGE = "clock_at_an_edge"
    OFFLINE = "offline"
    ONLINE = "online"
    STARTS_AGAIN = "starts_again"
    OLD_SET_SERVED = "old_set_served"
    FORGED_SET_SERVED = "forged_set_served"


class Violation(AssertionError):  # noqa: N818 - what a proof finds
    """A promise was broken; says in which order, so that it can be replayed."""


class Kiosk:
    """The kiosk under proof: the real key set, the real sealer. A planted bug is a subclass."""

    def __init__(self, keys: Path) -> None:
        self.keys = keys
        self.start()

    def start(self) -> None:
        """A process begins."""
        self.key_set = NewestKeySet(self.keys)

    def install(self, token: str) -> None:
        """The courier was given a key set."""
        install_key_set(self.keys, token)

    def recipients(self, now: float) -> Recipients:
        """Whom this kiosk seals to at `now`."""
        return self.key_set.get().recipients(now)

    def choose(self, now: float, *, seal: bool) -> tuple[list[str], bool]:
        """Ids of the keys, from the envelope if one is sealed, and whether there was an alarm."""
        recipients = self.recipients(now)
        if not seal:  # most of the time of a proof would go into sealing
            return [key.kid for key in recipients.keys], recipients.lapsed
        sealed = Sealer(7, recipients.keys).seal(uuid.UUID(int=1), Slot(1, GENESIS), b"{}")
        return [key["kid"] for key in json.loads(sealed.envelope)["keys"]], recipients.lapsed


@dataclass(frozen=True)
class Key:
    """A key as a key set lists it."""

    kid: str
    public: str
    role: str
    begins: int
    ends: int

    def valid(self, now: float) -> bool:
        return self.begins <= now < self.ends


@dataclass(frozen=True)
class Published:
    """A key set as it was signed."""

    version: int
    keys: tuple[Key, ...]
    token: str


@dataclass(frozen=True)
class Root:
    """A root key; the centre's, or a stranger's."""

    private: Ed25519PrivateKey

    @property
    def listed(self) -> dict[str, str]:
        return dict(zip(("kid", "public"), _named(self.private.public_key().public_bytes_raw()), strict=True))

    def sign(self, version: int, keys: Iterable[Key]) -> Published:
        kept = tuple(keys)
        payload = {
            "version": version,
            "issued_at": _time(START),
            "sealing": [
                {
                    "kid": key.kid,
                    "suite": _SUITE,
                    "public": key.public,
                    "role": key.role,
                    "not_before": _time(key.begins),
                    "not_after": _time(key.ends),
                }
                for key in kept
            ],
            "receipt_keys": [self.listed],
        }
        header = {"alg": "EdDSA", "typ": "report-keyset", "kid": self.listed["kid"]}
        signed = f"{_url(json.dumps(header).encode())}.{_url(json.dumps(payload).encode())}"
        return Published(version, kept, f"{signed}.{_url(self.private.sign(signed.encode()))}")


def _named(public: bytes) -> tuple[str, str]:
    return hashlib.sha256(public).hexdigest()[:16], base64.b64encode(public).decode()


def _url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _time(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@cache
def _pool() -> tuple[tuple[str, str], ...]:
    """Public keys to choose from: making them anew in each order would only cost time."""
    return tuple(_named(X25519PrivateKey.generate().public_key().public_bytes_raw()) for _ in range(24))


@cache
def roots() -> tuple[Root, Root]:
    """The centre's root and a stranger's."""
    return Root(Ed25519PrivateKey.generate()), Root(Ed25519PrivateKey.generate())


class Order:
    """One random order, from its seed."""

    def __init__(self, seed: str, keys: Path, kiosk: Callable[[Path], Kiosk]) -> None:
        self._seed = seed
        self._chance = random.Random(seed)  # noqa: S311 - a proof is replayed by its seed
        self._root, self._stranger = roots()
        self._true_time = START
        self._clock_error = 0
        self._online = True
        self._done: list[Act] = []
        self._published = [self._new_set(1)]
        self._known = self._published[0]
        keys.mkdir(exist_ok=True)
        (keys / "roots.json").write_text(json.dumps({"roots": [self._root.listed]}))
        (keys / "keyset.jws").write_text(self._known.token)
        self._kiosk = kiosk(keys)
        self._acts: Mapping[Act, Callable[[], None]] = {
            Act.ROTATE: self._rotate,
            Act.TIME_PASSES: self._time_passes,
            Act.ALL_LAPSE: self._all_lapse,
            Act.CLOCK_JUMPS: self._clock_jumps,
            Act.CLOCK_AT_AN_EDGE: self._clock_at_an_edge,
            Act.OFFLINE: self._go_offline,
            Act.ONLINE: self._go_online,
            Act.STARTS_AGAIN: self._kiosk.start,
            Act.OLD_SET_SERVED: self._serve_old_set,
            Act.FORGED_SET_SERVED: self._serve_forged_set,
        }

    def run(self) -> None:
        """Let it happen. Raises `Violation`."""
        for act in self._chance.choices(tuple(Act), k=STEPS):
            self._done.append(act)
            try:
                self._carry_out(act)
                kids, alarmed = self._kiosk.choose(self._now, seal=len(self._done) == STEPS)
            except Exception as error:
                raise self._violation(f"refused: {type(error).__name__}") from error
            self._check(kids, alarmed=alarmed)

    @property
    def _now(self) -> int:
        return self._true_time + self._clock_error

    def _carry_out(self, act: Act) -> None:
        self._acts[act]()
        if self._online and self._known is not self._published[-1]:
            self._known = self._published[-1]
            self._kiosk.install(self._known.token)

    def _rotate(self) -> None:
        self._published.append(self._new_set(len(self._published) + 1))

    def _time_passes(self) -> None:
        self._true_time += self._chance.randint(1, 120 * DAY)

    def _all_lapse(self) -> None:
        self._true_time = max(self._true_time, *(key.ends for key in self._known.keys)) + 1

    def _clock_jumps(self) -> None:
        self._clock_error = self._chance.randint(-YEARS, YEARS)

    def _clock_at_an_edge(self) -> None:
        key = self._chance.choice(self._known.keys)
        self._clock_error = self._chance.choice((key.begins, key.ends)) - self._true_time

    def _go_offline(self) -> None:
        self._online = False

    def _go_online(self) -> None:
        self._online = True

    def _serve_old_set(self) -> None:
        self._kiosk.install(self._chance.choice(self._published[: self._known.version]).token)

    def _serve_forged_set(self) -> None:
        self._kiosk.install(self._stranger.sign(self._known.version + 1, self._known.keys).token)

    def _new_set(self, version: int) -> Published:
        chance = self._chance
        names = chance.sample(_pool(), 5)
        roles = ["primary"] * chance.randint(1, 3) + ["escrow"] * chance.randint(0, 2)
        begins = [self._true_time + chance.randint(-60 * DAY, 30 * DAY) for _ in roles]
        keys = [
            Key(*name, role, begin, begin + chance.randint(30, 400) * DAY)
            for name, role, begin in zip(names, roles, begins, strict=False)
        ]
        chance.shuffle(keys)
        return self._root.sign(version, keys)

    # --- the judgement ---

    def _check(self, kids: list[str], *, alarmed: bool) -> None:
        now, lapsed, right = self._now, False, []
        for role in ("primary", "escrow"):
            keys = [key for key in self._known.keys if key.role == role]
            valid = [key for key in keys if key.valid(now)]
            lapsed = lapsed or (bool(keys) and not valid)
            if keys:
                right.append(_latest(valid, "begins") if valid else _latest(keys, "ends"))
        if not {*kids} <= {key.kid for key in self._known.keys}:
            raise self._violation("sealed to a key that is not in the newest known set")
        if len(kids) != len(right) or any(kid not in fit for kid, fit in zip(kids, right, strict=True)):
            raise self._violation("sealed to the wrong keys")
        if alarmed is not lapsed:
            raise self._violation("a false alarm" if alarmed else "no alarm")

    def _violation(self, what: str) -> Violation:
        return Violation(f"{what} in order {self._seed}: {', '.join(self._done)}")


def _latest(keys: list[Key], edge: str) -> set[str]:
    last = max(getattr(key, edge) for key in keys)
    return {key.kid for key in keys if getattr(key, edge) == last}


def prove(count: int, seed: int, folder: Path, kiosk: Callable[[Path], Any] = Kiosk) -> None:
    """Run `count` random orders. Raises `Violation`."""
    for number in range(count):
        Order(f"{seed}/{number}", folder, kiosk).run()
