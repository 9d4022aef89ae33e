"""Several directories: a name may mean somebody in each. One without a service account: what its people showed."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("walk", sa.Column("candidates", sa.JSON(), server_default="[]", nullable=False))
    op.create_table(
        "kept_account",
        sa.Column("account_id", sa.String(length=255), nullable=False),
        sa.Column("login_digest", sa.String(length=32), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id"),
    )
    op.create_index("ix_kept_account_login_digest", "kept_account", ["login_digest"], unique=False)
    # Made anew, for its key: codes live ten minutes, and whoever waits for one asks again.
    op.drop_table("mailed_code")
    op.create_table(
        "mailed_code",
        sa.Column("walk_id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=255), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("walk_id", "account_id"),
    )
    op.create_index("ix_mailed_code_account_id", "mailed_code", ["account_id"], unique=False)
