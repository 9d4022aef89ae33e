"""Notices tell what it is that ends, and can be paused."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Into a new table: SQLite cannot give an old one another key."""
    op.drop_index("ix_notice_sent_sent_on", "notice_sent")
    op.rename_table("notice_sent", "notice_sent_before")
    op.create_table(
        "notice_sent",
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("account_id", sa.String(length=255), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("mark", sa.Integer(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "account_id", "ends_on", "mark", name="pk_notice_sent_kind"),
    )
    op.execute(
        "INSERT INTO notice_sent (kind, account_id, ends_on, mark, sent_on)"
        " SELECT 'account', account_id, ends_on, mark, sent_on FROM notice_sent_before"
    )
    op.drop_table("notice_sent_before")
    op.create_index("ix_notice_sent_sent_on", "notice_sent", ["sent_on"], unique=False)
    op.create_table(
        "paused",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
