"""Puts letters into the outbox: one for each address, once, however often the row they come from is carried out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import Connection

from connectors.account import Account
from portal.books import Books
from portal.web.links import Links

UNDO_HOURS = 72


@dataclass(frozen=True, kw_only=True)
class Post:
    """Where is left what is to be mailed."""

    books: Books
    links: Links

    def __call__(
        self, id_: str, to: Iterable[str], template: str, language: str | None, values: Mapping[str, Any]
    ) -> None:
        """One letter to each address; its id follows from the row it comes from."""
        with self.books.write() as tx:
            self.put(tx, id_, to, template, language, values)

    def put(
        self,
        tx: Connection,
        id_: str,
        to: Iterable[str],
        template: str,
        language: str | None,
        values: Mapping[str, Any],
    ) -> None:
        """The same, in the caller's transaction."""
        for address in to:
            letter = {"to": address, "template": template, "language": language, "values": dict(values)}
            self.books.outbox.once(tx, str(uuid5(NAMESPACE_URL, f"{id_}/{template}/{address}")), "letter", letter)

    def news(self, tx: Connection, id_: str, account: Account, content: Mapping[str, Any]) -> None:
        """One piece of news: a letter to each address its owner has."""
        values = {"name": account.name, "login": account.login, "at": content["at"], **content["values"]}
        if content.get("attempt"):
            values |= {"attempt": content["attempt"], "undo_url": self.undo(account, content["attempt"])}
        if "number" in values:
            values["ticket_url"] = self.links.ticket(int(values["number"]))
        to = dict.fromkeys([*addresses(account), *filter(None, [values.get("old_address")])])  # the one taken away too
        values |= {name: masked(values[name]) for name in ("old_address", "new_address") if name in values}
        self.put(tx, id_, to, content["template"], account.language or content.get("language"), values)

    def undo(self, account: Account, attempt: str) -> str:
        """Where its owner says: it was not me."""
        return self.links.undo(account.id, attempt, int((self.books.clock() + timedelta(hours=UNDO_HOURS)).timestamp()))


def addresses(account: Account) -> list[str]:
    """Every address the directory has for a person, each once, the recovery addresses first."""
    return list(dict.fromkeys(a for a in (*account.recovery_mail, account.mail) if a))


def masked(address: str) -> str:
    """An address its owner recognises and a stranger does not: b•••@fjordpost.example; nothing for none."""
    if not address:
        return ""
    local, _, domain = address.partition("@")
    return f"{local[:1]}•••@{domain}"
