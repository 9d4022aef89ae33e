"""What was taken out of the record because of its age."""

from alembic import op

from audit.tables import pruned

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pruned.create(op.get_bind(), checkfirst=True)
