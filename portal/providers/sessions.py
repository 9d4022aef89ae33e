"""Which sessions began at which identity provider, so that it can end them. Of its names only fingerprints are kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, ForeignKey, String, Table, delete, select

from portal.database import Database
from portal.keys import Keys
from portal.tables import metadata, session

provider_session = Table(
    "provider_session",
    metadata,
    Column("session_id", ForeignKey("session.id", ondelete="CASCADE"), primary_key=True),
    Column("provider", String(40), nullable=False),
    Column("sid_digest", String(32), index=True),  # None: it does not name its sessions
    Column("sub_digest", String(32), nullable=False, index=True),
)


@dataclass(frozen=True)
class Ended:
    """One session that is no more."""

    session_id: str
    account_id: str


def note(tx: Connection, database: Database, keys: Keys, session_id: str, said: Mapping[str, Any]) -> None:
    """Remember where a session comes from; `said` is what the session itself holds of it."""
    name, sid = said["name"], said["sid"]
    values = {
        "provider": name,
        "sid_digest": _digest(keys, name, "sid", sid) if sid else None,
        "sub_digest": _digest(keys, name, "sub", said["sub"]),
    }
    row = database.insert(provider_session).values(session_id=session_id, **values)
    tx.execute(row.on_conflict_do_update(index_elements=["session_id"], set_=values))


def end(tx: Connection, keys: Keys, provider: str, *, sid: str, sub: str) -> list[Ended]:
    """End the session of that name; without one all of the person's that began there."""
    wanted = (
        provider_session.c.sid_digest == _digest(keys, provider, "sid", sid)
        if sid
        else provider_session.c.sub_digest == _digest(keys, provider, "sub", sub)
    )
    of_provider = provider_session.c.session_id == session.c.id
    query = select(session.c.id, session.c.account_id).join(provider_session, of_provider).where(wanted)
    found = [Ended(row.id, row.account_id) for row in tx.execute(query)]
    tx.execute(delete(session).where(session.c.id.in_([ended.session_id for ended in found])))
    return found


def _digest(keys: Keys, provider: str, kind: str, value: str) -> str:
    return keys.digest("provider-session", f"{provider} {kind} {value}")
