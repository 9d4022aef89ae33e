"""What an installation tells about its ticket system; the manual is printed from the sentences below each field."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from connectors.encryption import keeps_secrets

Kind = Literal[
    "request-tracker", "zammad", "glpi", "jira-service-management", "servicenow", "osticket", "mail", "webhook"
]
_NEEDED: Mapping[str, tuple[str, ...]] = {
    "request-tracker": ("url", "token", "queue"),
    "zammad": ("url", "token", "queue", "requester"),
    "glpi": ("url", "token"),
    "jira-service-management": ("url", "token", "queue"),
    "servicenow": ("url", "token"),
    "osticket": ("url", "token", "address", "requester"),
    "mail": ("address",),
    "webhook": ("url", "secret"),
}
SECRET = "whsec_"  # noqa: S105 - how every secret of Standard Webhooks begins


@dataclass(frozen=True, kw_only=True)
class TicketSystemSettings:
    """Another ticket system that gets a copy of each ticket. docs/tickets.md says how. Raises ValueError."""

    kind: Kind
    """One of: request-tracker, zammad, glpi, jira-service-management, servicenow, osticket, mail, webhook."""

    url: str = ""
    """Its address, https://tickets.example.org; for a webhook the address that is posted to."""

    token: str = field(default="", repr=False)
    """Token of the portal's own user there; for osTicket an API key, for ServiceNow a password or an API key."""

    user: str = ""
    """Jira in the Cloud: the mail address the token belongs to. ServiceNow: the user, if the token is a password."""

    app_token: str = field(default="", repr=False)
    """GLPI only: token of the API client, if it asks for one."""

    secret: str = field(default="", repr=False)
    """Signs a webhook, and what comes back to /api/v1/ticket-status: whsec_ and 24 to 64 random bytes as Base64."""

    queue: str = ""
    """Where copies are opened: a queue of Request Tracker, a group of Zammad, the number of an entity of GLPI, an
    assignment group of ServiceNow, service project and request type of Jira by their numbers: 10/25."""

    queues: Mapping[str, str] = field(default_factory=dict)
    """The same for single queues of ours: { tier2 = "Second line" }."""

    requester: str = ""
    """Whom copies are opened for over there: a mail address; ServiceNow: a name; Jira in the Cloud: an account id."""

    address: str = ""
    """Mail and osTicket only: the address over there that tickets are written to."""

    solved: tuple[str, ...] = ()
    """States over there that mean it is done; unset: those the system comes with."""

    refused: tuple[str, ...] = ()
    """States over there that mean it will not be done; unset: those the system comes with."""

    close_code: str = "Solution provided"
    """ServiceNow only: the resolution code of copies that are closed from here."""

    send_text: bool = False
    """Copy what people write, too. Without it a copy holds number, kind, reason code and a link back."""

    send_person: bool = False
    """Copy whom it is about, too: the user name."""

    ca_file: Path | None = None
    """PEM file of the authority that signed its certificate; without it the system's are trusted."""

    timeout: float = 8.0
    """Seconds to wait for each answer."""

    def __post_init__(self) -> None:
        if missing := [name for name in _NEEDED[self.kind] if not getattr(self, name)]:
            raise ValueError(f"{', '.join(missing)}: needed for {self.kind}")
        if self.url:
            url = urlsplit(self.url)
            if not keeps_secrets(self.url):
                raise ValueError("url: must begin with https:// (http:// only for this very machine)")
            if url.username or (self.kind != "webhook" and url.query):
                raise ValueError("url: scheme, host and path only, such as https://tickets.example.org")
        if self.kind == "jira-service-management":
            for form in (self.queue, *self.queues.values()):
                if not re.fullmatch(r"[0-9]+/[0-9]+", form):
                    raise ValueError("queue: numbers of a service project and a request type, such as 10/25")
        if self.secret:
            signing_key(self.secret)
        if not 0 < self.timeout <= 10:
            raise ValueError("timeout: above zero and at most 10, for several answers must fit into one try")

    @property
    def identity(self) -> str:
        """Which system it is: another one knows nothing of what was copied to this one."""
        return f"{self.kind} {urlsplit(self.url).netloc or self.address}"

    def queue_for(self, ours: str) -> str:
        return self.queues.get(ours, self.queue)


def signing_key(secret: str) -> bytes:
    """The bytes behind a secret (Standard Webhooks 1.0, "Signature scheme"). Raises ValueError."""
    try:
        key = base64.b64decode(secret.removeprefix(SECRET), validate=True)
    except binascii.Error:
        key = b""
    if not secret.startswith(SECRET) or not 24 <= len(key) <= 64:
        raise ValueError('secret: make one with: echo "whsec_$(openssl rand -base64 32)"')
    return key
