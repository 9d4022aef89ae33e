"""What the desk writes often, once for each language, with places for what differs from ticket to ticket."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from audit.event import Event
from audit.log import AuditLog
from portal.database import Database
from portal.identity import Principal
from portal.tickets.tables import reply_text
from portal.tickets.ticket import AlreadyDecided

PLACES = ("first_name", "number", "due", "my_name")
PLACE = re.compile(r"\{(\w*)\}")


class NameTaken(Exception):
    """Another text goes by that name."""


@dataclass(frozen=True, kw_only=True)
class ReplyText:
    """One text module."""

    id: str
    name: str
    texts: Mapping[str, str]  # by language
    version: int

    def in_language(self, language: str) -> str:
        """In the reader's language, otherwise in the first it is written in."""
        return self.texts.get(language) or next(iter(self.texts.values()), "")


def unknown_places(text: str) -> list[str]:
    """Places that nothing is known for, as they stand in the text."""
    return [f"{{{name}}}" for name in PLACE.findall(text) if name not in PLACES]


def filled_in(text: str, values: Mapping[str, str]) -> str:
    """The text for one ticket."""
    return PLACE.sub(lambda place: values.get(place[1], place[0]), text)


class ReplyTexts:
    """The table of texts, the same for everybody at the desk. Who changed one is on record."""

    def __init__(self, database: Database, log: AuditLog) -> None:
        self._database = database
        self._log = log

    def all(self, db: Connection) -> list[ReplyText]:
        rows = db.execute(select(reply_text))
        return sorted((ReplyText(**row._mapping) for row in rows), key=lambda text: text.name.casefold())

    def get(self, db: Connection, id_: str) -> ReplyText | None:
        return next((text for text in self.all(db) if text.id == id_), None)

    def add(self, actor: Principal, name: str, texts: Mapping[str, str]) -> None:
        values = {"id": secrets.token_hex(16), "name": name, "texts": dict(texts)}
        try:
            with self._database.write() as tx:
                tx.execute(insert(reply_text).values(values))
                self._record(tx, actor, name)
        except IntegrityError as error:
            raise NameTaken(name) from error

    def change(self, actor: Principal, before: ReplyText, name: str, texts: Mapping[str, str]) -> None:
        """Raise AlreadyDecided if somebody else has changed it since `before` was shown."""
        values = {"name": name, "texts": dict(texts), "version": before.version + 1}
        as_shown = (reply_text.c.id == before.id, reply_text.c.version == before.version)
        try:
            with self._database.write() as tx:
                if tx.execute(update(reply_text).where(*as_shown).values(values)).rowcount != 1:
                    raise AlreadyDecided(before.name)
                self._record(tx, actor, name)
        except IntegrityError as error:
            raise NameTaken(name) from error

    def remove(self, actor: Principal, text: ReplyText) -> None:
        with self._database.write() as tx:
            tx.execute(delete(reply_text).where(reply_text.c.id == text.id))
            self._record(tx, actor, text.name)

    def _record(self, tx: Connection, actor: Principal, name: str) -> None:
        event = Event(kind="reply_text_changed", **actor.in_record, object=name)
        self._log.record(tx, event, "success")
