"""Which key a kiosk prefers, as docs/reference/keyset.md says."""

import datetime as dt
from collections.abc import Iterable

from central.keys.keyset import SealingKey


def newest(keys: Iterable[SealingKey], now: dt.datetime) -> SealingKey | None:
    """The key of these that a kiosk seals to at `now`: valid and begun last, else the one that ends last."""
    known = list(keys)
    valid = [key for key in known if key.not_before <= now < key.not_after]
    if valid:
        return max(valid, key=lambda key: key.not_before)
    return max(known, key=lambda key: key.not_after, default=None)
