"""Tables about the record: who was told of it, what was looked for in it, and what was taken out."""

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Integer, LargeBinary, String, Table, Text

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

export = Table(
    "export",  # a view of the record as a file, made by a worker for whoever asked
    metadata,
    Column("id", String(32), primary_key=True),
    Column("account_id", String(255), nullable=False, index=True),  # whose it is; nobody else gets it
    Column("format", String(8), nullable=False),  # of portal.evidence.exports.Format
    Column("content", LargeBinary, nullable=False),  # sealed: {query, filters, language, login, session, source}
    Column("state", String(8), nullable=False),  # of portal.evidence.exports.State
    Column("size", BigInteger, nullable=False),  # of the record when it was asked for: what comes later is not in it
    Column("cursor", BigInteger, nullable=False),  # entries below are still to come
    Column("lines", BigInteger, nullable=False),  # how many entries are in it so far
    Column("entry", BigInteger),  # of a pack: the entry that tells of it
    Column("asked", Moment, nullable=False),
    Column("ends", Moment, nullable=False),  # then it is deleted
)
export_part = Table(
    "export_part",
    metadata,
    Column("export", ForeignKey("export.id", ondelete="CASCADE"), primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),  # encrypted
)
