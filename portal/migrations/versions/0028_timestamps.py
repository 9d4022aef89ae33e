"""What an authority outside has said of checkpoints."""

from alembic import op

from audit.tables import timestamps

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    timestamps.create(op.get_bind(), checkfirst=True)
