"""What follows from an action that was carried out, in the same transaction as its outcome."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from connectors.account import Account
from portal.action import Action
from portal.callers.links import make_void
from portal.elsewhere.errands import Elsewhere
from portal.hooks import Hooks
from portal.identity import SYSTEM, Principal
from portal.outbox import Outbox
from portal.own_data.address_changes import AddressChanges
from portal.passwords.spreading import Spreading
from portal.passwords.watch import Watch
from portal.post import Post
from portal.sign_in import sessions, walks
from portal.tickets.store import Tickets
from portal.timers.timers import Timers


class Consequences:
    """Ends what must not outlive the action, tells the owner at all addresses, and the hooks behind it."""

    def __init__(
        self,
        *,
        post: Post,
        outbox: Outbox,
        hooks: Hooks,
        watch: Watch,
        spreading: Spreading,
        elsewhere: Elsewhere,
        address_changes: AddressChanges,
        tickets: Tickets,
        timers: Timers,
        desk: tuple[str, ...],
        clock: Callable[[], datetime],
    ) -> None:
        self._post = post
        self._outbox = outbox
        self._hooks = hooks
        self._watch = watch
        self._address_changes = address_changes
        self._spreading = spreading
        self._elsewhere = elsewhere
        self._tickets = tickets
        self._timers = timers
        self._desk = desk  # addresses of the service desk
        self._clock = clock

    def __call__(
        self,
        tx: Connection,
        actor: Principal,
        action: Action | type[Action],
        account: Account,
        attempt: str,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        """`details` are those of an action that is known by its kind only, after a crash."""
        now = self._clock()
        told = action.details() if isinstance(action, Action) else details or {}
        self._hooks.after(tx, actor, action.name, told, account, attempt)
        if action.ends_sessions:
            sessions.end_all(tx, account.id, keep=actor.session)
            walks.close_all(tx, account.id, now)
            self._address_changes.cancel_all(tx, account.id)
            make_void(tx, account.id, now)
            self._timers.drop_held(tx, account.id)
        self._timers.follow(tx, account.id, action, told, actor.language)
        if actor.caller:
            self._note(tx, actor, action.name, actor.caller.ticket)
        if action.watched:
            self._watch.begin(tx, account, attempt, actor.language)
            self._spreading.begin(tx, account, attempt, actor.language)
        if action.desk_notice and actor.account_id != SYSTEM:  # what the portal begins itself was told before
            self._tell_desk(tx, action, told, account, attempt)
        self._tell_others(tx, action, told, account)
        if action.notice:
            content = self._notice(actor, action, told, account, attempt)
            if action.also and self._elsewhere.concerns(account):
                content["values"]["systems"] = [asdict(system) for system in self._elsewhere.told(tx, attempt)]
            if action.watched:  # it changes no address: who is told is known without asking the directory again
                self._post.news(tx, attempt, account, content)
            else:
                self._outbox.put(tx, "notice", content)

    def held(
        self, tx: Connection, actor: Principal, action: Action, account: Account, attempt: str, due: datetime
    ) -> None:
        """What follows from one that is agreed to and waits: it has a moment to begin at, and its owner knows."""
        self._timers.hold(tx, action, due, actor.language)
        self._outbox.put(tx, "notice", self._notice(actor, action, action.details(), account, attempt))
        if action.desk_notice:
            self._tell_desk(tx, action, action.details(), account, attempt)

    def _tell_others(
        self, tx: Connection, action: Action | type[Action], told: Mapping[str, Any], account: Account
    ) -> None:
        for address in action.concerned(told):
            if address.casefold() != (account.mail or "").casefold():
                values = {**told, "reader": address, "mailbox_url": self._post.links.to("/mailbox/shared")}
                self._outbox.put(tx, "concerned", {"template": action.other_notice, "values": values})

    def _tell_desk(
        self, tx: Connection, action: Action | type[Action], told: Mapping[str, Any], account: Account, attempt: str
    ) -> None:
        page = self._post.links.to(f"/desk/people/{account.id}")
        values = {**told, "name": account.name, "login": account.login, "person_url": page}
        self._post.put(tx, attempt, self._desk, action.desk_notice, None, values)

    def _notice(
        self,
        actor: Principal,
        action: Action | type[Action],
        told: Mapping[str, Any],
        account: Account,
        attempt: str,
    ) -> dict[str, Any]:
        values = {
            **told,
            "source": "" if actor.caller else actor.source,  # a coordinator's address says nothing to them
            "caller_ticket": actor.caller.ticket if actor.caller else 0,
            "factor": getattr(action, "factor", ""),
            "was_locked": account.state.locked_at is not None,
            "until": told.get("until", ""),
        }
        return {
            "language": actor.language,
            "account_id": account.id,
            "template": action.notice,
            "values": values,
            "at": self._clock().isoformat(),
            "attempt": attempt,
        }

    def _note(self, tx: Connection, actor: Principal, what: str, number: int) -> None:
        """A line in the ticket of whoever called."""
        self._tickets.note(
            tx, number, author_id=actor.account_id, author=actor.name, kind="acted", text=what, shown=True
        )
