"""The tables as the first release made them."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "cases",
        sa.Column("case_id", sa.String(36), primary_key=True),
        sa.Column("kiosk", sa.Integer, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("reference", sa.String(32)),
        sa.Column("official_number", sa.String(32), nullable=False, unique=True),
        sa.Column("received_at", sa.String(32), nullable=False),
        sa.Column("envelope", sa.LargeBinary, nullable=False),
        sa.Column("receipt", sa.Text, nullable=False),
    )
    op.create_index("ix_cases_reference", "cases", ["reference"])
    op.create_index("chain", "cases", ["kiosk", "sequence"])
    op.create_table(
        "parts",
        sa.Column("kiosk", sa.Integer, primary_key=True),
        sa.Column("case_id", sa.String(36), primary_key=True),
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "official_numbers",
        sa.Column("year", sa.Integer, primary_key=True),
        sa.Column("last", sa.Integer, nullable=False),
    )
    op.create_table(
        "heartbeats",
        sa.Column("kiosk", sa.Integer, primary_key=True),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("queued", sa.Integer, nullable=False),
        sa.Column("oldest_age_s", sa.Integer, nullable=False),
        sa.Column("last_sequence", sa.BigInteger, nullable=False),
    )
