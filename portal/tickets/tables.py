"""The tables of the desk around tickets: words to search for, colleagues, views and texts."""

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table

from portal.tables import Moment, metadata, ticket

for _name in (
    "",
    "status",
    "queue",
    "taken_by",
    "priority",
    "action",
    "reason",
):  # each list of the desk, in the order of its rows
    Index(
        f"ticket_due_{_name}" if _name else "ticket_due",
        *([ticket.c[_name]] if _name else []),
        ticket.c.due,
        ticket.c.number,
        sqlite_where=ticket.c.closed.is_(None),
        postgresql_where=ticket.c.closed.is_(None),
    )
Index(
    "ticket_closed",
    ticket.c.closed,
    ticket.c.number,
    sqlite_where=ticket.c.closed.is_not(None),  # or SQLite would take it for open ones, too
    postgresql_where=ticket.c.closed.is_not(None),
)

ticket_word = Table(  # what can be searched for in tickets, whose content is sealed: a keyed fingerprint of each word
    "ticket_word",
    metadata,
    Column("digest", String(16), primary_key=True),
    Column("ticket", ForeignKey("ticket.number", ondelete="CASCADE"), primary_key=True, index=True),
)

saved_view = Table(  # a filter of the queue that somebody has given a name
    "saved_view",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("account_id", String(255), nullable=False, index=True),
    Column("name", String(60), nullable=False),
    Column("filters", JSON, nullable=False),
    Column("first", Boolean, nullable=False),  # what its owner sees first
)

colleague = Table(  # who works at the desk, as seen there
    "colleague",
    metadata,
    Column("account_id", String(255), primary_key=True),
    Column("content", LargeBinary, nullable=False),  # sealed: {name, fields}
    Column("seen", Moment, nullable=False),
)

reply_text = Table(  # what the desk writes often
    "reply_text",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(60), nullable=False, unique=True),
    Column("texts", JSON, nullable=False),  # by language
    Column("version", Integer, nullable=False, server_default="1"),
)
