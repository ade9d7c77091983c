"""Frames and messages between the processes of one kiosk, over Unix stream sockets.

A frame is two 4-byte big-endian lengths (header, body), a JSON header and an optional binary body. Headers
are decoded strictly: an unknown type, a missing or foreign field, or a wrong kind of value makes the frame
malformed, and who sent it is disconnected. Nothing is ever guessed.
"""

import struct
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Generic, TypeVar

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

MAX_HEADER = 16 * 1024
MAX_BODY = 4 * 1024 * 1024

STRICT = ConfigDict(extra="forbid", strict=True)
"""For `__pydantic_config__` of every message."""

Body = Annotated[bytes, Field(max_length=0, exclude=True)]
"""A field that travels behind the header, never in it.

A message has at most one, named `body`, with default `b""`.
"""

_LENGTHS = struct.Struct(">II")

M = TypeVar("M")


class Malformed(Exception):  # noqa: N818  # what a peer sent, more than what went wrong
    """A peer sent something that is not a message. The connection must be closed."""


class Codec(Generic[M]):
    """Turns the messages of one union into frames and back.

    The union is discriminated by a `type` literal.
    """

    def __init__(self, union: object) -> None:
        self._adapter: TypeAdapter[M] = TypeAdapter(
            Annotated[union, Field(discriminator="type")]  # type: ignore[arg-type]  # a union made at run time
        )

    def encode(self, message: M) -> bytes:
        """One frame. Raises ValueError if the message exceeds the caps."""
        header = self._adapter.dump_json(message)
        body: bytes = getattr(message, "body", b"")
        if len(header) > MAX_HEADER or len(body) > MAX_BODY:
            raise ValueError("message is larger than a frame may be")
        return _LENGTHS.pack(len(header), len(body)) + header + body

    def decode(self, header: bytes, body: bytes) -> M:
        """One message. Raises Malformed."""
        try:
            message = self._adapter.validate_json(header)
        except ValidationError as error:
            raise Malformed("header is not a known message") from error
        if not body:
            return message
        if not hasattr(message, "body"):
            raise Malformed("message has no body")
        return replace(message, body=body)  # type: ignore[type-var]  # every member of a union is a dataclass


class Decoder(Generic[M]):
    """Cuts a stream into messages. Memory is bounded by the caps plus one read."""

    def __init__(self, codec: Codec[M]) -> None:
        self._codec = codec
        self._rest = bytearray()

    def feed(self, data: bytes) -> Iterator[M]:
        """Messages completed by `data`. Raises Malformed; the decoder must not be used afterwards."""
        self._rest += data
        while (frame := self._frame()) is not None:
            yield self._codec.decode(*frame)

    def _frame(self) -> tuple[bytes, bytes] | None:
        if len(self._rest) < _LENGTHS.size:
            return None
        header, body = _LENGTHS.unpack_from(self._rest)
        if header > MAX_HEADER or body > MAX_BODY:
            raise Malformed("frame is larger than allowed")
        start, end = _LENGTHS.size + header, _LENGTHS.size + header + body
        if len(self._rest) < end:
            return None
        frame = bytes(self._rest[_LENGTHS.size : start]), bytes(self._rest[start:end])
        del self._rest[:end]
        return frame
