"""Approvals: whose account, whose turn, and who may decide by name."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("ticket") as batch:
        batch.add_column(sa.Column("account_id", sa.String(length=255), nullable=True))
        batch.add_column(sa.Column("stage", sa.Integer(), nullable=True))
    op.create_table(
        "decider",
        sa.Column("ticket", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("ticket", "account_id"),
    )
    op.create_index("ix_decider_account_id", "decider", ["account_id"], unique=False)
