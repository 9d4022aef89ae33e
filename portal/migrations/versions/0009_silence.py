"""What happens to an approval while nobody decides: when it climbs, who is reminded, and the bridges given."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("ticket") as batch:
        batch.add_column(sa.Column("reminds", sa.BigInteger(), nullable=True))
        batch.add_column(sa.Column("climbs", sa.BigInteger(), nullable=True))
        batch.add_column(sa.Column("lapses", sa.Date(), nullable=True))
    op.create_table(
        "bridge",
        sa.Column("ticket", sa.Integer(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("account_id", sa.String(length=255), nullable=False),
        sa.Column("first_end", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("ticket", "until"),
    )
    op.create_index("ix_bridge_account_id", "bridge", ["account_id"], unique=False)
