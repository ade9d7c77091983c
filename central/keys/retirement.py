"""When a private key may go: not before no kiosk can hold anything sealed to it. Pure.

A kiosk tells in its heartbeats which key set it has and how much is queued, not when it took the key set; and
a visitor's screen that waits may still hold the one before. So retirement is asked for more than once: each
notes which kiosks no longer know the key, and a kiosk is done when its queue was seen empty a day after that.
An age told by a kiosk's clock decides nothing.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from central.keys.keyset import KeySetError
from central.keys.material import Material, Retirement
from central.store.kiosks import Kiosk

SETTLING = dt.timedelta(days=1)
"""How long a process of a kiosk may go on with the key set it began with."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A kiosk that may still hold something sealed to the key, and why."""

    kiosk: int
    why: str


@dataclass(frozen=True, slots=True)
class Retiring:
    """Where the retirement of a key stands; when nobody waits the key is gone from `material`."""

    material: Material
    waiting: tuple[Waiting, ...]


def retire(
    material: Material, kid: str, kiosks: Iterable[Kiosk], gone: frozenset[int], now: dt.datetime
) -> Retiring:
    """Take the next step towards forgetting a primary key. `gone`: kiosks that will never come back.

    Raises `KeySetError` if there is no such key, or kiosks still seal to it.
    """
    _check_out_of_use(material, kid)
    key_set = material.published()
    version = 0 if key_set is None else key_set.version
    state = material.retiring.get(kid, Retirement(version=version))
    waiting: list[Waiting] = []
    unknown_since, done = dict(state.unknown_since), set(state.done)
    for kiosk in kiosks:
        if kiosk.kiosk in gone or kiosk.kiosk in done:
            continue
        why = _why_not(kiosk, state.version, unknown_since.get(kiosk.kiosk))
        if kiosk.key_set_version is not None and kiosk.key_set_version >= state.version:
            unknown_since.setdefault(kiosk.kiosk, now)
        if why is None:
            done.add(kiosk.kiosk)
        else:
            waiting.append(Waiting(kiosk.kiosk, why))
    if not waiting:
        return Retiring(_without(material, kid, now), ())
    state = Retirement(version=state.version, unknown_since=unknown_since, done=frozenset(done))
    noted = material.model_copy(update={"retiring": {**material.retiring, kid: state}})
    return Retiring(noted, tuple(waiting))


def _why_not(kiosk: Kiosk, version: int, unknown_since: dt.datetime | None) -> str | None:
    if kiosk.seen_at is None:
        return "was never heard of"
    if kiosk.key_set_version is None or kiosk.key_set_version < version:
        known = "an unknown key set" if kiosk.key_set_version is None else f"key set {kiosk.key_set_version}"
        return f"last heard of {_told(kiosk.seen_at)} with {known}, which may have the key"
    if unknown_since is None:
        return f"has had key set {version} since now at the latest; ask again in a day"
    if kiosk.seen_at < unknown_since + SETTLING:
        return f"not heard of since {_told(unknown_since + SETTLING)}"
    if kiosk.queued != 0 or kiosk.quarantined not in (0, None):
        age_h = (kiosk.oldest_age_s or 0) // 3600
        queue = f"{kiosk.queued} queued, the oldest {age_h} h old, {kiosk.quarantined or 0} in quarantine"
        return f"still holds reports: {queue}"
    return None


def _check_out_of_use(material: Material, kid: str) -> None:
    if kid not in {held.key.kid for held in material.sealing}:
        raise KeySetError(f"the centre holds no key {kid}")
    sets = [material.published(), None if material.draft is None else material.draft.key_set]
    if any(each is not None and kid in {key.kid for key in each.sealed_to} for each in sets):
        raise KeySetError(
            f"kiosks may still seal to {kid}; publish a key set without it first (keys draft --without {kid})"
        )


def _without(material: Material, kid: str, now: dt.datetime) -> Material:
    return material.model_copy(
        update={
            "sealing": tuple(held for held in material.sealing if held.key.kid != kid),
            "retiring": {name: state for name, state in material.retiring.items() if name != kid},
            "retired": {**material.retired, kid: now},
        }
    )


def _told(moment: dt.datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
