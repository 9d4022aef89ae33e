"""Where PostfixAdmin's database is, and one transaction there at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import Connection, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from connectors.errors import ConnectorError, Forbidden, Obstacle, Unavailable, Unconfirmed
from connectors.mailboxes.settings import MailboxSettings


@dataclass(frozen=True, kw_only=True)
class PostfixAdminSettings(MailboxSettings):
    """Mailboxes in a database of PostfixAdmin. Raises ValueError for what is no address of a database."""

    kind: Literal["postfixadmin"] = "postfixadmin"
    """What is spoken: postfixadmin."""

    database: str = field(repr=False)
    """SQLAlchemy address of the database, "postgresql+psycopg://portal@host/postfix", as a user with few rights."""

    vacation_domain: str = ""
    """$CONF['vacation_domain']: the domain whose mail goes to vacation.pl; empty: auto replies are not offered."""

    timeout: int = 5
    """Seconds to wait for the database."""

    def __post_init__(self) -> None:
        super().__post_init__()
        try:
            make_url(self.database)
        except ArgumentError:
            raise ValueError("database: that is no SQLAlchemy address") from None
        if self.timeout <= 0:
            raise ValueError("timeout: must be above zero")


class Database:
    """Connects anew for each piece of work: there are few, and a server may be restarted between two."""

    def __init__(self, settings: PostfixAdminSettings) -> None:
        limits: dict[str, Any] = {"connect_timeout": settings.timeout}
        if make_url(settings.database).get_backend_name() == "postgresql":
            limits["options"] = f"-c statement_timeout={settings.timeout * 1000}"
        self._engine = create_engine(settings.database, poolclass=NullPool, connect_args=limits)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Raises what `connectors.errors` holds."""
        try:
            with self._engine.connect() as db:
                yield db
        except SQLAlchemyError as error:
            raise _told(error) from error

    @contextmanager
    def changing(self) -> Iterator[Connection]:
        """One transaction. Raises Unconfirmed where it broke while it was being confirmed."""
        confirming = False
        try:
            with self._engine.connect() as db:
                yield db
                confirming = True
                db.commit()
        except SQLAlchemyError as error:
            if confirming:
                raise Unconfirmed(type(error).__name__) from error
            raise _told(error) from error


def _told(error: SQLAlchemyError) -> ConnectorError:
    """By the server's code (PostgreSQL, appendix A): its text may hold what was to be written."""
    code = getattr(error.orig, "sqlstate", None) if isinstance(error, DBAPIError) else None
    match code:
        case "42501":
            return Forbidden(f"the database refuses it: {code}", obstacle=Obstacle.NO_RIGHT)
        case "42P01" | "42703":
            return Forbidden(f"a table or column is not there: {code}", obstacle=Obstacle.SCHEMA)
    return Unavailable(f"{type(error).__name__} {code or ''}".strip())
