"""What accounts may still send to their providers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the table."""
    op.create_table(
        "rate_budgets",
        sa.Column("key", sa.String(128), primary_key=True, nullable=False),
        sa.Column("budget", sa.Text, nullable=False),
        sa.Column("changed_at", sa.Float, nullable=False),
    )


def downgrade() -> None:
    """Drops the table."""
    op.drop_table("rate_budgets")
