"""Hands mail to a submission server (RFC 6409), encrypted and verified."""

import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from connectors.capabilities import Examined, Finding, SendsMail
from connectors.encryption import on_this_machine, verified
from connectors.errors import ConnectorError, Forbidden, Unavailable, Unconfirmed
from connectors.findings import fault, fine, say

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

IDLE_SECONDS = 2.0  # how long a connection waits for the next message


@dataclass(frozen=True, kw_only=True)
class SmtpSettings:
    """The mail server. Raises ValueError for what would send passwords or mail in clear over a network."""

    host: str
    """Name or address of the mail server."""

    port: int = 587
    """Its port: 587 for STARTTLS, 465 for TLS from the start."""

    security: Literal["starttls", "tls", "none"] = "starttls"
    """How the connection is encrypted; none is for a server on this very machine."""

    ca_file: Path | None = None
    """PEM file of the authority that signed the server's certificate; without it the system's are trusted."""

    user: str | None = None
    """Name to sign in with, if the server wants one."""

    password: str | None = field(default=None, repr=False)
    """Password to sign in with."""

    sender: str
    """Address that bounces go to, and that mail comes from when it names nobody."""

    timeout: float = 10.0
    """Seconds to wait for the server at each step."""

    def __post_init__(self) -> None:
        if self.security == "none" and not on_this_machine(self.host):
            raise ValueError(f"security: {self.host} is not this machine, so starttls or tls is needed")
        if (self.user is None) != (self.password is None):
            raise ValueError("user, password: give both or neither")
        if self.timeout <= 0:
            raise ValueError("timeout: must be above zero")


class _Session(smtplib.SMTP):
    """Remembers whether the message itself has been begun: from then on no answer may mean yes."""

    handing_over = False
    used = False  # for a message before

    def data(self, msg: "Buffer | str") -> tuple[int, bytes]:
        self.handing_over = True
        return super().data(msg)


class _TlsSession(_Session, smtplib.SMTP_SSL):
    """The same over TLS from the start."""


class _Left(Unavailable):
    """The server has left a connection that was kept, as it may at any time. It was not given the message."""


class Smtp(SendsMail, Examined):
    """Messages that follow one another within seconds share a connection; servers drop those that idle for longer."""

    def __init__(self, settings: SmtpSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self.settings = settings
        self._clock = clock
        self._idle: list[tuple[_Session, float]] = []

    def send(self, message: EmailMessage) -> None:
        """Send to all of To, Cc and Bcc. Unconfirmed: the server was given it and did not say whether it took it."""
        try:
            self._hand_over(self._kept() or self._new(), message)
        except _Left:
            self._hand_over(self._new(), message)

    def rest(self) -> None:
        while self._idle and self._clock() - self._idle[0][1] >= IDLE_SECONDS:
            with suppress(IndexError):  # another thread has taken it meanwhile
                _leave(self._idle.pop(0)[0])

    def _kept(self) -> _Session | None:
        self.rest()
        with suppress(IndexError):
            return self._idle.pop()[0]
        return None

    def _hand_over(self, smtp: _Session, message: EmailMessage) -> None:
        """Send one message on a connection, which is kept if all went well. Raises _Left, too."""
        used, smtp.used, smtp.handing_over = smtp.used, True, False
        try:
            with _named("the message"):
                refused = self._sent(smtp, message)
            if refused:
                raise _by_code(*next(iter(refused.values())))
        except BaseException as error:
            gone = used and smtp.sock is None and not smtp.handing_over
            _leave(smtp)
            if gone and isinstance(error, Unavailable):
                raise _Left(error.detail) from error
            raise
        self._idle.append((smtp, self._clock()))

    def _sent(self, smtp: _Session, message: EmailMessage) -> dict[str, tuple[int, bytes]]:
        try:
            return smtp.send_message(message, from_addr=self.settings.sender)
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            if smtp.handing_over:
                raise Unconfirmed(f"no answer to the message: {error}") from error
            raise
        except smtplib.SMTPDataError as error:
            if error.smtp_code < 400:  # it says neither yes nor no: smtplib's -1 is what is no SMTP at all
                raise Unconfirmed(f"no answer to the message: {error.smtp_error!r}") from error
            raise

    def examine(self) -> Iterator[Finding]:
        """Connect and sign in; no mail is sent."""
        where = f"{self.settings.host}:{self.settings.port}"
        try:
            smtp = self._new()
            try:
                with _named("NOOP"):
                    smtp.noop()
            finally:
                _leave(smtp)
        except ConnectorError as error:
            yield fault(say("mail"), f"{where}: {error}", _remedy(error))
        else:
            yield fine(say("mail"), say("%(where)s: reached and signed in", where=where))

    def _new(self) -> _Session:
        """A connection that is encrypted and signed in."""
        with _named("the connection"):
            smtp = self._connect()
        try:
            with _named("signing in"):
                self._prepare(smtp)
        except BaseException:
            _leave(smtp)
            raise
        return smtp

    def _connect(self) -> _Session:
        s, own_name = self.settings, socket.gethostname()  # given, or smtplib asks the name servers for it each time
        if s.security == "tls":
            return _TlsSession(s.host, s.port, own_name, timeout=s.timeout, context=self._context)
        return _Session(s.host, s.port, own_name, timeout=s.timeout)

    def _prepare(self, smtp: smtplib.SMTP) -> None:
        s = self.settings
        if s.security == "starttls":
            smtp.starttls(context=self._context)
        smtp.ehlo_or_helo_if_needed()
        if s.user is not None and s.password is not None:
            smtp.login(s.user, s.password)

    @cached_property
    def _context(self) -> ssl.SSLContext:
        return verified(self.settings.ca_file)


def _leave(smtp: smtplib.SMTP) -> None:
    with suppress(smtplib.SMTPException, OSError):
        smtp.quit()
    smtp.close()


@contextmanager
def _named(step: str) -> Iterator[None]:
    """Turn smtplib's errors at one step into ours."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        raise _by_code(*next(iter(error.recipients.values()))) from error
    except smtplib.SMTPResponseException as error:
        raise _by_code(error.smtp_code, error.smtp_error) from error
    except smtplib.SMTPNotSupportedError as error:
        raise Forbidden(f"{step}: {error}") from error
    except (smtplib.SMTPException, OSError) as error:
        raise Unavailable(f"{step}: {error}") from error


def _by_code(code: int, text: bytes | str) -> ConnectorError:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return Forbidden(f"{code} {words}") if code >= 500 else Unavailable(f"{code} {words}")


def _remedy(error: ConnectorError) -> str:
    if "CERTIFICATE_VERIFY_FAILED" in error.detail:
        return "ca_file: name the PEM file of the authority that signed the mail server's certificate."
    if isinstance(error, Forbidden):
        return "user, password, security: what the mail server refuses stands in its answer."
    return "host, port: is the mail server running, and does a firewall let this machine reach it?"
