"""What both versions of the envelope have in common."""

from typing import Annotated

from pydantic import Field

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", examples=["0" * 64])]
Kid = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$", description="The recipient's key, as the key set names it.")
]
Base64 = Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]*={0,2}$")]
KioskNumber = Annotated[int, Field(ge=0, le=9999, strict=True)]
Sequence53 = Annotated[
    int, Field(ge=1, le=2**53, strict=True, description="Place in the kiosk's chain, from 1.")
]


class UnreadableError(Exception):
    """An envelope cannot be parsed or opened. `args[0]` says how; it never quotes content."""


def unpadded(padded: bytes) -> bytes:
    """Without the padding of ISO/IEC 7816-4. Raises `UnreadableError`."""
    content, mark, padding = padded.rpartition(b"\x80")
    if not mark or padding.strip(b"\x00"):
        raise UnreadableError("the padding is wrong")
    return content
