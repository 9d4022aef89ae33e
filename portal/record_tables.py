"""Tables about the record: how far each receiver was told of it, and how far it was looked through."""

from sqlalchemy import BigInteger, Column, Date, Integer, String, Table, Text

from portal.tables import Moment, metadata

siem_feed = Table(
    "siem_feed",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("next", BigInteger, nullable=False),  # the entry to go on from
    Column("dangling", BigInteger, nullable=False),  # the newest intent without an outcome that was told
    Column("holder", String(36), nullable=False),  # the worker that delivers now
    Column("lease", Moment, nullable=False),  # until when, unless it says so again
    Column("due", Moment, nullable=False),  # the next try
    Column("tries", Integer, nullable=False),  # in vain, since the last that was not
    Column("error", Text),
)

watching = Table(
    "watching",  # one row
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("next", BigInteger, nullable=False),  # the entry to look at next
)

alert = Table(
    "alert",  # what was found, so that it is told once
    metadata,
    Column("key", String(200), primary_key=True),
    Column("at", Moment, nullable=False),
)

anchor = Table(
    "anchor",  # the days on which the newest checkpoint was left elsewhere
    metadata,
    Column("day", Date, primary_key=True),
    Column("size", BigInteger, nullable=False),
)
