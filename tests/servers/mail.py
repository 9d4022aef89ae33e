"""A mail server for tests: takes everything over STARTTLS or TLS, and treats some recipients as their address asks."""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.servers.certificates import write_certificates
from tests.servers.running import free_port

USER, PASSWORD = "sparekey", "the mail server's password"


@dataclass
class MailServer:
    """Recipients whose local part ends in +reject, +tempfail, +quiet, +drop or +garbage meet that fate."""

    folder: Path
    port: int = 0
    messages: list[Envelope] = field(default_factory=list)

    @property
    def ca_file(self) -> Path:
        return self.folder / "ca.pem"

    async def handle_RCPT(  # noqa: N802  (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        fates = {"reject": "550 5.1.1 no such user here", "tempfail": "451 4.3.0 try again later"}
        if fate := fates.get(_tag(address)):
            return fate
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        tags = {_tag(address) for address in envelope.rcpt_tos}
        if "drop" in tags and server.transport is not None:
            server.transport.abort()
        if "quiet" in tags:
            await asyncio.sleep(60)
        self.messages.append(envelope)
        return "<html>" if "garbage" in tags else "250 taken"


def _tag(address: str) -> str:
    return address.partition("@")[0].rpartition("+")[2]


@contextmanager
def mail_server(folder: Path, *, tls_from_the_start: bool = False) -> Iterator[MailServer]:
    """A server for as long as the block lasts. It insists on encryption and on USER and PASSWORD."""
    write_certificates(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    server = MailServer(folder, free_port())
    ways: dict[str, Any] = (
        {"ssl_context": context} if tls_from_the_start else {"tls_context": context, "require_starttls": True}
    )
    controller = Controller(
        server, "127.0.0.1", server.port, authenticator=_authenticate, auth_required=True,
        auth_require_tls=not tls_from_the_start, enable_SMTPUTF8=True, **ways,
    )  # fmt: skip
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


def _authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
    right = LoginPassword(USER.encode(), PASSWORD.encode())
    allowed = (given.login, given.password) == (right.login, right.password)
    return AuthResult(success=allowed, handled=False)  # so that the server sends the answer
