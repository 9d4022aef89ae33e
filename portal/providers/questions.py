"""Open questions to providers: kept here and not in the browser, each good for one answer and a short time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, insert

from connectors.oidc.results import Asked
from portal.database import Database
from portal.keys import Keys
from portal.providers.tables import provider_question

Purpose = Literal["sign_in", "step_up", "link"]
PATIENCE: dict[Purpose, timedelta] = {  # how long an answer may take
    "sign_in": timedelta(minutes=15),  # somebody may have to find a security key first
    "step_up": timedelta(minutes=5),
    "link": timedelta(minutes=15),
}


@dataclass(frozen=True, kw_only=True)
class Question:
    """What was asked, what for, and where to go on."""

    purpose: Purpose
    asked: Asked
    onward: str | None = None
    account_id: str = ""  # whose proof, or link, it is to be
    walk_id: str = ""  # the walk that a fresh proof is for


class Questions:
    def __init__(self, *, database: Database, keys: Keys, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock

    def keep(self, question: Question) -> str:
        """Keep a question; returns its number, for the session of the browser that is sent away."""
        id_ = self._id(question.asked.state)
        content = self._keys.seal("provider-question", vars(question) | {"asked": question.asked.written()})
        ends = self._clock() + PATIENCE[question.purpose]
        with self._database.write() as tx:
            tx.execute(insert(provider_question).values(id=id_, content=content, ends=ends))
        return id_

    def take(self, state: str, mine: list[str]) -> Question | None:
        """The question of this state, if it is one of the session's own, still open, and nobody was quicker."""
        id_ = self._id(state)
        if id_ not in mine:
            return None
        open_one = (provider_question.c.id == id_) & (provider_question.c.ends > self._clock())
        with self._database.write() as tx:
            content = tx.execute(
                delete(provider_question).where(open_one).returning(provider_question.c.content)
            ).scalar_one_or_none()
        if content is None:
            return None
        kept = dict(self._keys.open("provider-question", content))
        return Question(**kept | {"asked": Asked.read(kept["asked"])})

    def _id(self, state: str) -> str:
        return self._keys.digest("provider-state", state)
