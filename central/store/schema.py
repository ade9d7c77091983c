"""All tables of the centre: ciphertext, its index, and what was decided; no words of a visitor in clear.

Instants are timezone-aware; SQLite keeps them as text in UTC. `central.store.migrations` is the way here.
"""

import datetime as dt
from typing import Any

import sqlalchemy as sa

METADATA = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(sa.TypeDecorator[dt.datetime]):
    """A point in time, aware, in UTC: `timestamptz` in PostgreSQL, ISO 8601 text in SQLite."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        """Text where the database has no instants."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(sa.String(32))
        return dialect.type_descriptor(sa.DateTime(timezone=True))

    def process_bind_param(self, value: dt.datetime | None, dialect: sa.Dialect) -> object:
        """To the database; a naive value is a bug."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        moment = value.astimezone(dt.UTC)
        return moment.isoformat(timespec="milliseconds") if dialect.name == "sqlite" else moment

    def process_result_value(self, value: object, _dialect: sa.Dialect) -> dt.datetime | None:
        """From the database."""
        if value is None:
            return None
        moment = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
        assert isinstance(moment, dt.datetime)  # noqa: S101 - what both drivers give for this column
        return moment.astimezone(dt.UTC)


CASES = sa.Table(
    "cases",
    METADATA,
    sa.Column("case_id", sa.Uuid, primary_key=True),
    sa.Column("kiosk", sa.Integer, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("previous", sa.LargeBinary(32), nullable=False),
    sa.Column("sha256", sa.LargeBinary(32), nullable=False),
    sa.Column("reference", sa.String(32), index=True),
    # HMAC of the receipt code: the code itself is only on the visitor's paper.
    sa.Column("receipt_code", sa.LargeBinary(32)),
    sa.Column("report_type", sa.String(64)),
    sa.Column("language", sa.String(16)),
    sa.Column("official_number", sa.String(32), nullable=False, unique=True),
    sa.Column("received_at", Instant, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
    # received, in_progress, accepted, rejected
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("handled_by", sa.String(64)),
    # The force's own number, given with "accepted"; words to the visitor per language, with either.
    sa.Column("force_number", sa.String(64)),
    sa.Column("words", sa.JSON(none_as_null=True)),
    sa.Column("supplement_to", sa.Uuid, sa.ForeignKey("cases.case_id")),
    # Whose room it stands in: reports, complaints.
    sa.Column("recipient", sa.String(16), nullable=False, server_default="reports"),
    sa.Column("envelope", sa.LargeBinary, nullable=False),
    sa.Column("receipt", sa.Text, nullable=False),
    sa.Index("ix_cases_chain", "kiosk", "sequence"),
    sa.Index("ix_cases_inbox", "state", "received_at"),
)

PARTS = sa.Table(
    "parts",
    METADATA,
    sa.Column("kiosk", sa.Integer, primary_key=True),
    sa.Column("case_id", sa.Uuid, primary_key=True),
    sa.Column("sha256", sa.LargeBinary(32), primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

OFFICIAL_NUMBERS = sa.Table(
    "official_numbers",
    METADATA,
    sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("last", sa.Integer, nullable=False),
)

KIOSKS = sa.Table(
    "kiosks",
    METADATA,
    sa.Column("kiosk", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("enrolled_at", Instant),
    sa.Column("revoked_at", Instant),
    # The last heartbeat.
    sa.Column("seen_at", Instant),
    sa.Column("queued", sa.Integer),
    sa.Column("quarantined", sa.Integer),
    sa.Column("oldest_age_s", sa.Integer),
    sa.Column("last_sequence", sa.BigInteger),
    sa.Column("release", sa.String(32)),
    sa.Column("key_set_version", sa.Integer),
    sa.Column("packs_number", sa.Integer),
    sa.Column("packs_refused", sa.Integer),
)

CERTIFICATES = sa.Table(
    "certificates",
    METADATA,
    sa.Column("serial", sa.String(48), primary_key=True),
    sa.Column("kiosk", sa.Integer, nullable=False, index=True),
    sa.Column("issued_at", Instant, nullable=False),
    sa.Column("not_after", Instant, nullable=False),
)

INVITATIONS = sa.Table(
    "invitations",
    METADATA,
    sa.Column("kiosk", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("secret", sa.LargeBinary(32), nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("wrong_tries", sa.Integer, nullable=False),
)

CHAIN_STARTS = sa.Table(
    "chain_starts",
    METADATA,
    sa.Column("kiosk", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("first_sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("given_at", Instant, nullable=False),
)

EXPLAINED_GAPS = sa.Table(
    "explained_gaps",
    METADATA,
    sa.Column("kiosk", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("first", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("last", sa.BigInteger, nullable=False),
    sa.Column("explained_at", Instant, nullable=False),
    sa.Column("explained_by", sa.String(64), nullable=False),
    sa.Column("explanation", sa.String(500), nullable=False),
)

# How far the chain of a kiosk has been followed and found whole, so that nobody reads ten million rows again.
PROVEN = sa.Table(
    "proven",
    METADATA,
    sa.Column("kiosk", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.LargeBinary(32), nullable=False),
    # How many cases up to `sequence` there were: one more since then is a fork.
    sa.Column("cases", sa.BigInteger, nullable=False),
    sa.Column("proven_at", Instant, nullable=False),
)

OFFICERS = sa.Table(
    "officers",
    METADATA,
    sa.Column("name", sa.String(64), primary_key=True),
    # officer, supervisor, auditor, complaints
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("token", sa.LargeBinary(32), nullable=False, unique=True),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("disabled_at", Instant),
)

HISTORY = sa.Table(
    "history",
    METADATA,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("at", Instant, nullable=False),
    # An officer's name, `kiosk-NNNN`, or `centre`.
    sa.Column("actor", sa.String(64), nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("action", sa.String(32), nullable=False),
    sa.Column("case_id", sa.Uuid, index=True),
    # Codes and numbers; never a word of a visitor.
    sa.Column("facts", sa.JSON, nullable=False),
)

MESSAGES = sa.Table(
    "messages",
    METADATA,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("case_id", sa.Uuid, sa.ForeignKey("cases.case_id"), nullable=False, index=True),
    # email, sms. The address stays in the sealed document and is read when the message is sent.
    sa.Column("channel", sa.String(8), nullable=False),
    # received, accepted, rejected, check
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("check_id", sa.Uuid),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("due_at", Instant, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("sent_at", Instant),
    sa.Column("given_up_at", Instant),
    sa.Index(
        "ix_messages_waiting",
        "due_at",
        sqlite_where=sa.text("sent_at IS NULL AND given_up_at IS NULL"),
        postgresql_where=sa.text("sent_at IS NULL AND given_up_at IS NULL"),
    ),
)

CHECKS = sa.Table(
    "checks",
    METADATA,
    sa.Column("check_id", sa.Uuid, primary_key=True),
    sa.Column("case_id", sa.Uuid, sa.ForeignKey("cases.case_id"), nullable=False, index=True),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("wrong_tries", sa.Integer, nullable=False),
    sa.Column("used_at", Instant),
)

ATTEMPTS = sa.Table(
    "attempts",
    METADATA,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    # HMAC of what is limited: a reference, a kiosk, an address.
    sa.Column("bucket", sa.LargeBinary(32), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Index("ix_attempts_bucket", "bucket", "at"),
)

# A way from a visitor's phone, opened by a kiosk.
UPLOADS = sa.Table(
    "uploads",
    METADATA,
    sa.Column("upload_id", sa.Uuid, primary_key=True),
    sa.Column("kiosk", sa.Integer, nullable=False),
    sa.Column("recipient", sa.String(16), nullable=False),
    # SHA-256 of the token in the address.
    sa.Column("token", sa.LargeBinary(32), nullable=False, unique=True),
    sa.Column("most", sa.Integer, nullable=False),
    sa.Column("language", sa.String(16)),
    sa.Column("opened_at", Instant, nullable=False),
    sa.Column("ends_at", Instant, nullable=False),
    sa.Column("closed_at", Instant),
    # Rises with every change that the kiosk sees.
    sa.Column("version", sa.Integer, nullable=False),
    # The case that named it.
    sa.Column("case_id", sa.Uuid, sa.ForeignKey("cases.case_id"), index=True),
)

UPLOADED_FILES = sa.Table(
    "uploaded_files",
    METADATA,
    sa.Column("file_id", sa.Uuid, primary_key=True),
    sa.Column("upload_id", sa.Uuid, sa.ForeignKey("uploads.upload_id"), nullable=False, index=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("media_type", sa.String(64), nullable=False),
    # So far, until it is whole.
    sa.Column("size", sa.Integer, nullable=False),
    # The content key for each who may open it.
    sa.Column("keys", sa.JSON, nullable=False),
    sa.Column("began_at", Instant, nullable=False),
    # When it was whole, which version of its upload that made, and the SHA-256 of what the phone sent.
    sa.Column("whole_at", Instant),
    sa.Column("place", sa.Integer),
    sa.Column("sha256", sa.LargeBinary(32)),
)

UPLOADED_PIECES = sa.Table(
    "uploaded_pieces",
    METADATA,
    sa.Column("file_id", sa.Uuid, sa.ForeignKey("uploaded_files.file_id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

# How often each option of the survey was chosen, as a kiosk counted it on a day.
TALLIES = sa.Table(
    "tallies",
    METADATA,
    sa.Column("kiosk", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("service", sa.String(40), primary_key=True),
    sa.Column("question", sa.String(40), primary_key=True),
    sa.Column("option", sa.String(40), primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
)
