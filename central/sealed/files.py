"""Files sealed by the centre itself while they arrive, piece by piece: docs/reference/uploads.md."""

import base64
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from central.keys.keyset import SealingKey
from central.keys.suites import OpeningKeys, seal
from central.sealed.base import UnreadableError
from central.sealed.envelope import PIECE

_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Place:
    """Which file of which upload: nothing sealed for one opens as another."""

    upload: UUID
    file: UUID

    def key_info(self, kid: str) -> bytes:
        """`info` of HPKE for the content key."""
        return b"report-kiosk/upload-key/1\x00" + self.upload.bytes + self.file.bytes + kid.encode("ascii")

    def piece_data(self, number: int, *, last: bool) -> bytes:
        """Associated data of a piece."""
        where = self.upload.bytes + self.file.bytes + number.to_bytes(4, "big")
        return b"report-kiosk/upload-piece/1\x00" + where + bytes([last])


class FileSealer:
    """Seals one file. The content key is forgotten with this object."""

    def __init__(self, place: Place, recipients: Sequence[SealingKey]) -> None:
        key = os.urandom(_KEY_BYTES)
        self.keys: Mapping[str, str] = {each.kid: _wrapped(each, key, place) for each in recipients}
        self._aead = AESGCM(key)
        self._place = place
        self._rest = bytearray()
        self._number = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Sealed pieces, as soon as it is known that another one follows them."""
        self._rest += data
        while len(self._rest) > PIECE:
            piece = bytes(self._rest[:PIECE])
            del self._rest[:PIECE]
            yield self._sealed(piece, last=False)

    def end(self) -> bytes:
        """The last sealed piece."""
        return self._sealed(bytes(self._rest), last=True)

    def _sealed(self, piece: bytes, *, last: bool) -> bytes:
        number = self._number
        self._number += 1
        nonce = (number + 1).to_bytes(12, "big")
        return self._aead.encrypt(nonce, piece, self._place.piece_data(number, last=last))


def open_file(place: Place, keys: Mapping[str, str], pieces: Sequence[bytes], keyring: OpeningKeys) -> bytes:
    """The file in clear. Raises `UnreadableError`, also when pieces are missing at its end."""
    aead = AESGCM(_unwrapped(place, keys, keyring))
    try:
        return b"".join(
            aead.decrypt(
                (number + 1).to_bytes(12, "big"),
                sealed,
                place.piece_data(number, last=number == len(pieces) - 1),
            )
            for number, sealed in enumerate(pieces)
        )
    except InvalidTag:
        raise UnreadableError("a file does not open: altered, or not all of it is here") from None


def _wrapped(recipient: SealingKey, key: bytes, place: Place) -> str:
    public = base64.b64decode(recipient.public)
    return base64.b64encode(seal(recipient.suite, public, key, place.key_info(recipient.kid))).decode()


def _unwrapped(place: Place, keys: Mapping[str, str], keyring: OpeningKeys) -> bytes:
    opening = keyring.opening
    for kid, wrapped in keys.items():
        if kid in opening:
            try:
                return opening[kid].open(base64.b64decode(wrapped), place.key_info(kid))
            except (InvalidTag, ValueError):
                continue
    raise UnreadableError("a file is sealed to no key that this centre holds")
