"""What a desk with many tickets needs: priorities, targets, merging, words to search for, views and texts."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, default in (("impact", "one"), ("urgency", "soon"), ("priority", "normal")):
        op.add_column("ticket", sa.Column(name, sa.String(length=8), nullable=False, server_default=default))
    for name in ("answered", "solve_by"):
        op.add_column("ticket", sa.Column(name, sa.BigInteger(), nullable=True))
    op.add_column("ticket", sa.Column("merged_into", sa.Integer(), nullable=True))
    op.create_index("ix_ticket_merged_into", "ticket", ["merged_into"])
    op.drop_index("ix_ticket_status", "ticket")
    for name in ("", "status", "queue", "taken_by", "priority", "action", "reason"):
        columns = [name, "due", "number"] if name else ["due", "number"]
        where = sa.text("closed IS NULL")
        op.create_index(
            f"ticket_due_{name}" if name else "ticket_due",
            "ticket",
            columns,
            sqlite_where=where,
            postgresql_where=where,
        )
    where = sa.text("closed IS NOT NULL")
    op.create_index("ticket_closed", "ticket", ["closed", "number"], sqlite_where=where, postgresql_where=where)
    op.create_table(
        "ticket_word",
        sa.Column("digest", sa.String(length=16), nullable=False),
        sa.Column("ticket", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("digest", "ticket"),
    )
    op.create_index("ix_ticket_word_ticket", "ticket_word", ["ticket"])
    op.create_table(
        "saved_view",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("filters", sa.JSON(), nullable=False),
        sa.Column("first", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_saved_view_account_id", "saved_view", ["account_id"])
    op.create_table(
        "colleague",
        sa.Column("account_id", sa.String(length=255), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id"),
    )
    op.create_table(
        "reply_text",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
