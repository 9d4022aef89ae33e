"""Does with mail what a mail server does that looks into the directory: keeps it, sends it on, answers for the absent.

It goes by the same attributes of the embedded directory that the portal writes, so that what is set there shows here.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from typing import Protocol

from portal.demo.directory.entry import Entry

SEEN = "Delivered-To"  # added at each stop, so that a circle is noticed
LISTS = ("open", "closed")  # groups with members who each get what comes in
SILENT = ("List-Id", "List-Unsubscribe", "X-Auto-Response-Suppress")  # who writes so wants no answer (RFC 3834)


class Bag(Protocol):
    def add(self, *, sender: str, recipients: list[str], content: bytes) -> None: ...


class Postman:
    """Stands before the bag of kept mail. `owner` finds the entry of an address, `members` the addresses of a list."""

    def __init__(
        self,
        bag: Bag,
        owner: Callable[[str], Entry | None],
        members: Callable[[Entry], list[str]],
        clock: Callable[[], datetime],
    ) -> None:
        self._bag = bag
        self._owner = owner
        self._members = members
        self._clock = clock
        self._answered: set[tuple[str, ...]] = set()

    def add(self, *, sender: str, recipients: list[str], content: bytes) -> None:
        for recipient in recipients:
            self._deliver(sender, recipient, content)

    def _deliver(self, sender: str, recipient: str, content: bytes) -> None:
        owner = self._owner(recipient)
        if owner and owner.first("businessCategory") in LISTS:
            listed = f"List-Id: <{recipient}>\r\n".encode() + content
            for member in self._members(owner):
                self._deliver(sender, member, listed)
            return
        targets = [value.decode() for value in owner.values("mailForwardingAddress")] if owner else []
        if not targets or (owner and owner.first("mailForwardingKeepCopy") != "FALSE"):
            self._bag.add(sender=sender, recipients=[recipient], content=content)
        message = message_from_bytes(content, _class=EmailMessage, policy=default)
        before = {str(address).casefold() for address in message.get_all(SEEN, [])}
        on = [target for target in targets if target.casefold() not in before | {recipient.casefold()}]
        self.add(sender=sender, recipients=on, content=f"{SEEN}: {recipient}\r\n".encode() + content)
        if owner and self._is_away(owner) and _wants_answer(sender, message):
            self._answer(owner, sender, recipient, message)

    def _is_away(self, owner: Entry) -> bool:
        now, starts, ends = self._clock(), owner.moment("vacationStart"), owner.moment("vacationEnd")
        return owner.flag("vacationActive") and (not starts or starts <= now) and (not ends or now < ends)

    def _answer(self, owner: Entry, sender: str, recipient: str, message: EmailMessage) -> None:
        """Once to each sender, as long as the text stays the same."""
        once = (recipient.casefold(), sender.casefold(), owner.first("vacationMessage") or "")
        if once in self._answered:
            return
        self._answered.add(once)
        subject = owner.first("vacationSubject") or f"Auto: {message['Subject'] or ''}"
        headers = {"Auto-Submitted": "auto-replied"}
        text = owner.first("vacationMessage") or ""
        content = letter(owner.first("mail") or recipient, sender, subject, text, headers)
        self._bag.add(sender="", recipients=[sender], content=content)


def letter(sender: str, to: str, subject: str, text: str, headers: Mapping[str, str] | None = None) -> bytes:
    """A message as it travels. Raises ValueError for what can be no header."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = sender, to, subject
    for name, value in (headers or {}).items():
        message[name] = value
    message.set_content(text)
    return message.as_bytes()


def _wants_answer(sender: str, message: EmailMessage) -> bool:
    silent: Sequence[str] = [name for name in SILENT if message[name]]
    return bool(sender) and not silent and str(message["Auto-Submitted"] or "no").strip().lower() == "no"
