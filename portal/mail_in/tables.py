"""Which mails have been taken in."""

from sqlalchemy import Column, Integer, String, Table

from portal.tables import Moment, metadata

mail_seen = Table(
    "mail_seen",
    metadata,
    Column("digest", String(32), primary_key=True),  # of the Message-ID
    Column("ticket", Integer, nullable=False),
    Column("at", Moment, nullable=False, index=True),
)
