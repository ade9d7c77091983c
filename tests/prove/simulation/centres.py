"""The centre of a simulated season: the real service, or a small model of it to plant bugs in."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from cryptography.exceptions import InvalidTag

from tests.prove.simulation.ceremony import Ceremony


@dataclass(frozen=True, slots=True)
class Answer:
    """What the centre says. `problem` is the path of a problem type; `token` a receipt."""

    status: int
    problem: str = ""
    token: str = ""
    present: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Row:
    """A case as it lies at the centre: what was sent, and what came out when it was opened."""

    kiosk: int
    case_id: UUID
    sequence: int
    previous: bytes
    sha256: bytes
    document: Any
    attachments: list[bytes]


class Centre(Protocol):
    """What kiosks can ask of a centre."""

    def put_case(self, kiosk: int, case_id: UUID, body: bytes) -> Answer:
        """`PUT /v1/cases/{case}`."""

    def put_part(self, kiosk: int, case_id: UUID, name: str, sealed: bytes) -> Answer:
        """`PUT /v1/cases/{case}/parts/{sha256}`."""

    def parts(self, kiosk: int, case_id: UUID) -> Answer:
        """`GET /v1/cases/{case}/parts`."""

    def beat(self, kiosk: int, beat: Mapping[str, Any]) -> None:
        """`POST /v1/heartbeat`."""

    def restart(self) -> None:
        """Everything that is not committed is gone."""

    def rows(self) -> Iterator[Row]:
        """Everything it has, opened."""


def refused(status: int, name: str) -> Answer:
    """A problem of the contract."""
    return Answer(status, f"/problems/{name}")


class ModelCentre:
    """The contract in sixty lines, from docs/reference alone. It opens what it takes, as the real one."""

    def __init__(self, ceremony: Ceremony) -> None:
        self._ceremony = ceremony
        self._cases: dict[UUID, tuple[int, bytes, str]] = {}
        self._parts: dict[tuple[int, UUID], dict[str, bytes]] = {}
        self.beats: dict[int, Mapping[str, Any]] = {}

    def put_case(self, kiosk: int, case_id: UUID, body: bytes) -> Answer:
        """See `Centre`."""
        clear = body_of(body)
        if clear["kiosk"] != kiosk:
            return refused(403, "wrong-kiosk")
        known = self._cases.get(case_id)
        if known is not None:
            return Answer(200, token=known[2]) if known[1] == body else refused(422, "case-differs")
        parts = self._parts.get((kiosk, case_id), {})
        if any(part["sha256"] not in parts for part in clear["parts"]):
            return refused(409, "parts-missing")
        try:
            self._ceremony.open(body, parts)
        except (KeyError, ValueError, InvalidTag):
            return refused(422, "does-not-open")
        return Answer(201, token=self._take(kiosk, case_id, body))

    def put_part(self, kiosk: int, case_id: UUID, name: str, sealed: bytes) -> Answer:
        """See `Centre`."""
        if hash_of(sealed) != name:
            return refused(422, "part-differs")
        self._parts.setdefault((kiosk, case_id), {})[name] = sealed
        return Answer(204)

    def parts(self, kiosk: int, case_id: UUID) -> Answer:
        """See `Centre`."""
        return Answer(200, present=frozenset(self._parts.get((kiosk, case_id), ())))

    def beat(self, kiosk: int, beat: Mapping[str, Any]) -> None:
        """See `Centre`."""
        self.beats[kiosk] = beat

    def restart(self) -> None:
        """See `Centre`. Parts without their case are gone, as after a restore."""
        for place in [place for place in self._parts if place[1] not in self._cases]:
            del self._parts[place]

    def rows(self) -> Iterator[Row]:
        """See `Centre`."""
        for case_id, (kiosk, body, _) in self._cases.items():
            clear = body_of(body)
            document, attachments = self._ceremony.open(body, self._parts.get((kiosk, case_id), {}))
            previous, sha256 = bytes.fromhex(clear["previous"]), bytes.fromhex(hash_of(body))
            yield Row(kiosk, case_id, clear["sequence"], previous, sha256, document, attachments)

    def _take(self, kiosk: int, case_id: UUID, body: bytes) -> str:
        token = self._ceremony.receipt(claims(case_id, hash_of(body), len(self._cases) + 1))
        self._cases[case_id] = (kiosk, body, token)
        return token


def claims(case_id: UUID, sha256: str, number: int) -> dict[str, str]:
    """What a receipt says."""
    return {"case": str(case_id), "envelope": sha256, "official_number": f"SIM RN 26{number:06d}"}


def body_of(envelope: bytes) -> dict[str, Any]:
    """The clear members of an envelope."""
    value = json.loads(envelope)
    assert isinstance(value, dict)
    return value


def hash_of(envelope: bytes) -> str:
    """The name of an envelope."""
    return hashlib.sha256(envelope).hexdigest()
