"""Checks of callers, and the links they get."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "caller_check",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("ticket", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.String(length=255), nullable=False),
        sa.Column("staff_id", sa.String(length=255), nullable=False),
        sa.Column("names", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("proofs", sa.JSON(), nullable=False),
        sa.Column("pressure", sa.Boolean(), nullable=False),
        sa.Column("manager_id", sa.String(length=255), nullable=True),
        sa.Column("second_id", sa.String(length=255), nullable=True),
        sa.Column("code_digest", sa.String(length=32), nullable=True),
        sa.Column("code_tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("begun", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    for column in ("ticket", "account_id", "staff_id"):
        op.create_index(f"ix_caller_check_{column}", "caller_check", [column], unique=False)
    op.create_table(
        "password_link",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=255), nullable=False),
        sa.Column("way", sa.String(length=8), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=True),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
    )
    op.create_index("ix_password_link_account_id", "password_link", ["account_id"], unique=False)
