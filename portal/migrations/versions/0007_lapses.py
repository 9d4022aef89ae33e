"""Accounts that are to end, and who did what lately."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lapse",
        sa.Column("account_id", sa.String(length=255), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("said", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id"),
    )
    op.create_index("operation_of_actor", "operation", ["actor_id", "started"], unique=False)
