"""Which sessions began at an identity provider."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "provider_session",
        sa.Column("session_id", sa.String(length=32), nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("sid_digest", sa.String(length=32), nullable=True),
        sa.Column("sub_digest", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("session_id"),
    )
    op.create_index("ix_provider_session_sid_digest", "provider_session", ["sid_digest"], unique=False)
    op.create_index("ix_provider_session_sub_digest", "provider_session", ["sub_digest"], unique=False)
