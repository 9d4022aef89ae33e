"""Tables of what is to be done at a set moment, where a row goes once it is done, and of what was told by itself."""

from sqlalchemy import Boolean, Column, Integer, LargeBinary, String, Table

from portal.tables import Moment, metadata

timer = Table(
    "timer",
    metadata,
    Column("key", String(32), primary_key=True),  # fingerprint of the account and of the thing it is about
    Column("account_id", String(255), nullable=False, index=True),
    Column("action", String(40), nullable=False),
    Column("content", LargeBinary, nullable=False),  # sealed: {details, language}
    Column("held", Boolean, nullable=False),  # asked for by the owner and waiting, so that it can be stopped
    Column("due", Moment, nullable=False),
    Column("next", Moment, nullable=False, index=True),  # the next try
    Column("tries", Integer, nullable=False, server_default="0"),
)

fullness_told = Table(  # whose owner knows that it is nearly full
    "fullness_told",
    metadata,
    Column("mailbox", String(32), primary_key=True),  # fingerprint of its address
    Column("told", Moment, nullable=False),
)
