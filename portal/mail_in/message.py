"""What one mail says: who it says to be from, about which ticket, in plain text; and what no person wrote."""

import email
import hashlib
import re
from dataclasses import dataclass
from email.message import EmailMessage, MIMEPart
from email.policy import EmailPolicy
from email.utils import getaddresses
from html.parser import HTMLParser

MARK = re.compile(r"\[#(\d{1,9})-([0-9a-f]{12})\]")  # in a subject
PLUS = re.compile(r"\+(\d{1,9})-([0-9a-f]{12})@")  # in the address it was sent to
LONGEST, LONGEST_SUBJECT = 4000, 120  # characters, as in the forms of the pages
MOST_NAMES = 10
BULK = frozenset({"bulk", "junk", "list", "auto_reply"})
MACHINES = ("mailer-daemon", "postmaster", "no-reply", "noreply", "do-not-reply")


class _Forgiving(EmailPolicy):
    """A header the standard library fails on (IndexError for `To: "":"`) reads as empty."""

    def header_fetch_parse(self, name: str, value: str) -> str:
        try:
            return super().header_fetch_parse(name, value)
        except (ValueError, IndexError, AttributeError, LookupError, TypeError):
            return self.header_factory(name, "")


READING = _Forgiving()


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """One mail. Nothing in it is proved, the sender least of all."""

    digest: str  # of its Message-ID: the same mail twice is one
    sender: str
    subject: str
    text: str
    attachments: tuple[str, ...]
    ticket: tuple[int, str] | None  # number and token, as it names them
    automatic: str  # why no person wrote it, as a code; empty: somebody did


def read(raw: bytes, own: frozenset[str]) -> Incoming:
    """Never fails, whatever the bytes are. `own` are addresses of the portal: mail from them would go in circles."""
    message = email.message_from_bytes(raw, policy=READING)
    assert isinstance(message, EmailMessage)  # noqa: S101 - what this policy makes
    subject, senders = _header(message, "Subject"), _addresses(message, "From")
    ids = _header(message, "Message-ID")
    to = " ".join(a for name in ("To", "Cc", "Delivered-To", "X-Original-To") for a in _addresses(message, name))
    found = PLUS.search(to) or MARK.search(subject)
    return Incoming(
        digest=hashlib.sha256(ids.encode("utf-8", "replace") if ids else raw).hexdigest()[:32],
        sender=senders[0] if len(senders) == 1 else "",
        subject=_line(MARK.sub("", subject))[:LONGEST_SUBJECT],
        text=_text(message)[:LONGEST],
        attachments=_attachments(message),
        ticket=(int(found[1]), found[2]) if found else None,
        automatic=_automatic(message, senders, own),
    )


def _automatic(message: EmailMessage, senders: list[str], own: frozenset[str]) -> str:
    """By RFC 3834, RFC 3464 and what mail servers have done before them."""
    if _header(message, "Auto-Submitted").strip().lower() not in ("", "no"):
        return "automatic"
    if message.get_content_type() == "multipart/report" or _header(message, "Return-Path").strip() == "<>":
        return "bounce"
    if _header(message, "Precedence").strip().lower() in BULK or "List-Id" in message:
        return "list"
    if len(senders) != 1:
        return "no_sender"
    local = senders[0].partition("@")[0]
    if senders[0] in own:
        return "loop"
    return "automatic" if local in MACHINES else ""


def _addresses(message: EmailMessage, name: str) -> list[str]:
    """The addresses of a header, in lower case, each once; what is no address is left out."""
    values = [str(value) for value in message.get_all(name, [])]
    found = [address.strip().lower() for _name, address in getaddresses(values)]
    return list(dict.fromkeys(a for a in found if re.fullmatch(r"[^@\s<>]{1,64}@[^@\s<>]{1,190}", a)))


def _header(message: EmailMessage, name: str) -> str:
    return str(message.get(name, ""))


def _text(message: EmailMessage) -> str:
    part = message.get_body(preferencelist=("plain", "html"))
    if part is None:
        return ""
    content = _decoded(part)
    if part.get_content_type() == "text/html":
        plain = _Plain()
        plain.feed(content)
        content = "".join(plain.pieces)
    lines = [line.rstrip() for line in content.replace("\x00", "").splitlines() if not line.startswith(">")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _decoded(part: MIMEPart) -> str:
    try:
        return str(part.get_content())
    except (LookupError, ValueError, KeyError):  # an unknown character set, or bytes that do not fit it
        payload = part.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


def _attachments(message: EmailMessage) -> tuple[str, ...]:
    names = [_line(part.get_filename() or part.get_content_type()) for part in message.iter_attachments()]
    return tuple(name[:80] for name in names[:MOST_NAMES])


def _line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


class _Plain(HTMLParser):
    """The words of a page, without what is not meant to be read."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in ("script", "style", "head"):
            self._hidden += 1
        elif tag in ("br", "p", "div", "li", "tr"):
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style", "head") and self._hidden:
            self._hidden -= 1

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.pieces.append(data)
