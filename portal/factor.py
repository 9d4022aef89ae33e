"""A Factor is one way to prove who you are, over one channel."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Literal

from flask_wtf import FlaskForm
from sqlalchemy import Connection

from connectors import Connectors
from portal.accounts import Accounts
from portal.database import Database
from portal.keys import Keys
from portal.outbox import Outbox

Channel = Literal["mail", "phone", "paper", "key", "person", "memory"]


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Whom a proof is about: an account, or somebody unknown whom nothing will ever prove."""

    account_id: str
    walk_id: str


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """What a factor may use."""

    database: Database
    keys: Keys
    outbox: Outbox
    accounts: Accounts
    connectors: Connectors
    clock: Callable[[], datetime]


class Factor(ABC):
    """Checks one answer. Unknown, locked and ordinary accounts take the same steps and the same time."""

    name: ClassVar[str]
    title: ClassVar[Any]
    channel: ClassVar[Channel]
    Form: ClassVar[type[FlaskForm]]

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf

    def begin(self, tx: Connection, subject: Subject) -> None:  # noqa: B027 - most factors need nothing here
        """Somebody chose this factor: send what has to be sent, in the background."""

    @abstractmethod
    def verify(self, subject: Subject, answer: str) -> str | None:
        """The id of the enrolled factor that the answer proves and has now used up, or None."""
