"""What the sealer tells: which witnesses have seen the log, and when it last found it sound."""

from alembic import op

from audit.tables import cosignatures, sealer

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in (cosignatures, sealer):
        table.create(op.get_bind())
