"""Support bundles: what a kiosk sealed for the force onto a technician's stick."""

import json
from dataclasses import dataclass
from typing import Annotated, Literal

from cryptography.exceptions import InvalidTag
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from central.keys.keyset import KeyId
from central.keys.suites import OpeningKeys, SuiteName
from central.sealed.base import UnreadableError

LABEL = b"report-kiosk/bundle/1\x00"
"""HPKE `info` is this, then the first line of the file without its end."""


class _Header(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    v: Literal[1]
    kiosk: Annotated[int, Field(ge=0, le=9999)]
    kid: KeyId
    suite: SuiteName


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle in clear: a ZIP."""

    kiosk: int
    archive: bytes


def open_bundle(data: bytes, keys: OpeningKeys) -> Bundle:
    """Open a bundle file. Raises `UnreadableError`."""
    line, _, sealed = data.partition(b"\n")
    try:
        header = _Header.model_validate(json.loads(line))
    except (ValidationError, ValueError, RecursionError):
        raise UnreadableError("this is no support bundle") from None
    key = keys.opening.get(header.kid)
    if key is None:
        raise UnreadableError(f"sealed to the key {header.kid}, which this centre does not have")
    if key.suite != header.suite:
        raise UnreadableError("the bundle names another suite than its key has")
    try:
        return Bundle(header.kiosk, key.open(sealed, LABEL + line))
    except (InvalidTag, ValueError):
        raise UnreadableError("the bundle is damaged") from None
