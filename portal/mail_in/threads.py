"""How an answer finds its ticket: a signed token in the subject and in the address it goes back to."""

import hmac
from email.message import EmailMessage

from portal.keys import Keys
from portal.settings.mail_in import MailIn

ANSWERED = frozenset({"ticket_opened", "ticket_note", "ticket_decided", "follow_up", "mail_taken"})
"""Mails to whoever asked: only their answers belong to the ticket as that person's words."""


def token(keys: Keys, number: int) -> str:
    """Lets whoever got the mail add to the ticket; it opens no page and decides nothing."""
    return keys.digest("mail-in", str(number))[:12]


def fits(keys: Keys, number: int, given: str) -> bool:
    return hmac.compare_digest(token(keys, number), given)


def mark(keys: Keys, number: int) -> str:
    """For the end of a subject."""
    return f"[#{number}-{token(keys, number)}]"


def let_answer(message: EmailMessage, keys: Keys, settings: MailIn, number: int) -> None:
    """Let the answer to this mail find its ticket."""
    subject = str(message["Subject"])
    message.replace_header("Subject", f"{subject} {mark(keys, number)}")
    message["Reply-To"] = reply_to(keys, number, settings.address, subaddress=settings.subaddress)


def reply_to(keys: Keys, number: int, address: str, *, subaddress: bool) -> str:
    """Where the answer goes."""
    local, _at, domain = address.partition("@")
    return f"{local}+{number}-{token(keys, number)}@{domain}" if subaddress else address
