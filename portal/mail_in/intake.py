"""Takes one mail in, once: a note of the ticket it answers, or a new ticket. No sender is believed."""

from dataclasses import dataclass
from typing import Literal

import structlog
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import Connection

from audit.event import Event
from connectors.account import Account
from connectors.errors import ConnectorError
from portal.accounts import Accounts
from portal.aftercare.care import OVER, Care
from portal.books import Books
from portal.identity import Principal
from portal.limits import Limits
from portal.mail_in.message import Incoming, read
from portal.mail_in.tables import mail_seen
from portal.mail_in.threads import fits
from portal.settings.mail_in import MailIn
from portal.tickets.counter import Counter
from portal.tickets.facts import facts_of
from portal.tickets.store import Tickets
from portal.tickets.ticket import Ticket, TicketNotFound, Wish, about
from portal.web.links import Links

logger = structlog.get_logger("mail_in")
Word = Literal["noted", "opened", "seen", "dropped", "later"]


@dataclass(frozen=True)
class Verdict:
    """What became of a mail; later: nothing yet, ask again."""

    word: Word
    ticket: int | None = None
    why: str = ""


class MailIntake:
    def __init__(
        self,
        books: Books,
        *,
        settings: MailIn,
        own: frozenset[str],
        accounts: Accounts,
        limits: Limits,
        tickets: Tickets,
        counter: Counter,
        care: Care,
        links: Links,
        language: str,
    ) -> None:
        self._books = books
        self._settings = settings
        self._own = own
        self._accounts = accounts
        self._limits = limits
        self._tickets = tickets
        self._counter = counter
        self._care = care
        self._links = links
        self._language = language

    def take(self, raw: bytes) -> Verdict:
        """Twice the same mail has one effect."""
        most = self._settings.most_kilobytes * 1024
        mail = read(raw[:most], self._own | {self._settings.address.lower()})
        with force_locale(self._language):
            verdict = self._take(mail, cut=len(raw) > most)
        logger.info("mail_in", verdict=verdict.word, ticket=verdict.ticket, why=verdict.why)
        return verdict

    def _take(self, mail: Incoming, *, cut: bool) -> Verdict:
        if mail.automatic:
            return Verdict("dropped", why=mail.automatic)
        with self._books.read() as db:
            if known := db.execute(mail_seen.select().where(mail_seen.c.digest == mail.digest)).first():
                return Verdict("seen", known.ticket)
        if self._limits.written_mail(sender=self._books.keys.digest("mail-sender", mail.sender)):
            return Verdict("later", why="too_many")
        ticket = self._answered(mail)
        text = _with_names(mail, cut=cut)
        if ticket is None:
            return self._open(mail, text)
        if ticket.status in OVER:
            return self._reply(mail, ticket, text)
        with self._books.write() as tx:
            if not self._first(tx, mail, ticket.number):
                return Verdict("seen", ticket.number)
            self._note(tx, ticket, mail, text)
            self._books.outbox.put(tx, "ticket_message", {"number": ticket.number})
        return Verdict("noted", ticket.number)

    def _answered(self, mail: Incoming) -> Ticket | None:
        """The ticket that the mail names with its token; of one merged into another of theirs, that one."""
        if mail.ticket is None or not fits(self._books.keys, *mail.ticket):
            return None
        with self._books.read() as db:
            try:
                return self._care.goes_on(db, self._tickets.get(db, mail.ticket[0]))
            except TicketNotFound:
                return None

    def _reply(self, mail: Incoming, ticket: Ticket, text: str) -> Verdict:
        with self._books.write() as tx:
            if not self._first(tx, mail, ticket.number):
                return Verdict("seen", ticket.number)
            actor = self._writer(ticket.requester_id, mail)
            number = self._care.reply_within(tx, ticket, text, actor=actor, steps=("channel:mail",))
        return Verdict("noted" if number == ticket.number else "opened", number)

    def _open(self, mail: Incoming, text: str) -> Verdict:
        account = self._account(mail.sender)
        wish = Wish(
            requester_id=account.id if account else None,
            claim=account.login if account else mail.sender,
            action="anything_else",
            reason="mailed",
            subject=mail.subject,
            text=text,
            steps=("channel:mail",),
            facts=facts_of(account) if account else {},
            details={"channel": "mail"},
            language=(account.language if account else None) or "en",
            key=f"mail/{mail.digest}",
        )
        # Somebody else's name may be used to flood them.
        answers = account is None and not self._limits.mailed_code(account_id=f"mail:{mail.sender}")
        with self._books.write() as tx:
            number = self._counter.open(tx, wish, actor=self._writer(wish.requester_id, mail))
            if not self._first(tx, mail, number):
                return Verdict("seen", number)
            if answers:  # others go to the addresses on file; this one, once, with the page of the ticket
                self._acknowledge(tx, mail.sender, number)
        return Verdict("opened", number)

    def _acknowledge(self, tx: Connection, sender: str, number: int) -> None:
        values = about(self._tickets.get(tx, number)) | {"ticket_url": self._links.ticket(number)}
        content = {"to": sender, "template": "mail_taken", "language": None, "values": values}
        self._books.outbox.put(tx, "letter", content)

    def _account(self, sender: str) -> Account | None:
        try:
            return self._accounts.find(sender)
        except ConnectorError:
            return None

    def _writer(self, requester_id: str | None, mail: Incoming) -> Principal:
        who = requester_id or f"claim:{self._books.keys.digest('claim', mail.sender)}"
        return Principal(account_id=who, login="", name="")

    def _note(self, tx: Connection, ticket: Ticket, mail: Incoming, text: str) -> None:
        actor = self._writer(ticket.requester_id, mail)
        self._tickets.note(
            tx,
            ticket.number,
            author_id=actor.account_id,
            author=mail.sender,
            kind="mailed",
            text=text,
            shown=True,
        )
        event = Event(
            kind="ticket_changed", actor=actor.account_id, target=ticket.requester_id, ticket=str(ticket.number)
        )
        self._books.log.record(tx, event, "success", "mailed")

    def _first(self, tx: Connection, mail: Incoming, number: int) -> bool:
        """Note that this mail has been taken in, in the transaction of its effect; False if it was before."""
        row = {"digest": mail.digest, "ticket": number, "at": self._books.clock()}
        statement = self._books.database.insert(mail_seen).values(row).on_conflict_do_nothing(index_elements=["digest"])
        return bool(tx.execute(statement).rowcount)


def _with_names(mail: Incoming, *, cut: bool) -> str:
    """The text, with what was left out of it."""
    more = [_("Not kept: %(names)s", names=", ".join(mail.attachments))] if mail.attachments else []
    more += [_("The mail was longer than that.")] if cut else []
    return "\n\n".join(filter(None, [mail.text or mail.subject, *more]))
