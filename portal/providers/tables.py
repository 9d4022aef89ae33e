"""The tables of links between people at a provider and accounts, and of open questions to providers."""

from sqlalchemy import Column, LargeBinary, String, Table, UniqueConstraint

from portal.tables import Moment, metadata

provider_link = Table(
    "provider_link",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("account_id", String(255), nullable=False, index=True),
    Column("issuer", String(255), nullable=False),
    Column("subject", String(255), nullable=False),  # with the issuer one person, for ever
    Column("shown", String(100), nullable=False),  # what they are called there
    Column("linked", Moment, nullable=False),
    Column("last_used", Moment),
    UniqueConstraint("issuer", "subject"),
)

provider_question = Table(
    "provider_question",
    metadata,
    Column("id", String(32), primary_key=True),  # a keyed fingerprint of the state
    Column("content", LargeBinary, nullable=False),  # sealed
    Column("ends", Moment, nullable=False, index=True),
)
