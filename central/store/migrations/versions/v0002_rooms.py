"""The rooms of the second release: inbox, messages, enquiries, enrolment, proof. What there was moves over.

A copy of the schema as it was then: later releases change `central.store.schema`, never this page.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_BATCH = 200

_METADATA = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
_INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")

_CASES = sa.Table(
    "cases",
    _METADATA,
    sa.Column("case_id", sa.Uuid, primary_key=True),
    sa.Column("kiosk", sa.Integer, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("previous", sa.LargeBinary(32), nullable=False),
    sa.Column("sha256", sa.LargeBinary(32), nullable=False),
    sa.Column("reference", sa.String(32), index=True),
    sa.Column("receipt_code", sa.LargeBinary(32)),
    sa.Column("report_type", sa.String(64)),
    sa.Column("language", sa.String(16)),
    sa.Column("official_number", sa.String(32), nullable=False, unique=True),
    sa.Column("received_at", _INSTANT, nullable=False),
    sa.Column("updated_at", _INSTANT, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("handled_by", sa.String(64)),
    sa.Column("force_number", sa.String(64)),
    sa.Column("words", sa.JSON(none_as_null=True)),
    sa.Column("supplement_to", sa.Uuid, sa.ForeignKey("cases.case_id")),
    sa.Column("envelope", sa.LargeBinary, nullable=False),
    sa.Column("receipt", sa.Text, nullable=False),
    sa.Index("ix_cases_chain", "kiosk", "sequence"),
    sa.Index("ix_cases_inbox", "state", "received_at"),
)

_PARTS = sa.Table(
    "parts",
    _METADATA,
    sa.Column("kiosk", sa.Integer, primary_key=True),
    sa.Column("case_id", sa.Uuid, primary_key=True),
    sa.Column("sha256", sa.LargeBinary(32), primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

sa.Table(
    "official_numbers",
    _METADATA,
    sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("last", sa.Integer, nullable=False),
)

_KIOSKS = sa.Table(
    "kiosks",
    _METADATA,
    sa.Column("kiosk", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("enrolled_at", _INSTANT),
    sa.Column("revoked_at", _INSTANT),
    sa.Column("seen_at", _INSTANT),
    sa.Column("queued", sa.Integer),
    sa.Column("quarantined", sa.Integer),
    sa.Column("oldest_age_s", sa.Integer),
    sa.Column("last_sequence", sa.BigInteger),
    sa.Column("release", sa.String(32)),
    sa.Column("key_set_version", sa.Integer),
)

sa.Table(
    "certificates",
    _METADATA,
    sa.Column("serial", sa.String(48), primary_key=True),
    sa.Column("kiosk", sa.Integer, nullable=False, index=True),
    sa.Column("issued_at", _INSTANT, nullable=False),
    sa.Column("not_after", _INSTANT, nullable=False),
)

sa.Table(
    "invitations",
    _METADATA,
    sa.Column("kiosk", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("secret", sa.LargeBinary(32), nullable=False),
    sa.Column("expires_at", _INSTANT, nullable=False),
    sa.Column("wrong_tries", sa.Integer, nullable=False),
)

sa.Table(
    "chain_starts",
    _METADATA,
    sa.Column("kiosk", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("first_sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("given_at", _INSTANT, nullable=False),
)

sa.Table(
    "explained_gaps",
    _METADATA,
    sa.Column("kiosk", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("first", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("last", sa.BigInteger, nullable=False),
    sa.Column("explained_at", _INSTANT, nullable=False),
    sa.Column("explained_by", sa.String(64), nullable=False),
    sa.Column("explanation", sa.String(500), nullable=False),
)

sa.Table(
    "proven",
    _METADATA,
    sa.Column("kiosk", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.LargeBinary(32), nullable=False),
    sa.Column("cases", sa.BigInteger, nullable=False),
    sa.Column("proven_at", _INSTANT, nullable=False),
)

sa.Table(
    "officers",
    _METADATA,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("token", sa.LargeBinary(32), nullable=False, unique=True),
    sa.Column("created_at", _INSTANT, nullable=False),
    sa.Column("disabled_at", _INSTANT),
)

sa.Table(
    "history",
    _METADATA,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("at", _INSTANT, nullable=False),
    sa.Column("actor", sa.String(64), nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("action", sa.String(32), nullable=False),
    sa.Column("case_id", sa.Uuid, index=True),
    sa.Column("facts", sa.JSON, nullable=False),
)

sa.Table(
    "messages",
    _METADATA,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("case_id", sa.Uuid, sa.ForeignKey("cases.case_id"), nullable=False, index=True),
    sa.Column("channel", sa.String(8), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("check_id", sa.Uuid),
    sa.Column("created_at", _INSTANT, nullable=False),
    sa.Column("due_at", _INSTANT, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("sent_at", _INSTANT),
    sa.Column("given_up_at", _INSTANT),
    sa.Index(
        "ix_messages_waiting",
        "due_at",
        sqlite_where=sa.text("sent_at IS NULL AND given_up_at IS NULL"),
        postgresql_where=sa.text("sent_at IS NULL AND given_up_at IS NULL"),
    ),
)

sa.Table(
    "checks",
    _METADATA,
    sa.Column("check_id", sa.Uuid, primary_key=True),
    sa.Column("case_id", sa.Uuid, sa.ForeignKey("cases.case_id"), nullable=False, index=True),
    sa.Column("created_at", _INSTANT, nullable=False),
    sa.Column("wrong_tries", sa.Integer, nullable=False),
    sa.Column("used_at", _INSTANT),
)

sa.Table(
    "attempts",
    _METADATA,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("bucket", sa.LargeBinary(32), nullable=False),
    sa.Column("at", _INSTANT, nullable=False),
    sa.Index("ix_attempts_bucket", "bucket", "at"),
)

_Row = dict[str, Any]


def upgrade() -> None:
    """Move the old tables aside, make the new ones, carry every row over."""
    op.drop_index("ix_cases_reference")
    op.drop_index("chain")
    for table in ("cases", "parts"):
        op.rename_table(table, f"old_{table}")
    numbers = _read("official_numbers")
    op.drop_table("official_numbers")
    _METADATA.create_all(op.get_bind(), checkfirst=False)
    _make_history_append_only()
    _keep_ciphertext_as_it_is()
    _insert(_METADATA.tables["official_numbers"], numbers)
    _carry("old_cases", _CASES, _case)
    _carry("old_parts", _PARTS, _part)
    _carry("heartbeats", _KIOSKS, _kiosk)


def _carry(old: str, new: sa.Table, changed: Callable[[_Row], _Row]) -> None:
    everything = sa.text(f"SELECT * FROM {old}")  # noqa: S608 - our own table names
    rows = op.get_bind().execute(everything.execution_options(yield_per=_BATCH))
    for batch in rows.mappings().partitions():
        _insert(new, [changed(dict(row)) for row in batch])
    op.drop_table(old)


def _read(table: str) -> list[_Row]:
    return [dict(row) for row in op.get_bind().execute(sa.text(f"SELECT * FROM {table}")).mappings()]  # noqa: S608 - our own table names


def _insert(table: sa.Table, rows: list[_Row]) -> None:
    if rows:
        op.get_bind().execute(sa.insert(table), rows)


def _case(row: _Row) -> _Row:
    received = _instant(row["received_at"])
    return {
        **row,
        "case_id": UUID(row["case_id"]),
        "previous": bytes.fromhex(row["previous"]),
        "sha256": bytes.fromhex(row["sha256"]),
        "received_at": received,
        "updated_at": received,
        "state": "received",
    }


def _part(row: _Row) -> _Row:
    return {**row, "case_id": UUID(row["case_id"]), "sha256": bytes.fromhex(row["sha256"])}


def _kiosk(row: _Row) -> _Row:
    return {"seen_at": _instant(row.pop("at")), **row}


def _instant(text: str) -> object:
    moment = dt.datetime.fromisoformat(text).astimezone(dt.UTC)
    return moment.isoformat(timespec="milliseconds") if op.get_bind().dialect.name == "sqlite" else moment


def _make_history_append_only() -> None:
    refused = "history is append-only"
    if op.get_bind().dialect.name == "sqlite":
        # INSERT OR REPLACE deletes without telling a trigger: hence the third.
        for name, event in (
            ("update", "UPDATE ON history"),
            ("delete", "DELETE ON history"),
            ("replace", "INSERT ON history WHEN EXISTS (SELECT 1 FROM history WHERE id = NEW.id)"),
        ):
            op.execute(
                f"CREATE TRIGGER history_no_{name} BEFORE {event} BEGIN SELECT RAISE(ABORT, '{refused}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION history_is_append_only() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{refused}' USING ERRCODE = 'restrict_violation'; END $$"
    )
    op.execute(
        "CREATE TRIGGER history_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON history"
        " FOR EACH STATEMENT EXECUTE FUNCTION history_is_append_only()"
    )


def _keep_ciphertext_as_it_is() -> None:
    # PostgreSQL would try to compress each envelope, in vain: a third of what an insert costs it.
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE cases ALTER COLUMN envelope SET STORAGE EXTERNAL")
        op.execute("ALTER TABLE parts ALTER COLUMN sealed SET STORAGE EXTERNAL")
