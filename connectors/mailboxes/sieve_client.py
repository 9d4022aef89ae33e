"""A ManageSieve session (RFC 5804) on sievelib's client: with verified encryption, and a time limit throughout."""

import base64
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from sievelib.managesieve import Client, Error

from connectors.encryption import verified
from connectors.errors import AccountNotFound, Forbidden, Obstacle, Outage, Unavailable, Unconfirmed
from connectors.mailboxes.settings import MailboxSettings
from connectors.oauth import ClientSecret, Token, Tokens, TokenStore, checked_url
from connectors.wire import Trust, Wire


@dataclass(frozen=True, kw_only=True)
class ManageSieveSettings(MailboxSettings):
    """Auto replies and forwarding on a mail server with Sieve, such as Dovecot with Pigeonhole."""

    kind: Literal["managesieve"] = "managesieve"
    """What is spoken: managesieve."""

    host: str
    """Name or address of the ManageSieve server."""

    port: int = 4190
    """Its port."""

    ca_file: Path | None = None
    """PEM file of the authority that signed the server's certificate; without it the system's are trusted."""

    user: str
    """The master user, who may act for everybody through ManageSieve and nothing else."""

    password: str = field(default="", repr=False)
    """The master user's password; or a token in its place:"""

    token_url: str = ""
    """Where an identity provider gives tokens to programs, by which the master user then signs in (OAUTHBEARER)."""

    client_id: str = ""
    """The portal's name at that provider."""

    client_secret: str = field(default="", repr=False)
    """Its secret there."""

    scope: str = ""
    """What the token is asked for, if the provider wants to know."""

    token_ca_file: Path | None = None
    """PEM file of the authority that signed the provider's certificate; without it the system's are trusted."""

    timeout: float = 5.0
    """Seconds to wait for the server at each step."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.timeout <= 0:
            raise ValueError("timeout: must be above zero")
        if bool(self.password) == bool(self.token_url):
            raise ValueError("password, token_url: give one of them")
        if self.token_url:
            checked_url("token_url", self.token_url)
            if not (self.client_id and self.client_secret):
                raise ValueError("token_url: needs client_id and client_secret")


def tokens_of(settings: ManageSieveSettings, store: TokenStore, clock: Callable[[], datetime]) -> Tokens | None:
    """Where the master user's tokens come from; None: there is a password."""
    if not settings.token_url:
        return None
    grant = ClientSecret(settings.token_url, settings.client_id, settings.client_secret, settings.scope)
    return Tokens(grant, Wire(Trust(settings.token_ca_file)), store, clock)


class KeyRefused(Unavailable):
    """The master user's password or token does not count."""


class Session(Client):
    """One signed-in connection. Raises what `connectors.errors` holds."""

    def __init__(self, settings: ManageSieveSettings) -> None:
        super().__init__(settings.host, settings.port)
        self._settings = settings
        self._changing = False

    def enter(self, address: str, token: Token | None) -> None:
        """Connect, encrypt, and sign in as the master user for this mailbox. Raises KeyRefused."""
        settings = self._settings
        try:
            self.sock = socket.create_connection((settings.host, settings.port), settings.timeout)
            # The client's own connect() waits without end, and would go on without encryption.
            if not self._Client__get_capabilities() or not self._Client__starttls():
                raise Unavailable(f"{settings.host}: no encryption", outage=Outage.PORTAL_REFUSED)
            if token:
                let_in = self._let_in(f"{address}*{settings.user}", token.value, "", "OAUTHBEARER")
            else:
                let_in = self._let_in(settings.user, settings.password, address, "PLAIN")
        except ssl.SSLError as error:
            raise Unavailable(f"{settings.host}: {error}", outage=Outage.PORTAL_REFUSED) from error
        except (Error, OSError, UnicodeError) as error:
            raise Unavailable(f"{settings.host}: {error}") from error
        if not let_in:
            said = self.errmsg.decode("utf-8", "replace")
            if "authorization" in said.lower():
                raise AccountNotFound(f"{settings.host} has no mailbox {address}")
            raise KeyRefused(f"{settings.host}: {settings.user}: {said}", outage=Outage.PORTAL_REFUSED)

    def _let_in(self, user: str, secret: str, address: str, how: str) -> bool:
        return bool(self._Client__authenticate(user, secret, address, how))

    def _oauthbearer_authentication(self, login: bytes, token: bytes, authz_id: bytes = b"") -> bool:
        """As RFC 7628 says; the library's own would wait for ever for a server that explains why it says no."""
        user = login.replace(b"=", b"=3D").replace(b",", b"=2C")
        said = base64.b64encode(b"n,a=%s,\x01auth=Bearer %s\x01\x01" % (user, token))
        literal = b"{%d+}\r\n%s" % (len(said), said)
        code, _ = self._Client__send_command("AUTHENTICATE", [b"OAUTHBEARER", literal], nblines=1)
        if code is None:
            code, _ = self._Client__send_command('"AQ=="')  # the explanation is understood (3.2.3)
        return bool(code == "OK")

    def _Client__enable_ssl(self, keyfile: Any = None, certfile: Any = None) -> None:  # noqa: N802  (sievelib's name)
        context = verified(self._settings.ca_file)
        self.sock = context.wrap_socket(self.sock, server_hostname=self._settings.host)

    def extensions(self) -> frozenset[str]:
        return frozenset(self.get_sieve_capabilities())

    def scripts(self) -> tuple[str, list[str]]:
        """The active script, or an empty name, and all the others."""
        listed = self._ask(lambda: self.listscripts())
        if listed is None:
            raise Unavailable(f"{self._settings.host}: scripts are not listed")
        active, others = listed
        return active or "", others

    def script(self, name: str) -> str:
        """Its text; empty if there is none by this name."""
        return self._ask(lambda: self._text(name)) or ""

    def put(self, name: str, text: str) -> None:
        self._change(lambda: self.putscript(name, text))

    def activate(self, name: str) -> None:
        """Make it the one that runs, in place of another; with an empty name none does."""
        self._change(lambda: self.setactive(name))

    def delete(self, name: str) -> None:
        self._change(lambda: self.deletescript(name))

    def _text(self, name: str) -> str:
        try:
            return str(self.getscript(name) or "")
        except IndexError:  # an empty one
            return ""

    def _ask(self, question: Any) -> Any:
        try:
            return question()
        except (Error, OSError, UnicodeError) as error:
            if self._changing:
                raise Unconfirmed(f"{self._settings.host}: {error}") from error
            raise Unavailable(f"{self._settings.host}: {error}") from error

    def _change(self, deed: Any) -> None:
        self._changing = True
        if not self._ask(deed):
            said = f"{self.errcode.decode('utf-8', 'replace')} {self.errmsg.decode('utf-8', 'replace')}".strip()
            raise Forbidden(f"{self._settings.host}: {said}", obstacle=Obstacle.UNWILLING)


@contextmanager
def session(settings: ManageSieveSettings, address: str, tokens: Tokens | None = None) -> Iterator[Session]:
    """A session for this mailbox for as long as the block lasts."""
    token = tokens.token(settings.timeout) if tokens else None
    client = Session(settings)
    try:
        try:
            client.enter(address, token)
        except KeyRefused:
            if tokens is None:
                raise
            client.sock.close()  # the token may have been revoked
            client = Session(settings)
            client.enter(address, tokens.renew(token, settings.timeout))
        yield client
        with suppress(Error, OSError):
            client.logout()
    finally:
        if client.sock is not None:
            client.sock.close()
