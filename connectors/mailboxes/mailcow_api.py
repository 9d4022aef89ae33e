"""The HTTP interface of mailcow, where a good status says nothing: what was done stands in the body."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from connectors.errors import Forbidden, Obstacle, Unavailable, Unconfirmed
from connectors.http import Http
from connectors.mailboxes.settings import HttpMailboxSettings

Body = Mapping[str, Any] | list[str]


@dataclass(frozen=True, kw_only=True)
class MailcowSettings(HttpMailboxSettings):
    """Mailboxes on a mailcow server, by a read-write key of its interface."""

    kind: Literal["mailcow"] = "mailcow"
    """What is spoken: mailcow."""


class Declined(Exception):
    """The server understood and did not do it. `code` is its own word for why."""

    def __init__(self, code: str, said: str) -> None:
        super().__init__(said)
        self.code, self.said = code, said


class MailcowApi:
    """Raises what `connectors.errors` holds, and Declined for what the caller may know better."""

    def __init__(self, settings: MailcowSettings, clock: Callable[[], datetime]) -> None:
        self._http = Http(settings, {"X-API-Key": settings.key}, clock)

    def get(self, path: str) -> Any:
        return self._http.get(f"/api/v1/get/{path}").json()

    def do(self, path: str, body: Body) -> list[str]:
        """Change something; gives the words of each success."""
        answer = self._http.write("POST", f"/api/v1/{path}", json.dumps(body).encode())
        told = answer.json()
        if isinstance(told, dict):
            told = [told]
        if not isinstance(told, list) or not all(isinstance(one, dict) and "type" in one for one in told):
            raise Unconfirmed(f"{path}: the answer is not mailcow's")
        for one in told:
            if one["type"] != "success":
                words = _words(one.get("msg"))
                raise Declined(words[0], f"{path}: {' '.join(words)}")
        return [word for one in told for word in _words(one.get("msg"))]


def forbidden(declined: Declined) -> Forbidden:
    """What nobody but the server's administrators can settle."""
    no_right = declined.code == "access_denied"
    return Forbidden(declined.said, obstacle=Obstacle.NO_RIGHT if no_right else Obstacle.UNWILLING)


def rows(given: Any) -> list[dict[str, Any]]:
    """A list as mailcow gives it: an empty one is an empty object. Raises Unavailable for anything else."""
    if given in ({}, None):
        return []
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise Unavailable("the answer is not mailcow's")
    return given


def _words(message: Any) -> list[str]:
    """A word, or a word and what it is about."""
    given = message if isinstance(message, list) else [message]
    return [str(one) for one in given] or [""]
