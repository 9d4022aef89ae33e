"""The tables of PostfixAdmin's database that matter here, with the columns every supported version has."""

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Integer, MetaData, Table, Text

_ALL = MetaData()

MAILBOX = Table(
    "mailbox",
    _ALL,
    Column("username", Text, primary_key=True),
    Column("quota", BigInteger),  # octets; 0: no limit
    Column("active", Boolean),
)
ALIAS = Table(
    "alias",
    _ALL,
    Column("address", Text, primary_key=True),
    Column("goto", Text),  # addresses with commas; a mailbox has a row of its own, and keeps a copy while it is in it
    Column("domain", Text),
    Column("created", DateTime(timezone=True)),
    Column("modified", DateTime(timezone=True)),
    Column("active", Boolean),
)
QUOTA2 = Table(
    "quota2",
    _ALL,
    Column("username", Text, primary_key=True),
    Column("bytes", BigInteger),
)
VACATION = Table(
    "vacation",
    _ALL,
    Column("email", Text, primary_key=True),
    Column("subject", Text),
    Column("body", Text),
    Column("domain", Text),
    Column("activefrom", DateTime(timezone=True)),
    Column("activeuntil", DateTime(timezone=True)),
    Column("interval_time", Integer),  # seconds within which one sender gets one answer
    Column("created", DateTime(timezone=True)),
    Column("modified", DateTime(timezone=True)),
    Column("active", Boolean),
)
VACATION_NOTIFICATION = Table(
    "vacation_notification",
    _ALL,
    Column("on_vacation", Text, primary_key=True),
    Column("notified", Text, primary_key=True),
)
