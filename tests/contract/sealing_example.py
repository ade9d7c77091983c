"""The example of docs/reference/decrypt: keys that belong to nobody, and a report sealed to them.

`python -m tests.contract.sealing_example` seals it anew, which a new version of the envelope needs.
"""

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PublicKey

from kiosk.post.envelope import GENESIS, Sealed, Sealer, Slot
from kiosk.post.keyset import Role, SealingKey

EXAMPLE = Path(__file__).parents[2] / "docs/reference/decrypt"
HYBRID = "MLKEM768-X25519/HKDF-SHA256/AES-256-GCM"
CLASSIC = "X25519/HKDF-SHA256/AES-256-GCM"
KIOSK = 7
CASE = UUID("0b9c3a52-6a0e-4d3f-9d27-5c5f1a7e4b10")
DOCUMENT = (
    '{"report_type":"LOST_PROPERTY","reference":"000712345679","items":["銀包","钱包","wallet"]}'.encode()
)
ATTACHMENTS = (b"first attachment, not a photo\n" * 40, b"")


@dataclass(frozen=True)
class Recipients:
    """A hybrid primary key and a classic escrow key: as the sealer takes them, and as the example's file."""

    public: tuple[SealingKey, SealingKey]
    private: tuple[dict[str, str], dict[str, str]]


def new_recipients() -> Recipients:
    lattice, curve, escrow = (
        MLKEM768PrivateKey.generate(),
        X25519PrivateKey.generate(),
        X25519PrivateKey.generate(),
    )
    hybrid = MLKEM768X25519PublicKey(lattice.public_key(), curve.public_key())
    ever = {"not_before": 0.0, "not_after": 4e9}
    return Recipients(
        (
            SealingKey("example-primary", HYBRID, hybrid, Role.PRIMARY, **ever),
            SealingKey("example-escrow", CLASSIC, escrow.public_key(), Role.ESCROW, **ever),
        ),
        (
            _private("example-primary", HYBRID, lattice.private_bytes_raw() + curve.private_bytes_raw()),
            _private("example-escrow", CLASSIC, escrow.private_bytes_raw()),
        ),
    )


def seal(recipients: Recipients, attachments: tuple[bytes, ...] = ATTACHMENTS) -> Sealed:
    return Sealer(KIOSK, recipients.public).seal(CASE, Slot(1, GENESIS), DOCUMENT, attachments)


def write(folder: Path, recipients: Recipients, sealed: Sealed) -> None:
    """Lay an example out: keys.json, envelope.json, parts/<sha256>."""
    (folder / "parts").mkdir(parents=True, exist_ok=True)
    (folder / "keys.json").write_text(json.dumps({"keys": recipients.private}, indent=1) + "\n")
    (folder / "envelope.json").write_bytes(sealed.envelope)
    for part in sealed.parts:
        (folder / "parts" / part.sha256).write_bytes(part.sealed)


def _private(kid: str, suite: str, raw: bytes) -> dict[str, str]:
    return {"kid": kid, "suite": suite, "private": base64.b64encode(raw).decode()}


if __name__ == "__main__":
    made = new_recipients()
    write(EXAMPLE / "example", made, seal(made))
    (EXAMPLE / "example/document.json").write_bytes(DOCUMENT)
