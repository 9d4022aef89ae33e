"""What follows a closed ticket: whether it was good, and days on which somebody comes back to it."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ticket_rating",
        sa.Column("ticket", sa.Integer(), nullable=False),
        sa.Column("good", sa.Boolean(), nullable=False),
        sa.Column("worked", sa.String(length=255), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("ticket"),
    )
    op.create_table(
        "follow_up",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket", sa.Integer(), nullable=False),
        sa.Column("how", sa.String(length=4), nullable=False),
        sa.Column("by", sa.String(length=255), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_follow_up_ticket", "follow_up", ["ticket"], unique=False)
    op.create_index("ix_follow_up_due", "follow_up", ["due"], unique=False)
