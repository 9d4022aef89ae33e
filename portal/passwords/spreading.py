"""After a new password: do all servers of the directory have it? Who may still meet the old one is told so."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from audit.event import SYSTEM
from connectors import Connectors
from connectors.account import Account, Copy
from connectors.capabilities import ReadsEveryServer
from connectors.errors import Unavailable
from portal.books import Books
from portal.identity import Principal
from portal.tickets.counter import Counter
from portal.tickets.facts import facts_of
from portal.tickets.ticket import Wish

FIRST_LOOK = timedelta(seconds=5)  # most have it by then; the outbox's own growing pauses lie between the others
TELL_AFTER = timedelta(minutes=2)  # longer than people wait before they try again by themselves
GIVE_UP_AFTER = timedelta(minutes=30)  # no server that copies at all is so slow


class Spreading:
    """Only where a directory has several servers; one row of the outbox for each new password."""

    def __init__(
        self,
        books: Books,
        *,
        connectors: Connectors,
        counter: Counter,
    ) -> None:
        self._books = books
        self._connectors = connectors
        self._counter = counter

    def concerns(self, account: Account) -> bool:
        """Whether there is more than one server that must learn of a change."""
        return self._connectors.able_to(ReadsEveryServer, account) is not None

    def begin(self, tx: Connection, account: Account, attempt: str, language: str | None) -> None:
        """Look soon, in the transaction of the change that was made."""
        if self.concerns(account):
            row = {
                "account": account.id,
                "directory": account.directory,
                "attempt": attempt,
                "language": language,
                "at": self._books.clock().isoformat(),
                "told": False,
            }
            self._books.outbox.put(tx, "spreading", row, after=FIRST_LOOK)

    def look(self, id_: str, content: dict[str, Any]) -> None:
        """Ask every server; raise Unavailable to be called again."""
        connector = dict(self._connectors.all_able_to(ReadsEveryServer)).get(content["directory"])
        if connector is None:
            return  # the settings name one server only by now
        copies = list(connector.read_everywhere(content["account"]))
        behind, unseen = _behind(copies), [c.server for c in copies if c.account is None]
        passed = self._books.clock() - datetime.fromisoformat(content["at"])
        newest = next((c.account for c in copies if c.account and c.server not in behind), None)
        if newest is None or not behind:
            if unseen and passed < GIVE_UP_AFTER:  # one that is down answers nobody, but it may come back too old
                raise Unavailable(f"cannot be asked: {', '.join(unseen)}")
        elif passed >= GIVE_UP_AFTER:
            self._open_ticket(newest, content, behind)
        elif passed >= TELL_AFTER and not content["told"]:
            self._tell(content)
        else:
            raise Unavailable(f"not there yet: {', '.join(behind)}")

    def _tell(self, content: dict[str, Any]) -> None:
        """One mail; the looking goes on in a row that knows of it."""
        notice = {
            "account_id": content["account"],
            "template": "server_behind",
            "values": {"source": ""},
            "language": content["language"],
            "attempt": content["attempt"],
            "at": content["at"],
        }
        with self._books.write() as tx:
            self._books.outbox.put(tx, "notice", notice)
            self._books.outbox.put(tx, "spreading", content | {"told": True}, after=TELL_AFTER)

    def _open_ticket(self, account: Account, content: dict[str, Any], behind: Sequence[str]) -> None:
        """One for as long as those servers lag, however many people it concerns."""
        wish = Wish(
            requester_id=account.id,
            claim=account.login,
            action="reset_password",
            reason="server_behind",
            steps=(f"attempt:{content['attempt']}",),
            facts=facts_of(account) | {"servers_behind": ", ".join(behind)},
            language=content["language"] or account.language or "en",
            key=f"server_behind/{account.directory}/{'/'.join(behind)}",
        )
        with self._books.write() as tx:
            self._counter.open(tx, wish, actor=Principal(account_id=SYSTEM, login=SYSTEM, name=""))


def _behind(copies: Sequence[Copy]) -> list[str]:
    """The servers whose password is older than another's."""
    times = {c.server: c.account.state.password_changed_at for c in copies if c.account}
    newest = max(filter(None, times.values()), default=None)
    return [server for server, at in times.items() if newest and (at is None or at < newest)]
