"""What `keyring.json` holds: one file, so that a rotation is one rename."""

import base64
import datetime as dt
import os
from typing import Annotated, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from central.keys import keyset
from central.keys.keyset import KeySet, PublicKey, Role, Roots, SealingKey
from central.keys.suites import SuiteName, generate, kid_of
from central.recipients import Recipient

PRIMARY_DAYS = 400  # rotated every year, with a month to spare
ESCROW_DAYS = 3 * 365
_BACKDATED = dt.timedelta(hours=1)
_SECRET_BYTES = 32


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class HeldKey(_Frozen):
    """A primary sealing key with its private half, raw, Base64."""

    key: SealingKey
    private: str

    @staticmethod
    def new(
        suite: SuiteName, now: dt.datetime, days: int, recipient: Recipient = Recipient.REPORTS
    ) -> "HeldKey":
        """Made here, and never leaves here."""
        pair = generate(suite)
        key = sealing_key(suite, pair.public, Role.PRIMARY, now, days, recipient)
        return HeldKey(key=key, private=_text(pair.private))


class HeldReceiptKey(_Frozen):
    """A key that signs receipts. An earlier one keeps its public half only."""

    key: PublicKey
    private: str | None

    @staticmethod
    def new() -> "HeldReceiptKey":
        """Made here, and never leaves here."""
        private = Ed25519PrivateKey.generate()
        return HeldReceiptKey(
            key=PublicKey.of(private.public_key()), private=_text(private.private_bytes_raw())
        )


class Draft(_Frozen):
    """A key set that waits for its signature, and the keys that come into use with it."""

    key_set: KeySet
    primary: HeldKey
    receipt_key: HeldReceiptKey | None
    complaints: HeldKey | None = None


class Retirement(_Frozen):
    """How far the kiosks are in forgetting a key: since when each has not known it, and who is done."""

    version: int
    """The first key set that is known to be without the key."""
    unknown_since: dict[int, AwareDatetime] = Field(default_factory=dict)
    done: frozenset[int] = frozenset()


class Material(_Frozen):
    """All keys of a centre."""

    format: Literal[2] = 2
    roots: tuple[PublicKey, ...]
    sealing: tuple[HeldKey, ...]
    receipt_keys: Annotated[tuple[HeldReceiptKey, ...], Field(min_length=1)]
    """The newest is the last."""
    secret: str
    """Base64 of 32 random bytes, from which keys for HMACs are derived."""
    key_set: str | None = None
    """The published key set, signed."""
    draft: Draft | None = None
    retiring: dict[str, Retirement] = Field(default_factory=dict)
    retired: dict[str, AwareDatetime] = Field(default_factory=dict)

    @staticmethod
    def new(roots: Roots) -> "Material":
        """A centre that has not published anything yet."""
        return Material(
            roots=roots.roots,
            sealing=(),
            receipt_keys=(HeldReceiptKey.new(),),
            secret=_text(os.urandom(_SECRET_BYTES)),
        )

    def root_keys(self) -> dict[str, Ed25519PublicKey]:
        """Who may sign key sets, by kid."""
        return Roots(roots=self.roots).keys()

    def published(self) -> KeySet | None:
        """The key set the kiosks get. Raises `KeySetError` if none of the roots signed it."""
        return None if self.key_set is None else keyset.verify(self.key_set, self.root_keys())


def sealing_key(
    suite: SuiteName,
    public: bytes,
    role: Role,
    now: dt.datetime,
    days: int,
    recipient: Recipient = Recipient.REPORTS,
) -> SealingKey:
    """A public key, valid from now on, for kiosks whose clocks are a little behind as well."""
    begin = now.astimezone(dt.UTC).replace(microsecond=0) - _BACKDATED
    return SealingKey(
        kid=kid_of(public),
        suite=suite,
        public=_text(public),
        role=role,
        recipient=recipient,
        not_before=begin,
        not_after=begin + dt.timedelta(days=days),
    )


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
