"""Signing out together with the identity provider: it ends sessions here, and is told of those that ended here."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from audit.event import SYSTEM, Event
from connectors.errors import Unavailable
from connectors.oidc.end_session import end_session_url
from connectors.oidc.logout_token import LogoutNotice, read_logout_token
from connectors.oidc.provider import Provider
from connectors.oidc.results import Fault, Refusal
from portal.books import Books
from portal.limits import Limits
from portal.providers import sessions
from portal.tables import used_link
from portal.web.links import Links


@dataclass(frozen=True, kw_only=True)
class Farewell:
    """How somebody signs out at the provider after they have signed out here; url empty: only there."""

    title: str
    url: str
    state: str


@dataclass(frozen=True)
class TooOften:
    """Too many wrong tokens from this address."""

    again_at: datetime


class SignOut:
    def __init__(self, books: Books, *, limits: Limits, links: Links) -> None:
        self._books = books
        self._limits = limits
        self._links = links

    def told(self, provider: Provider, token: str, *, source: str) -> int | Refusal | TooOften:
        """The provider says that somebody has signed out there: how many sessions ended here. Raises Unavailable."""
        if again_at := self._limits.may_prove(source=source, account_id="", factor="logout_token"):
            return TooOften(again_at)
        name = provider.settings.name
        answer = read_logout_token(provider, token, self._books.clock())
        if isinstance(answer, LogoutNotice):
            with self._books.write() as tx:
                if self._is_new(tx, f"{name} {answer.id}"):
                    return self._end(tx, name, answer, source)
            answer = Refusal(Fault.REPLAY)
        self._limits.wrong_proof(source=source, names=(), factor="logout_token")
        event = Event(kind="provider_logout", source=source, object=name, disclose={"fault": answer.fault})
        with self._books.write() as tx:
            self._books.log.record(tx, event, "failure", "provider_logout")
        return answer

    def farewell(self, provider: Provider, said: Mapping[str, Any], *, back: str, language: str) -> Farewell:
        """What to offer somebody whose session here has just ended; `said` is what it held of the provider."""
        state = secrets.token_urlsafe(24)
        try:
            url = end_session_url(
                provider, id_token=said["id_token"], back=self._links.to(back), state=state, language=language
            )
        except Unavailable:  # they are signed out here all the same
            url = ""
        return Farewell(title=provider.settings.title, url=url, state=state)

    def _end(self, tx: Connection, name: str, notice: LogoutNotice, source: str) -> int:
        ended = sessions.end(tx, self._books.keys, name, sid=notice.sid, sub=notice.sub)
        for one in ended:
            event = Event(
                kind="provider_logout",
                actor=SYSTEM,
                target=one.account_id,
                session=one.session_id,
                source=source,
                object=name,
            )
            self._books.log.record(tx, event, "success")
        return len(ended)

    def _is_new(self, tx: Connection, id_: str) -> bool:
        digest = self._books.keys.digest("logout-token", id_)
        if tx.execute(select(used_link.c.digest).where(used_link.c.digest == digest)).first():
            return False
        tx.execute(insert(used_link).values(digest=digest, used=self._books.clock()))
        return True
