"""Rooms by recipient, files from visitors' phones, and counts of the survey."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    """Every case there is was sealed to the keys of reports."""
    op.add_column("cases", sa.Column("recipient", sa.String(16), nullable=False, server_default="reports"))
    _make_uploads()
    op.create_table(
        "tallies",
        sa.Column("kiosk", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("service", sa.String(40), nullable=False),
        sa.Column("question", sa.String(40), nullable=False),
        sa.Column("option", sa.String(40), nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("kiosk", "day", "service", "question", "option", name="pk_tallies"),
    )


def _make_uploads() -> None:
    op.create_table(
        "uploads",
        sa.Column("upload_id", sa.Uuid, nullable=False),
        sa.Column("kiosk", sa.Integer, nullable=False),
        sa.Column("recipient", sa.String(16), nullable=False),
        sa.Column("token", sa.LargeBinary(32), nullable=False),
        sa.Column("most", sa.Integer, nullable=False),
        sa.Column("language", sa.String(16)),
        sa.Column("opened_at", _INSTANT, nullable=False),
        sa.Column("ends_at", _INSTANT, nullable=False),
        sa.Column("closed_at", _INSTANT),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("case_id", sa.Uuid),
        sa.PrimaryKeyConstraint("upload_id", name="pk_uploads"),
        sa.UniqueConstraint("token", name="uq_uploads_token"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name="fk_uploads_case_id"),
    )
    op.create_index("ix_uploads_case_id", "uploads", ["case_id"])
    op.create_table(
        "uploaded_files",
        sa.Column("file_id", sa.Uuid, nullable=False),
        sa.Column("upload_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("media_type", sa.String(64), nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("keys", sa.JSON, nullable=False),
        sa.Column("began_at", _INSTANT, nullable=False),
        sa.Column("whole_at", _INSTANT),
        sa.Column("place", sa.Integer),
        sa.Column("sha256", sa.LargeBinary(32)),
        sa.PrimaryKeyConstraint("file_id", name="pk_uploaded_files"),
        sa.ForeignKeyConstraint(["upload_id"], ["uploads.upload_id"], name="fk_uploaded_files_upload_id"),
    )
    op.create_index("ix_uploaded_files_upload_id", "uploaded_files", ["upload_id"])
    op.create_table(
        "uploaded_pieces",
        sa.Column("file_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("file_id", "number", name="pk_uploaded_pieces"),
        sa.ForeignKeyConstraint(["file_id"], ["uploaded_files.file_id"], name="fk_uploaded_pieces_file_id"),
    )
    if op.get_bind().dialect.name == "postgresql":
        # Ciphertext does not compress.
        op.execute("ALTER TABLE uploaded_pieces ALTER COLUMN sealed SET STORAGE EXTERNAL")
