"""The tables of what auditors keep for themselves, and of how the settings were."""

from sqlalchemy import Column, LargeBinary, String, Table

from portal.tables import Moment, metadata

saved_search = Table(  # what an auditor wants to find in the record again
    "saved_search",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("account_id", String(255), nullable=False, index=True),
    Column("content", LargeBinary, nullable=False),  # sealed: {name, filters}
    Column("saved", Moment, nullable=False),
)

setting_seen = Table(  # how the settings were when the portal last started, to tell which have changed
    "setting_seen",
    metadata,
    Column("key", String(100), primary_key=True),
    Column("digest", String(32), nullable=False),  # keyed, so that it tells nothing of the value
)
