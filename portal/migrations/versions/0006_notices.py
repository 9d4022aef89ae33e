"""Which notices of an account's end have gone out."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notice_sent",
        sa.Column("account_id", sa.String(length=255), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("mark", sa.Integer(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "ends_on", "mark"),
    )
    op.create_index("ix_notice_sent_sent_on", "notice_sent", ["sent_on"], unique=False)
