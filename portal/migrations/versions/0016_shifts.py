"""Who is on duty when, what was changed for a single day, and hours nobody covers that somebody was told of."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shift",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("queue", sa.String(length=20), nullable=False),
        sa.Column("account_id", sa.String(length=255), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=True),
        sa.Column("weeks", sa.Integer(), nullable=False),
        sa.Column("starts", sa.String(length=5), nullable=False),
        sa.Column("ends", sa.String(length=5), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "shift_change",
        sa.Column("shift", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("account_id", sa.String(length=255), nullable=True),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["shift"], ["shift.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("shift", "day"),
    )
    op.create_table(
        "shift_swap",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("shift", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("asker_id", sa.String(length=255), nullable=False),
        sa.Column("asked_id", sa.String(length=255), nullable=False),
        sa.Column("names", sa.LargeBinary(), nullable=False),
        sa.Column("back_shift", sa.Integer(), nullable=True),
        sa.Column("back_day", sa.Date(), nullable=True),
        sa.Column("open_key", sa.String(length=60), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["shift"], ["shift.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["back_shift"], ["shift.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("open_key"),
    )
    op.create_index("ix_shift_swap_asker_id", "shift_swap", ["asker_id"], unique=False)
    op.create_index("ix_shift_swap_asked_id", "shift_swap", ["asked_id"], unique=False)
    op.create_index("ix_shift_swap_day", "shift_swap", ["day"], unique=False)
    op.create_table(
        "gap_told",
        sa.Column("queue", sa.String(length=20), nullable=False),
        sa.Column("starts", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("queue", "starts", "ends"),
    )
