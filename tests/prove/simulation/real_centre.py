"""The real central service in a season: its store on SQLite in memory, its keys, its receipts."""

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from central.gateway import receipts
from central.gateway.service import Service
from central.keys.ceremony import Plan, make_draft, sign_and_publish
from central.keys.keyring import Keyring
from central.keys.keyset import Role
from central.keys.material import ESCROW_DAYS, Material, sealing_key
from central.keys.roots import roots_of
from central.keys.suites import CLASSIC, generate
from central.problems import ProblemError
from central.proof.judge import Verdict
from central.proof.prover import Prover
from central.sealed.envelope import open_attachments, open_document, parse
from central.store import cases, parts
from central.store.kiosks import Heartbeat
from central.store.numbers import OfficialNumbers
from central.store.schema import CASES
from central.store.store import Store
from tests.prove.simulation.centres import Answer, Row
from tests.prove.simulation.ceremony import Ceremony


class RealCeremony(Ceremony):
    """Keys made and published by the centre's own ceremony; the classic suite, because it is faster."""

    def __init__(self) -> None:
        self._root = Ed25519PrivateKey.generate()
        self._material = Material.new(roots_of(self._root))
        self._at = 0.0
        self.keyring: Keyring | None = None
        self.version = 0
        self.token = ""

    def roots(self) -> dict[str, Any]:
        """See `Ceremony`."""
        roots = roots_of(self._root).model_dump(mode="json")
        assert isinstance(roots, dict)
        return roots

    def rotate(self, now: float, lasts_s: float, *, keep: int = 2) -> None:
        """See `Ceremony`: what was published before `keep` versions ago is withdrawn."""
        self._at = now
        published = self._material.published()
        primaries = published.of_role(Role.PRIMARY) if published else ()
        escrow = sealing_key(CLASSIC, generate(CLASSIC).public, Role.ESCROW, self.now(), ESCROW_DAYS)
        plan = Plan(
            suite=CLASSIC,
            days=max(1, round(lasts_s / 86_400)),
            escrow=escrow if published is None else None,
            without=frozenset(key.kid for key in primaries[keep - 1 :] if keep > 1),
        )
        self._material = sign_and_publish(make_draft(self._material, plan, self.now()), self._root)
        self.keyring = Keyring(self._material)
        self.version, self.token = self.keyring.key_set_version, self.keyring.key_set_token()

    def receipt(self, claims: Mapping[str, Any]) -> str:
        """See `Ceremony`."""
        assert self.keyring is not None
        return receipts.sign(self.keyring, dict(claims))

    def now(self) -> dt.datetime:
        """The clock of the centre: it stands between two rotations."""
        return dt.datetime.fromtimestamp(self._at, dt.UTC)


class RealCentre:
    """`central.gateway.service.Service`."""

    def __init__(self, ceremony: Ceremony) -> None:
        assert isinstance(ceremony, RealCeremony)
        self._ceremony = ceremony
        self._store = Store.open(f"sqlite:///file:/centre-{id(self)}?vfs=memdb&uri=true")
        self._made: tuple[Keyring, Service] | None = None

    def close(self) -> None:
        """Let go of the database."""
        self._service().close()

    def put_case(self, kiosk: int, case_id: UUID, body: bytes) -> Answer:
        """See `Centre`."""
        try:
            answer = self._service().receive_case(kiosk, case_id, body)
        except ProblemError as problem:
            return Answer(problem.kind.status, problem.kind.type)
        return Answer(201 if answer.created else 200, token=answer.receipt)

    def put_part(self, kiosk: int, case_id: UUID, name: str, sealed: bytes) -> Answer:
        """See `Centre`."""
        try:
            self._service().receive_part(kiosk, case_id, name, sealed)
        except ProblemError as problem:
            return Answer(problem.kind.status, problem.kind.type)
        return Answer(204)

    def parts(self, kiosk: int, case_id: UUID) -> Answer:
        """See `Centre`."""
        return Answer(200, present=frozenset(self._service().part_names(kiosk, case_id)))

    def beat(self, kiosk: int, beat: Mapping[str, Any]) -> None:
        """See `Centre`."""
        self._service().beat(kiosk, Heartbeat(**beat))

    def restart(self) -> None:
        """See `Centre`: the process begins anew over what was committed."""
        self._made = None

    def rows(self) -> Iterator[Row]:
        """See `Centre`."""
        return rows(self._store, self._keyring())

    def envelopes(self) -> Iterator[bytes]:
        """Everything it has, sealed."""
        with self._store.reading() as db:
            for listed in list(cases.listed(db)):
                case = cases.find(db, listed.case_id)
                assert case is not None
                yield case.envelope

    def proven(self) -> dict[int, Verdict]:
        """What the centre's gap proof finds, by kiosk; it trusts no earlier proof."""
        verdicts = Prover(self._store, self._ceremony.now).prove_all(from_the_start=True)
        return {verdict.kiosk: verdict for verdict in verdicts}

    def lose(self, case_ids: Iterable[UUID]) -> None:
        """What was in no backup is gone."""
        with self._store.writing() as db:
            db.execute(sa.delete(CASES).where(CASES.c.case_id.in_(list(case_ids))))

    def _keyring(self) -> Keyring:
        assert self._ceremony.keyring is not None
        return self._ceremony.keyring

    def _service(self) -> Service:
        keyring = self._keyring()
        if self._made is None or self._made[0] is not keyring:
            numbers = OfficialNumbers(self._store, "SIM")
            self._made = (keyring, Service(self._store, keyring, numbers, self._ceremony.now))
        return self._made[1]


def rows(store: Store, keyring: Keyring) -> Iterator[Row]:
    """Everything a centre has, opened with its keys."""
    with store.reading() as db:
        for listed in list(cases.listed(db)):
            case = cases.find(db, listed.case_id)
            assert case is not None
            received = parse(case.envelope)

            def load(name: bytes, kiosk: int = case.kiosk, case_id: UUID = case.case_id) -> bytes | None:
                return parts.find(db, kiosk, case_id, name)

            document = json.loads(open_document(received, keyring))
            attachments = list(open_attachments(received, load, keyring))
            yield Row(
                case.kiosk, case.case_id, case.sequence, case.previous, case.sha256, document, attachments
            )
