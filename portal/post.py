"""Puts letters into the outbox: one for each address, once, however often the row they come from is carried out."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import insert, select

from connectors.account import Account
from portal.database import Database
from portal.keys import Keys
from portal.tables import outbox


@dataclass(frozen=True, kw_only=True)
class Post:
    """Where couriers leave what is to be mailed."""

    database: Database
    keys: Keys
    clock: Callable[[], datetime]

    def __call__(
        self, id_: str, to: Iterable[str], template: str, language: str | None, values: Mapping[str, Any]
    ) -> None:
        """One letter to each address; its id follows from the row it comes from."""
        now = self.clock()
        with self.database.write() as tx:
            for address in to:
                letter_id = str(uuid5(NAMESPACE_URL, f"{id_}/{template}/{address}"))
                if tx.execute(select(outbox.c.id).where(outbox.c.id == letter_id)).first() is None:
                    content = {"to": address, "template": template, "language": language, "values": dict(values)}
                    sealed = self.keys.seal("outbox", content)
                    tx.execute(insert(outbox).values(id=letter_id, kind="letter", content=sealed, put=now, due=now))


def addresses(account: Account) -> list[str]:
    """Every address the directory has for a person, each once, the recovery addresses first."""
    return list(dict.fromkeys(a for a in (*account.recovery_mail, account.mail) if a))
