"""The mails about tickets: to whoever asked, to whoever decides, and to the service desk. Runs in the worker only."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.account import Account
from connectors.errors import AccountAmbiguous, AccountNotFound, Unavailable
from portal.accounts import Accounts
from portal.database import Database
from portal.duty.absences import Absences
from portal.duty.shifts import Shifts
from portal.post import Post, addresses
from portal.tickets.facts import facts_of
from portal.tickets.store import Tickets
from portal.tickets.ticket import about
from portal.web.links import Links


@dataclass(frozen=True, kw_only=True)
class TicketMails:
    """One method per kind of row. Each may run twice for the same row and does no harm then: letters go out once."""

    database: Database
    tickets: Tickets
    accounts: Accounts
    absences: Absences
    shifts: Shifts
    links: Links
    post: Post
    desk: tuple[str, ...]  # addresses of the service desk
    tell_assigned: bool

    def opened(self, id_: str, content: dict[str, Any]) -> None:
        """Tell the service desk, and the requester if it is proved who that is; add what the directory knows."""
        with self.database.read() as db:
            ticket = self.tickets.get(db, content["number"])
        account = self._ticket_account(ticket.requester_id, ticket.claim)
        if account and not ticket.facts:
            with self.database.write() as tx:
                self.tickets.add_facts(tx, ticket.number, facts_of(account))
        values = about(ticket) | {"due": ticket.due.isoformat()}
        for_desk = {"ticket_url": self.links.to(f"/desk/tickets/{ticket.number}"), "claim": ticket.claim}
        self.post(id_, self.desk, "ticket_for_coordinators", None, values | for_desk)
        if account and ticket.requester_id:
            values |= {"name": account.name, "ticket_url": self.links.ticket(ticket.number)}
            self.post(id_, addresses(account), "ticket_opened", ticket.language, values)

    def approval_wanted(self, id_: str, content: dict[str, Any]) -> None:
        """Ask whoever has to decide now: those named get a link of their own, a queue its address."""
        with self.database.read() as db:
            ticket = self.tickets.get(db, content["number"])
            named = self.absences.who_is_there(db, ticket)
        if not ticket.is_open:
            return
        values = about(ticket) | {
            "person": ticket.facts.get("name") or ticket.claim,
            "ends_on": ticket.facts.get("ends_on", ""),
            "until": ticket.details.get("until", ""),
            "why": "; ".join(filter(None, (ticket.text, ticket.details.get("reason", "")))),
            "due": ticket.due.isoformat(),
            "again": bool(content.get("again")),
            "bridged": content.get("bridged", ""),
        }
        if content.get("bridged") and not named:
            self.message(id_, content)
        for account_id in sorted(named):
            decider = self.accounts.read(account_id)
            url = self.links.approval(ticket.number, ticket.version, account_id)
            own = values | {"name": decider.name, "ticket_url": url}
            self.post(id_, addresses(decider)[-1:], "approval_wanted", decider.language, own)

    def message(self, id_: str, content: dict[str, Any]) -> None:
        """Tell the service desk that a ticket needs it; whoever is on duty, too, where it is late."""
        with self.database.read() as db:
            ticket = self.tickets.get(db, content["number"])
            turns = self.shifts.whom_to_ask(db, ticket.queue) if content.get("late") else []
        values = about(ticket) | {
            "claim": ticket.claim,
            "due": ticket.due.isoformat(),
            "ticket_url": self.links.to(f"/desk/tickets/{ticket.number}"),
        }
        self.post(id_, self.desk, "ticket_for_coordinators", None, values)
        for account_id in dict.fromkeys(turn.account_id for turn in turns):
            colleague = self.accounts.read(account_id)
            self.post(id_, addresses(colleague)[-1:], "ticket_for_coordinators", colleague.language, values)

    def assigned(self, id_: str, content: dict[str, Any]) -> None:
        """Tell a colleague what others have given them since then."""
        who, since = content["account_id"], datetime.fromisoformat(content["since"])
        with self.database.read() as db:
            given = self.tickets.given_to(db, who, since) if self.tell_assigned else []
        if not given:
            return
        colleague = self.accounts.read(who)
        lines = [about(one) | {"due": one.due.isoformat()} for one in given]
        url = self.links.to(f"/desk/tickets/{given[0].number}" if len(given) == 1 else "/desk?assignee=me")
        values = {"name": colleague.name, "tickets": lines, "ticket_url": url}
        self.post(id_, addresses(colleague)[-1:], "tickets_assigned", colleague.language, values)

    def _ticket_account(self, requester_id: str | None, claim: str) -> Account | None:
        try:
            return self.accounts.read(requester_id) if requester_id else self.accounts.find(claim)
        except (AccountNotFound, AccountAmbiguous, Unavailable):
            return None  # the ticket goes out all the same
