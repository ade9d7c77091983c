"""Which pack bundle each kiosk asks with, as its heartbeat says."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Two columns that older kiosks leave empty."""
    op.add_column("kiosks", sa.Column("packs_number", sa.Integer))
    op.add_column("kiosks", sa.Column("packs_refused", sa.Integer))
