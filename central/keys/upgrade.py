"""A `keyring.json` of the first release: keys without role and validity, and a key set that nobody signed."""

import datetime as dt
import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from central.keys import ceremony
from central.keys.keyset import KeySet, PublicKey, Role, SealingKey
from central.keys.material import PRIMARY_DAYS, HeldKey, HeldReceiptKey, Material
from central.keys.roots import roots_of


def is_old(text: bytes) -> bool:
    """Whether a keyring file is of the first release."""
    file = json.loads(text)
    return isinstance(file, dict) and "keys" in file


def upgraded(text: bytes, root: Ed25519PrivateKey, now: dt.datetime) -> Material:
    """The same keys as a signed key set. What the first release listed first is preferred, as it was."""
    file = json.loads(text)
    # A kiosk takes the key that became valid last.
    begin = now.astimezone(dt.UTC).replace(microsecond=0)
    held = tuple(_held(key, begin - dt.timedelta(seconds=place)) for place, key in enumerate(file["keys"]))
    receipts = tuple(
        HeldReceiptKey(key=PublicKey(kid=key["kid"], public=key["public"]), private=key["private"])
        for key in reversed(file["receipt_keys"])
    )
    key_set = KeySet(
        version=file["version"] + 1,
        issued_at=begin,
        sealing=tuple(each.key for each in held),
        receipt_keys=tuple(each.key for each in reversed(receipts)),
    )
    fresh = Material.new(roots_of(root))
    return fresh.model_copy(
        update={"sealing": held, "receipt_keys": receipts, "key_set": ceremony.sign(key_set, root)}
    )


def _held(key: dict[str, Any], begin: dt.datetime) -> HeldKey:
    sealing = SealingKey(
        kid=key["kid"],
        suite=key["suite"],
        public=key["public"],
        role=Role.PRIMARY,
        not_before=begin,
        not_after=begin + dt.timedelta(days=PRIMARY_DAYS),
    )
    return HeldKey(key=sealing, private=key["private"])
