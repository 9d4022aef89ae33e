"""Copies in osTicket. Its interface only takes what comes in (github.com/osTicket/osTicket, include/api.tickets.php).

So copies are the letters of `connectors.tickets.mail`, handed over by HTTP: a letter whose Message-ID osTicket has seen
is answered with the number of the ticket it is in, and one that refers to another is added to that one's ticket.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP

from connectors.capabilities import Examined, Finding
from connectors.errors import Unconfirmed
from connectors.http import Http, there
from connectors.ticket_copies import CopiesTickets, CopyReference, Remark, TicketCopy
from connectors.tickets.examining import fine
from connectors.tickets.mail import Letters
from connectors.tickets.settings import TicketSystemSettings


class OsTicket(CopiesTickets, Examined):
    """Cannot ask how a copy stands, nor close it."""

    settle_seconds = 60.0  # only a request that is still under way must end

    def __init__(self, settings: TicketSystemSettings, clock: Callable[[], datetime]) -> None:
        self._letters = Letters(settings, settings.requester, clock)
        self._http = Http(settings, {"X-API-Key": settings.token, "Accept": "*/*"}, clock)
        self._web = settings.url.rstrip("/")

    def open_copy(self, copy: TicketCopy) -> CopyReference:
        number = self._hand_over(self._letters.opening(copy))
        return CopyReference(id=copy.key, number=number, url="")  # its pages want another number than people say

    def add_remark(self, reference: CopyReference, remark: Remark) -> None:
        self._hand_over(self._letters.remark(reference.id, remark))

    def examine(self) -> Iterator[Finding]:
        yield fine(f"copies go to {self._web}, which can only be tried with a real one and tells nothing back")

    def _hand_over(self, letter: EmailMessage) -> str:
        """The number of the ticket it is in."""
        headers = {"Content-Type": "message/rfc822"}
        answer = self._http.write("POST", "/api/tickets.email", letter.as_bytes(policy=SMTP), headers)
        there(answer, "its interface")
        number = answer.body.decode("utf-8", "replace").strip()
        if not number or len(number) > _LONGEST or not number.isprintable() or "<" in number:
            raise Unconfirmed("the answer is no number of a ticket")
        return number


_LONGEST = 40  # of a number: they may be made with letters, too
