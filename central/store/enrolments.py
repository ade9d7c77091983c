"""Invitations, certificates and revocations. Whoever locks both locks the invitation before the kiosk."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from central.store.dialects import insert
from central.store.schema import CASES, CERTIFICATES, CHAIN_STARTS, INVITATIONS, KIOSKS


@dataclass(frozen=True, slots=True)
class Invitation:
    """A code that may be used once. `secret` is an HMAC."""

    kiosk: int
    secret: bytes
    expires_at: dt.datetime
    wrong_tries: int


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that was issued, with the day its kiosk was revoked."""

    serial: str
    kiosk: int
    issued_at: dt.datetime
    not_after: dt.datetime
    revoked_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A kiosk as enrolment sees it. `not_after` is the end of its newest certificate."""

    kiosk: int
    enrolled_at: dt.datetime | None
    revoked_at: dt.datetime | None
    seen_at: dt.datetime | None
    issued_at: dt.datetime | None
    not_after: dt.datetime | None
    invited_until: dt.datetime | None


def invite(db: sa.Connection, invitation: Invitation) -> None:
    """Replace the invitation of a kiosk."""
    values = {
        "secret": invitation.secret,
        "expires_at": invitation.expires_at,
        "wrong_tries": invitation.wrong_tries,
    }
    statement = insert(db, INVITATIONS).values(kiosk=invitation.kiosk, **values)
    db.execute(statement.on_conflict_do_update(index_elements=[INVITATIONS.c.kiosk], set_=values))


def lock_invitation(db: sa.Connection, kiosk: int) -> Invitation | None:
    """The invitation of a kiosk; until the transaction ends nobody else has it."""
    query = sa.select(INVITATIONS).where(INVITATIONS.c.kiosk == kiosk).with_for_update()
    row = db.execute(query).mappings().first()
    return None if row is None else Invitation(**row)


def count_wrong_try(db: sa.Connection, kiosk: int) -> None:
    """Somebody guessed."""
    tries = INVITATIONS.c.wrong_tries + 1
    db.execute(sa.update(INVITATIONS).where(INVITATIONS.c.kiosk == kiosk).values(wrong_tries=tries))


def withdraw(db: sa.Connection, kiosk: int) -> bool:
    """Delete the invitation of a kiosk; whether there was one."""
    return db.execute(sa.delete(INVITATIONS).where(INVITATIONS.c.kiosk == kiosk)).rowcount > 0


def lock_kiosk(db: sa.Connection, kiosk: int) -> dt.datetime | None:
    """When the kiosk was revoked, if it was. Nobody else enrols, renews or revokes it in this transaction."""
    db.execute(insert(db, KIOSKS).values(kiosk=kiosk).on_conflict_do_nothing())
    query = sa.select(KIOSKS.c.revoked_at).where(KIOSKS.c.kiosk == kiosk).with_for_update()
    found: dt.datetime | None = db.execute(query).scalar_one()
    return found


def is_known(db: sa.Connection, kiosk: int) -> bool:
    """Whether the centre ever enrolled a kiosk of this number, or heard of one."""
    return db.execute(sa.select(KIOSKS.c.kiosk).where(KIOSKS.c.kiosk == kiosk)).first() is not None


def last_known_sequence(db: sa.Connection, kiosk: int) -> int | None:
    """The highest sequence that this kiosk has certainly used or was given; None for one nobody has seen."""
    cases = sa.select(sa.func.max(CASES.c.sequence)).where(CASES.c.kiosk == kiosk)
    heard = sa.select(sa.func.coalesce(KIOSKS.c.last_sequence, 0)).where(KIOSKS.c.kiosk == kiosk)
    given = sa.select(sa.func.max(CHAIN_STARTS.c.first_sequence)).where(CHAIN_STARTS.c.kiosk == kiosk)
    found = [db.execute(query).scalar() for query in (cases, heard, given)]
    return max((each for each in found if each is not None), default=None)


def note_enrolled(db: sa.Connection, kiosk: int, at: dt.datetime, first_sequence: int) -> None:
    """A kiosk has a new identity, and may begin a chain at `first_sequence`."""
    db.execute(sa.update(KIOSKS).where(KIOSKS.c.kiosk == kiosk).values(enrolled_at=at))
    start = insert(db, CHAIN_STARTS).values(kiosk=kiosk, first_sequence=first_sequence, given_at=at)
    db.execute(start.on_conflict_do_nothing())


def note_certificate(
    db: sa.Connection, serial: str, kiosk: int, issued_at: dt.datetime, not_after: dt.datetime
) -> None:
    """A certificate was issued."""
    values = {"serial": serial, "kiosk": kiosk, "issued_at": issued_at, "not_after": not_after}
    db.execute(sa.insert(CERTIFICATES).values(**values))


def note_revoked(db: sa.Connection, kiosk: int, at: dt.datetime) -> None:
    """All certificates a kiosk has until now are worth nothing."""
    db.execute(sa.update(KIOSKS).where(KIOSKS.c.kiosk == kiosk).values(revoked_at=at))


def revoked_at(db: sa.Connection, kiosk: int) -> dt.datetime | None:
    """When a kiosk was revoked last."""
    return db.execute(sa.select(KIOSKS.c.revoked_at).where(KIOSKS.c.kiosk == kiosk)).scalar()


def certificate(db: sa.Connection, serial: str) -> Certificate | None:
    """An issued certificate by its serial number."""
    query = (
        sa.select(CERTIFICATES, KIOSKS.c.revoked_at)
        .outerjoin(KIOSKS, KIOSKS.c.kiosk == CERTIFICATES.c.kiosk)
        .where(CERTIFICATES.c.serial == serial)
    )
    row = db.execute(query).mappings().first()
    return None if row is None else Certificate(**row)


def listed(db: sa.Connection) -> Sequence[Enrolment]:
    """All kiosks and all invitations, by number."""
    newest = (
        sa.select(
            CERTIFICATES.c.kiosk,
            sa.func.max(CERTIFICATES.c.issued_at, type_=CERTIFICATES.c.issued_at.type).label("issued_at"),
            sa.func.max(CERTIFICATES.c.not_after, type_=CERTIFICATES.c.not_after.type).label("not_after"),
        )
        .group_by(CERTIFICATES.c.kiosk)
        .subquery()
    )
    numbers = sa.union(sa.select(KIOSKS.c.kiosk), sa.select(INVITATIONS.c.kiosk)).subquery()
    query = (
        sa.select(
            numbers.c.kiosk,
            KIOSKS.c.enrolled_at,
            KIOSKS.c.revoked_at,
            KIOSKS.c.seen_at,
            newest.c.issued_at,
            newest.c.not_after,
            INVITATIONS.c.expires_at.label("invited_until"),
        )
        .outerjoin(KIOSKS, KIOSKS.c.kiosk == numbers.c.kiosk)
        .outerjoin(newest, newest.c.kiosk == numbers.c.kiosk)
        .outerjoin(INVITATIONS, INVITATIONS.c.kiosk == numbers.c.kiosk)
        .order_by(numbers.c.kiosk)
    )
    return [Enrolment(**row) for row in db.execute(query).mappings()]
