"""The tables of what follows a ticket."""

from sqlalchemy import Boolean, Column, ForeignKey, Integer, LargeBinary, String, Table

from portal.tables import Moment, metadata

ticket_rating = Table(
    "ticket_rating",
    metadata,
    Column("ticket", ForeignKey("ticket.number", ondelete="CASCADE"), primary_key=True),
    Column("good", Boolean, nullable=False),
    Column("worked", String(255)),  # who had it last
    Column("at", Moment, nullable=False),
)

follow_up = Table(
    "follow_up",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("ticket", ForeignKey("ticket.number", ondelete="CASCADE"), nullable=False, index=True),
    Column("how", String(4), nullable=False),  # desk: back to the queue; mail: ask the person
    Column("by", String(255), nullable=False),
    Column("words", LargeBinary, nullable=False),  # sealed: {text, name}
    Column("due", Moment, nullable=False, index=True),
    Column("done", Moment),
)
