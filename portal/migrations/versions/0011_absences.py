"""Who decides for whom while somebody is away."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "absence",
        sa.Column("account_id", sa.String(length=255), nullable=False),
        sa.Column("substitute_id", sa.String(length=255), nullable=False),
        sa.Column("names", sa.LargeBinary(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("begun", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("account_id"),
    )
    op.create_index("ix_absence_substitute_id", "absence", ["substitute_id"], unique=False)
