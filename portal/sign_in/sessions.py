"""Sessions kept on the server, so that they can be listed, ended and outlived by nothing."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy import Connection, bindparam, delete, insert, select, update
from werkzeug.datastructures import CallbackDict

from audit.statements import Statement
from portal.database import Database
from portal.keys import Keys
from portal.providers.sessions import note, provider_session
from portal.settings.installation import Settings
from portal.tables import session as table
from portal.unwritable import cannot_write

TOUCH = timedelta(minutes=1)  # how often being seen is worth a write
STRANGER_AGE = timedelta(hours=2)  # sessions before a sign-in: they hold a walk at most
FORM_ONLY = {"csrf_token"}  # proves that a form was fetched by this browser, and nothing about anybody

_FIND = Statement(select(table).where(table.c.id == bindparam("which"), table.c.ends > bindparam("now")))
_NEW = Statement(insert(table))
_KEEP = Statement(
    update(table)
    .where(table.c.id == bindparam("which"))
    .values({c: bindparam(f"new_{c.name}") for c in (table.c.account_id, table.c.content, table.c.seen)})
)
_END = Statement(delete(table).where(table.c.id == bindparam("which")))
_END_OTHERS = Statement(delete(table).where(table.c.account_id == bindparam("whose"), table.c.id != bindparam("keep")))


class ServerSession(CallbackDict[str, Any], SessionMixin):
    """What one browser's session holds. The cookie has a random key only; the database a fingerprint of it.

    Of somebody who has only looked at a form nothing is kept here: the form's token stands in the cookie, signed.
    There is nothing in it to revoke, and looking costs no write.
    """

    def __init__(
        self, content: dict[str, Any], key: str | None, seen: datetime | None, started: datetime | None
    ) -> None:
        def changed(_: Any) -> None:
            self.modified = True

        super().__init__(content, changed)
        self.key = key
        self.seen = seen
        self.started = started
        self.replaces: str | None = None
        self.given_up = False  # the page failed: what it changed here is not kept either
        self.modified = False

    def rotate(self) -> None:
        """Give the session a new key, at every sign-in and step-up; the old one is dead."""
        self.replaces, self.key, self.started = self.key, None, None
        self.modified = True


@dataclass(frozen=True, kw_only=True)
class SessionLine:
    """One session as its owner sees it."""

    id: str
    agent: str
    source: str
    started: datetime
    seen: datetime
    current: bool
    provider: str | None  # by whose word; None: by the password


class Sessions(SessionInterface):
    def __init__(self, *, database: Database, keys: Keys, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._keys = keys
        self._settings = settings
        self._clock = clock
        self.cookie = "__Host-sparekey" if settings.secure else "sparekey"

    def fingerprint(self, key: str) -> str:
        return self._keys.digest("session", key)

    def open_session(self, app: Flask, request: Request) -> ServerSession:
        key = request.cookies.get(self.cookie)
        now = self._clock()
        if key and "." in key:
            return ServerSession(self._form_only(key, now), None, None, None)
        if key and len(key) <= 64:
            row = self._database.look(_FIND, {"which": self.fingerprint(key), "now": now})
            if row and now - row.seen <= timedelta(minutes=self._idle_minutes(content := self._open(row.content))):
                return ServerSession(content, key, row.seen, row.started)
        return ServerSession({}, None, None, None)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        assert isinstance(session, ServerSession)  # noqa: S101 - Flask hands back what open_session made
        now = self._clock()
        response.vary.add("Cookie")
        if session.given_up:
            return
        if not session:
            self._end(session, response)
        elif session.modified and session.key is None and session.keys() <= FORM_ONLY:
            self._give(response, self._keys.sign("stranger", [dict(session), int(now.timestamp())]))
        elif session.modified:
            self._store(session, response, now)
        elif session.key and session.seen and now - session.seen > TOUCH:
            self._touch(session.key, now)

    def _touch(self, key: str, now: datetime) -> None:
        """Looking at a page must go on where nothing can be written."""
        try:
            with self._database.write() as tx:
                tx.execute(update(table).where(table.c.id == self.fingerprint(key)).values(seen=now))
        except Exception as error:
            if not cannot_write(error):
                raise

    def of(self, account_id: str, *, current: str) -> list[SessionLine]:
        """The person's open sessions, the newest first."""
        now = self._clock()
        query = (
            select(table, provider_session.c.provider)
            .outerjoin(provider_session, provider_session.c.session_id == table.c.id)
            .where(table.c.account_id == account_id, table.c.ends > now)
            .order_by(table.c.seen.desc())
        )
        with self._database.read() as db:
            return [
                SessionLine(
                    id=r.id,
                    agent=r.agent,
                    source=r.source,
                    started=r.started,
                    seen=r.seen,
                    current=r.id == current,
                    provider=r.provider,
                )
                for r in db.execute(query)
                if now - r.seen <= timedelta(minutes=self._settings.sessions.idle_minutes)
            ]

    def _store(self, session: ServerSession, response: Response, now: datetime) -> None:
        from flask import request

        person = session.get("principal")
        lasts = timedelta(hours=self._settings.sessions.hours) if person else STRANGER_AGE
        new = session.key is None
        if session.key is None:
            session.key = secrets.token_urlsafe(32)
        values = {
            "account_id": person["account_id"] if person else None,
            "content": self._keys.seal("session", dict(session)),
            "seen": now,
        }
        with self._database.write() as tx:
            if session.replaces:
                _END.run(tx, {"which": self.fingerprint(session.replaces)})
            if new:
                agent = (request.user_agent.string or "")[:200]
                row = {
                    "id": self.fingerprint(session.key),
                    "started": now,
                    "ends": now + lasts,
                    "agent": agent,
                    "source": request.remote_addr or "",
                }
                _NEW.run(tx, row | values)
            else:
                which = {"which": self.fingerprint(session.key)}
                _KEEP.run(tx, which | {f"new_{name}": value for name, value in values.items()})
            if person and "provider" in session:  # new, or linked just now
                note(tx, self._database, self._keys, self.fingerprint(session.key), session["provider"])
        self._give(response, session.key)

    def _give(self, response: Response, value: str) -> None:
        response.set_cookie(self.cookie, value, secure=self._settings.secure, httponly=True, samesite="Lax", path="/")

    def _form_only(self, value: str, now: datetime) -> dict[str, Any]:
        content, given = self._keys.unsign("stranger", value) or ({}, 0)
        return dict(content) if now.timestamp() - given <= STRANGER_AGE.total_seconds() else {}

    def _end(self, session: ServerSession, response: Response) -> None:
        for key in {session.key, session.replaces} - {None}:
            with self._database.write() as tx:
                _END.run(tx, {"which": self.fingerprint(str(key))})
        if session.modified:
            response.delete_cookie(self.cookie, secure=self._settings.secure, httponly=True, samesite="Lax", path="/")

    def _open(self, sealed: bytes) -> dict[str, Any]:
        try:
            return dict(self._keys.open("session", sealed))
        except ValueError:
            return {}

    def _idle_minutes(self, content: dict[str, Any]) -> int:
        limits = self._settings.sessions
        privileged = set((content.get("principal") or {}).get("roles", ())) - {"sponsor"}
        return limits.idle_minutes_privileged if privileged else limits.idle_minutes


def end_all(tx: Connection, account_id: str, *, keep: str = "") -> None:
    """End every session of an account, but the one whose fingerprint is `keep`."""
    _END_OTHERS.run(tx, {"whose": account_id, "keep": keep})


def end_one(tx: Connection, account_id: str, session_id: str) -> None:
    """End one session, if it is this account's."""
    tx.execute(delete(table).where(table.c.account_id == account_id, table.c.id == session_id))
