"""Copies by mail, for every ticket system that opens tickets from letters. How they stand over there nobody tells us.

All letters about a ticket refer to the first one, whose Message-ID follows from the key: systems thread by it, and drop
a letter they have already (osTicket does; RFC 5322 3.6.4).
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage

from connectors.capabilities import Examined, Finding, SendsMail
from connectors.ticket_copies import CopiesTickets, CopyReference, Remark, TicketCopy
from connectors.tickets.examining import fine
from connectors.tickets.settings import TicketSystemSettings


class Letters:
    """What is written about tickets."""

    def __init__(self, settings: TicketSystemSettings, sender: str, clock: Callable[[], datetime]) -> None:
        self._to = settings.address
        self._sender = sender
        self._clock = clock

    def opening(self, copy: TicketCopy) -> EmailMessage:
        return self._letter(copy.key, copy.title, copy.text)

    def remark(self, key: str, remark: Remark) -> EmailMessage:
        letter = self._letter(remark.mark, f"Re: [{key}]", remark.text)
        letter["In-Reply-To"] = letter["References"] = self._message_id(key)
        return letter

    def _letter(self, key: str, subject: str, text: str) -> EmailMessage:
        letter = EmailMessage()
        letter["From"], letter["To"] = self._sender, self._to
        letter["Subject"], letter["Date"] = subject, self._clock()
        letter["Message-ID"] = self._message_id(key)
        letter.set_content(text)
        return letter

    def _message_id(self, key: str) -> str:
        return f"<{key}@{Address(addr_spec=self._sender).domain}>"


class MailedCopies(CopiesTickets, Examined):
    def __init__(
        self, settings: TicketSystemSettings, mail: SendsMail, sender: str, clock: Callable[[], datetime]
    ) -> None:
        self._mail = mail
        self._letters = Letters(settings, settings.requester or sender, clock)
        self._address = settings.address

    def open_copy(self, copy: TicketCopy) -> CopyReference:
        self._mail.send(self._letters.opening(copy))
        return CopyReference(id=copy.key, number=copy.key, url="")

    def add_remark(self, reference: CopyReference, remark: Remark) -> None:
        self._mail.send(self._letters.remark(reference.id, remark))

    def examine(self) -> Iterator[Finding]:
        yield fine(f"copies are mailed to {self._address}; how they stand there is not known here")
