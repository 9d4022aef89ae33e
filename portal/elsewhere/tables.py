"""The table of what was to happen in other systems."""

from sqlalchemy import Column, ForeignKey, Integer, String, Table

from portal.tables import metadata

elsewhere = Table(
    "elsewhere",
    metadata,
    Column("id", ForeignKey("operation.id", ondelete="CASCADE"), primary_key=True),  # what is done in the other system
    Column("main", String(36), nullable=False, index=True),  # the attempt at home that it goes with
    Column("person_id", String(255), nullable=False),  # the account at home
    Column("system", String(255), nullable=False),
    Column("ticket", Integer),  # where people see to it
)
