"""Hands mail to a submission server (RFC 6409), encrypted and verified."""

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from connectors.capabilities import Examined, Finding, SendsMail, Severity
from connectors.errors import ConnectorError, Forbidden, Unavailable, Unconfirmed

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer


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
        if self.security == "none" and not _on_this_machine(self.host):
            raise ValueError(f"security: {self.host} is not this machine, so starttls or tls is needed")
        if (self.user is None) != (self.password is None):
            raise ValueError("user, password: give both or neither")
        if self.timeout <= 0:
            raise ValueError("timeout: must be above zero")


def _on_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _Session(smtplib.SMTP):
    """Remembers whether the message itself has been begun: from then on no answer may mean yes."""

    handing_over = False

    def data(self, msg: "Buffer | str") -> tuple[int, bytes]:
        self.handing_over = True
        return super().data(msg)


class _TlsSession(_Session, smtplib.SMTP_SSL):
    """The same over TLS from the start."""


class Smtp(SendsMail, Examined):
    """One connection for each message: mail is sent by a background job, and servers drop idle clients."""

    def __init__(self, settings: SmtpSettings) -> None:
        self.settings = settings

    def send(self, message: EmailMessage) -> None:
        """Send to all of To, Cc and Bcc. Unconfirmed: the server was given it and did not say whether it took it."""
        with self._session() as smtp, _named("the message"):
            try:
                refused = smtp.send_message(message, from_addr=self.settings.sender)
            except (smtplib.SMTPServerDisconnected, OSError) as error:
                if smtp.handing_over:
                    raise Unconfirmed(f"no answer to the message: {error}") from error
                raise
        if refused:
            raise _by_code(*next(iter(refused.values())))

    def examine(self) -> Iterator[Finding]:
        """Connect and sign in; no mail is sent."""
        where = f"{self.settings.host}:{self.settings.port}"
        try:
            with self._session() as smtp, _named("NOOP"):
                smtp.noop()
        except ConnectorError as error:
            yield Finding(severity=Severity.FAULT, subject="mail", message=f"{where}: {error}", remedy=_remedy(error))
        else:
            yield Finding(severity=Severity.OK, subject="mail", message=f"{where}: reached and signed in")

    @contextmanager
    def _session(self) -> Iterator[_Session]:
        with _named("the connection"):
            smtp = self._connect()
        try:
            with _named("signing in"):
                self._prepare(smtp)
            yield smtp
        finally:
            with suppress(smtplib.SMTPException, OSError):
                smtp.quit()
            smtp.close()

    def _connect(self) -> _Session:
        s, own_name = self.settings, socket.gethostname()  # given, or smtplib asks the name servers for it each time
        if s.security == "tls":
            return _TlsSession(s.host, s.port, own_name, timeout=s.timeout, context=self._context())
        return _Session(s.host, s.port, own_name, timeout=s.timeout)

    def _prepare(self, smtp: smtplib.SMTP) -> None:
        s = self.settings
        if s.security == "starttls":
            smtp.starttls(context=self._context())
        smtp.ehlo_or_helo_if_needed()
        if s.user is not None and s.password is not None:
            smtp.login(s.user, s.password)

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.settings.ca_file)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context


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
    return Unavailable(f"{code} {words}") if 400 <= code < 500 else Forbidden(f"{code} {words}")


def _remedy(error: ConnectorError) -> str:
    if "CERTIFICATE_VERIFY_FAILED" in error.detail:
        return "ca_file: name the PEM file of the authority that signed the mail server's certificate."
    if isinstance(error, Forbidden):
        return "user, password, security: what the mail server refuses stands in its answer."
    return "host, port: is the mail server running, and does a firewall let this machine reach it?"
