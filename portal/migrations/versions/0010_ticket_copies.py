"""Copies of tickets in another ticket system."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ticket_copy",
        sa.Column("ticket", sa.Integer(), nullable=False),
        sa.Column("system", sa.String(length=255), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("reference", sa.JSON(), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("there", sa.String(length=8), server_default="open", nullable=False),
        sa.Column("noted", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tried", sa.BigInteger(), nullable=True),
        sa.Column("failing", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("looks", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_look", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("ticket"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("ix_ticket_copy_next_look", "ticket_copy", ["next_look"], unique=False)
