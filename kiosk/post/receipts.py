"""Checks the centre's signed receipts. Nothing else lets a case go."""

import re
from dataclasses import dataclass
from uuid import UUID

from kiosk.post import jws

ReceiptKeys = jws.SigningKeys
"""The centre's keys that sign receipts, by key id."""

_NUMBER = re.compile(r"[ -~]{1,32}")  # it is shown and printed


@dataclass(frozen=True, slots=True)
class Receipt:
    """The centre has the case, under this number of its own."""

    official_number: str


def verify(token: object, keys: ReceiptKeys, case_id: UUID, envelope_sha256: str) -> Receipt | None:
    """The receipt in `token`, if one of `keys` signed it for exactly this case and envelope; else None."""
    try:
        claims = jws.verify(token, keys)
    except jws.NotSignedError:
        return None
    if claims.get("case") != str(case_id) or claims.get("envelope") != envelope_sha256:
        return None
    number = claims.get("official_number")
    return Receipt(number) if isinstance(number, str) and _NUMBER.fullmatch(number) else None
