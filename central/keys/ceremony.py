"""The steps from new keys to a published key set. Pure: nothing is changed in place.

The centre drafts, the machine with the root signs, the centre publishes; docs/key-ceremony.md is for people.
"""

import base64
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import ValidationError

from central.keys import jws, keyset
from central.keys.keyset import TYP, KeySet, KeySetError, PublicKey, Role, Roots, SealingKey
from central.keys.material import PRIMARY_DAYS, Draft, HeldKey, HeldReceiptKey, Material
from central.keys.suites import HYBRID, SuiteName
from central.recipients import Recipient


@dataclass(frozen=True, slots=True)
class Plan:
    """What the next key set shall bring."""

    suite: SuiteName = HYBRID
    days: int = PRIMARY_DAYS
    complaints: bool = False
    """From now on complaints have keys of their own; once they have, every key set renews them."""
    escrow: SealingKey | None = None
    """Replaces the escrow key of reports; `None` keeps it."""
    complaints_escrow: SealingKey | None = None
    """The same for complaints."""
    new_receipt_key: bool = False
    technician_key: PublicKey | None = None
    """Signs technicians' passes from now on, beside those that did before."""
    pack_key: PublicKey | None = None
    """Signs pack bundles from now on, beside those that did before."""
    without: frozenset[str] = frozenset()
    """Keys that no kiosk shall use from now on."""
    version: int | None = None
    """For a centre that was made anew: higher than what its kiosks have. Otherwise the next one."""


def make_draft(material: Material, plan: Plan, now: dt.datetime) -> Material:
    """A new primary key, and a key set that waits for its signature. An earlier draft is given up.

    Keys still valid stay in the set, so that a kiosk whose clock is behind has one; expired ones leave it.
    Raises `KeySetError` if `plan` speaks of keys that are not there.
    """
    current = material.published()
    known = current.sealed_to if current is not None else ()
    technician_keys = current.technician_keys if current is not None else ()
    pack_keys = current.pack_keys if current is not None else ()
    named = {key.kid for key in known} | {key.kid for key in (*technician_keys, *pack_keys)}
    if unknown := plan.without - named:
        raise KeySetError(f"not in the key set: {', '.join(sorted(unknown))}")
    stay = [key for key in known if key.kid not in plan.without and now < key.not_after]
    primary = HeldKey.new(plan.suite, now, plan.days)
    complaints = _complaints_key(known, plan, now)
    new = [held.key for held in (primary, complaints) if held is not None]
    primaries = [key for key in stay if key.role is Role.PRIMARY]
    sealing = (*new, *primaries, *_escrow(stay, plan))
    receipt_key = HeldReceiptKey.new() if plan.new_receipt_key else None
    receipt_keys = (*material.receipt_keys, *((receipt_key,) if receipt_key is not None else ()))
    version = 1 if current is None else current.version + 1
    if plan.version is not None and plan.version < version:
        raise KeySetError(f"the next version is {version}; an earlier one is refused by kiosks")
    try:
        key_set = KeySet(
            version=plan.version or version,
            issued_at=now.astimezone(dt.UTC).replace(microsecond=0),
            sealing=tuple(key for key in sealing if key.recipient is Recipient.REPORTS),
            sealing_apart=tuple(key for key in sealing if key.recipient is not Recipient.REPORTS),
            receipt_keys=tuple(held.key for held in reversed(receipt_keys)),
            technician_keys=_signers(technician_keys, plan.technician_key, plan),
            pack_keys=_signers(pack_keys, plan.pack_key, plan),
        )
    except ValidationError as error:
        raise KeySetError(str(error.errors()[0]["msg"]).removeprefix("Value error, ")) from None
    draft = Draft(key_set=key_set, primary=primary, receipt_key=receipt_key, complaints=complaints)
    return material.model_copy(update={"draft": draft})


def sign(key_set: KeySet, root: Ed25519PrivateKey) -> str:
    """What the offline machine does."""
    return jws.sign(root, PublicKey.of(root.public_key()).kid, TYP, key_set.payload())


def publish(material: Material, token: str, roots: Roots | None = None) -> Material:
    """Take a signed key set: the very draft, by one of the roots. Raises `KeySetError`.

    `roots` replaces the roots in the same step; kiosks that do not know the signer must enrol again.
    """
    trusted = material.root_keys() if roots is None else roots.keys()
    signed = keyset.verify(token, trusted)
    current = material.published()
    if current is not None and signed.version <= current.version:
        raise KeySetError(f"version {signed.version} is not higher than the published {current.version}")
    draft = material.draft
    if draft is None:
        raise KeySetError("there is no draft; make one: report-centre keys draft")
    if signed != draft.key_set:
        raise KeySetError("this is not the draft that the centre made; do not sign it again, find out why")
    return material.model_copy(
        update={
            "roots": material.roots if roots is None else roots.roots,
            "key_set": token,
            "draft": None,
            "sealing": (*material.sealing, *filter(None, (draft.primary, draft.complaints))),
            "receipt_keys": _with(material.receipt_keys, draft.receipt_key),
        }
    )


def lend(material: Material, key: SealingKey, private: bytes) -> Material:
    """Let the centre open with the escrow key what its lost keys no longer can. Raises `KeySetError`."""
    if key.kid in {held.key.kid for held in material.sealing}:
        raise KeySetError(f"the centre holds {key.kid} already")
    held = HeldKey(key=key, private=base64.b64encode(private).decode())
    return material.model_copy(update={"sealing": (*material.sealing, held)})


def sign_and_publish(material: Material, root: Ed25519PrivateKey) -> Material:
    """The whole ceremony at once, where the root is at hand: development and tests."""
    if material.draft is None:
        raise KeySetError("there is no draft")
    return publish(material, sign(material.draft.key_set, root))


def _complaints_key(known: Sequence[SealingKey], plan: Plan, now: dt.datetime) -> HeldKey | None:
    if not (plan.complaints or any(key.recipient is Recipient.COMPLAINTS for key in known)):
        return None
    return HeldKey.new(plan.suite, now, plan.days, Recipient.COMPLAINTS)


def _escrow(stay: Sequence[SealingKey], plan: Plan) -> list[SealingKey]:
    given = {Recipient.REPORTS: plan.escrow, Recipient.COMPLAINTS: plan.complaints_escrow}
    for recipient, key in given.items():
        if key is not None and key.recipient is not recipient:
            raise KeySetError(f"{key.kid} is the escrow key of {key.recipient}, not of {recipient}")
    replaced = {recipient for recipient, key in given.items() if key is not None}
    kept = [key for key in stay if key.role is Role.ESCROW and key.recipient not in replaced]
    return [*(key for key in given.values() if key is not None), *kept]


def _signers(known: tuple[PublicKey, ...], fresh: PublicKey | None, plan: Plan) -> tuple[PublicKey, ...]:
    new = () if fresh is None else (fresh,)
    stay = (key for key in known if key.kid not in plan.without and key not in new)
    return (*new, *stay)


def _with(keys: tuple[HeldReceiptKey, ...], new: HeldReceiptKey | None) -> tuple[HeldReceiptKey, ...]:
    """With a new one, the earlier ones keep only what verifies: they will never sign again."""
    if new is None:
        return keys
    return (*(held.model_copy(update={"private": None}) for held in keys), new)
