"""Brings copies of tickets up to date in the other system, and hears what became of them. Runs in the worker only.

However often a row of the outbox comes, and wherever a try broke off, there is one copy of each ticket and each note:
the connector looks for the key before it opens anything, and `Copies.begin` keeps a second try away until that look
can be trusted.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

import structlog
from flask_babel import force_locale

from audit.event import SYSTEM
from connectors.errors import ConnectorError, Forbidden, Unavailable
from connectors.ticket_copies import CopiesTickets, CopyReference, CopyState, Remark, TellsCopyState, TicketCopy
from portal.database import Database
from portal.settings.installation import Settings
from portal.tickets.copies import Copies, Copy
from portal.tickets.copy_words import copied_text, remark_text, settled_text, system_name, told_title
from portal.tickets.counter import DECISIONS, Counter
from portal.tickets.store import Tickets
from portal.tickets.ticket import CLOSED, AlreadyDecided, Note, Ticket
from portal.web.links import Links

AT_ONCE = 50  # copies that are asked for in one go, once a minute
ENDS: Mapping[CopyState, Literal["fulfilled", "refused"]] = {
    CopyState.SOLVED: "fulfilled",
    CopyState.REFUSED: "refused",
}
STATES = {
    "fulfilled": CopyState.SOLVED,
    "refused": CopyState.REFUSED,
    "withdrawn": CopyState.REFUSED,
}
logger = structlog.get_logger("copies")


@dataclass(frozen=True, kw_only=True)
class Copying:
    connector: CopiesTickets | None
    copies: Copies
    tickets: Tickets
    counter: Counter
    database: Database
    links: Links
    settings: Settings

    def carry(self, id_: str, content: dict[str, Any]) -> None:
        """Bring the copy of one ticket up to date. Raises Unavailable and Unconfirmed: try again later."""
        copy = self._copy(number := int(content["number"]))
        if self.connector is None or copy is None:
            return  # the settings name no system any more, or another one
        if not self.copies.begin(number, timedelta(seconds=self.connector.settle_seconds)):
            raise Unavailable("it is not known yet how the last try ended")
        try:
            self._bring_up_to_date(self.connector, copy)
        except Exception as error:
            known = isinstance(error, Unavailable | Forbidden)  # that nothing has happened
            detail = error.detail if isinstance(error, ConnectorError) else ""
            final = isinstance(error, Forbidden)
            if self.copies.fail(number, error, detail=detail, known=known, for_good=final):
                logger.warning("copy_stuck", ticket=number, error=type(error).__name__)
                return  # shown at /desk/copies, where it is tried again
            raise
        self._settle(number)

    def look(self) -> None:
        """Ask how the copies stand whose turn it is."""
        if not isinstance(self.connector, TellsCopyState):
            return
        for copy in self.copies.to_look_at(AT_ONCE):
            self.copies.look_later(copy.ticket)
            if copy.reference is None:
                continue
            try:
                there = self.connector.copy_state(copy.reference)
            except Unavailable:
                break  # nor would it tell of the others
            except Exception as error:  # of this one it cannot
                logger.warning("copy_silent", ticket=copy.ticket, error=type(error).__name__)
                continue
            over = there is CopyState.GONE or (copy.status in CLOSED and there is not CopyState.OPEN)
            self.copies.heard(copy.ticket, there, over=over)
            self._settle(copy.ticket)

    def _bring_up_to_date(self, connector: CopiesTickets, copy: Copy) -> None:
        number = copy.ticket
        with self.database.read() as db:
            ticket = self.tickets.get(db, number)
            notes = self.tickets.notes(db, number, all_of_them=True)
        reference = copy.reference
        if reference is None:
            reference = connector.open_copy(self._as_copy(ticket, copy))
            self.copies.placed(number, reference)
        for note in notes:
            if note.id > copy.noted and not _is_news_from_there(note):
                self._remark(connector, reference, copy, ticket, note, last=note is notes[-1])
        self.copies.finish(number, notes[-1].id if notes else copy.noted)

    def _remark(
        self, connector: CopiesTickets, reference: CopyReference, copy: Copy, ticket: Ticket, note: Note, *, last: bool
    ) -> None:
        state = STATES.get(ticket.status, CopyState.OPEN) if last else CopyState.OPEN
        text = remark_text(note, self.settings)
        connector.add_remark(reference, Remark(mark=f"{copy.key}-{note.id}", text=text, state=state))
        self.copies.copied(ticket.number, note.id, state if state is not CopyState.OPEN else None)

    def _as_copy(self, ticket: Ticket, copy: Copy) -> TicketCopy:
        url = self.links.to(f"/desk/tickets/{ticket.number}")  # whoever opens it must sign in
        return TicketCopy(
            key=copy.key,
            subject=told_title(ticket, self.settings),
            text=copied_text(ticket, url, self.settings),
            queue=ticket.queue,
        )

    def _settle(self, number: int) -> None:
        """What was closed there is closed here, except where that is a decision; `Copy.disagrees` shows those."""
        copy = self._copy(number)
        if copy is None or copy.there not in ENDS or copy.reference is None:
            return
        with self.database.read() as db:
            ticket = self.tickets.get(db, number)
        to = ENDS[copy.there]
        with force_locale(self.settings.languages[0]):
            by = system_name(self.settings)
        with suppress(AlreadyDecided):  # here, at the same moment; the next look tells whether they agree
            text = settled_text(ticket, by, copy.reference.number, self.settings)
            self.counter.settle(number, to, by=by, text=text)

    def _copy(self, number: int) -> Copy | None:
        with self.database.read() as db:
            return self.copies.get(db, number)


def _is_news_from_there(note: Note) -> bool:
    return note.kind == "opened" or (note.author_id == SYSTEM and note.kind in DECISIONS)
