"""When a sponsor was asked whether somebody still needs the account, and what came of it."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "review",
        sa.Column("account_id", sa.String(length=255), nullable=False),
        sa.Column("sponsor_id", sa.String(length=255), nullable=False),
        sa.Column("names", sa.LargeBinary(), nullable=False),
        sa.Column("asked", sa.Date(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("reminds", sa.Date(), nullable=True),
        sa.Column("again", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("account_id"),
    )
    op.create_index("ix_review_sponsor_id", "review", ["sponsor_id"], unique=False)
    op.create_index("ix_review_state", "review", ["state"], unique=False)
