"""Tables of the shift plan and of reviews, beside those of `portal.tables`."""

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, LargeBinary, String, Table

from portal.tables import Moment, metadata

shift = Table(  # one turn, or one that comes again every so many weeks
    "shift",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("queue", String(20), nullable=False),
    Column("account_id", String(255), nullable=False),
    Column("name", LargeBinary, nullable=False),  # sealed
    Column("first", Date, nullable=False),  # the first day of it
    Column("last", Date),
    Column("weeks", Integer, nullable=False),  # from one turn to the next
    Column("starts", String(5), nullable=False),  # HH:MM in the queue's zone
    Column("ends", String(5), nullable=False),  # not after `starts`: on the next day
)

shift_change = Table(  # one turn that somebody else has, or nobody
    "shift_change",
    metadata,
    Column("shift", ForeignKey("shift.id", ondelete="CASCADE"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("account_id", String(255)),
    Column("name", LargeBinary),  # sealed
)

shift_swap = Table(  # somebody asks a colleague to take a turn, perhaps for one of theirs
    "shift_swap",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("shift", ForeignKey("shift.id", ondelete="CASCADE"), nullable=False),
    Column("day", Date, nullable=False),
    Column("asker_id", String(255), nullable=False, index=True),
    Column("asked_id", String(255), nullable=False, index=True),
    Column("names", LargeBinary, nullable=False),  # sealed: {asker, asked}
    Column("back_shift", ForeignKey("shift.id", ondelete="CASCADE")),
    Column("back_day", Date),
    Column("open_key", String(60), unique=True),  # shift and day while nobody has answered
    Column("state", String(10), nullable=False),  # of portal.duty.swaps.State
    Column("asked", Moment, nullable=False),
    Index("ix_shift_swap_day", "day"),
)

gap_told = Table(  # hours nobody covers that somebody was told of
    "gap_told",
    metadata,
    Column("queue", String(20), primary_key=True),
    Column("starts", Moment, primary_key=True),
    Column("ends", Moment, primary_key=True),
)

review = Table(  # the last time a sponsor was asked whether somebody still needs the account
    "review",
    metadata,
    Column("account_id", String(255), primary_key=True),
    Column("sponsor_id", String(255), nullable=False, index=True),  # empty: the account names nobody who may answer
    Column("names", LargeBinary, nullable=False),  # sealed: {name, login}
    Column("asked", Date, nullable=False),
    Column("due", Date, nullable=False),
    Column("reminds", Date),
    Column("again", Date, nullable=False),  # when it is asked anew
    Column("state", String(10), nullable=False, index=True),  # of portal.duty.reviews.State
)

handover = Table(  # what whoever left a shift wrote for whoever comes on
    "handover",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("queue", String(20), nullable=False),
    Column("written", Moment, nullable=False, index=True),
    Column("author_id", String(255), nullable=False),
    Column("words", LargeBinary, nullable=False),  # sealed: {author, text}
)
