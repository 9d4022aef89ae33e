"""What finds entries of the record, and what auditors note about them."""

from alembic import op

from audit.tables import indexed, names, people, remarks, terms, words

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in (indexed, terms, words, people, names, remarks):
        table.create(op.get_bind(), checkfirst=True)  # a new database has them with the record's other tables
