"""Tells a webhook of tickets, signed as Standard Webhooks 1.0 says (github.com/standard-webhooks/standard-webhooks).

The id of a message is the same on every retry, so that the receiver can drop what comes twice.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from connectors.capabilities import Examined, Finding
from connectors.errors import Forbidden, Obstacle
from connectors.http import Http
from connectors.ticket_copies import CopiesTickets, CopyReference, Remark, TicketCopy
from connectors.tickets.examining import fine
from connectors.tickets.settings import TicketSystemSettings, signing_key

TOLERANCE = timedelta(minutes=5)


class Webhook(CopiesTickets, Examined):
    """Cannot ask how a copy stands: the other side tells it to /api/v1/ticket-status."""

    def __init__(self, settings: TicketSystemSettings, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._http = Http(settings, {}, clock)
        self._clock = clock

    def open_copy(self, copy: TicketCopy) -> CopyReference:
        queue = self._settings.queue_for(copy.queue) or copy.queue
        content = {"key": copy.key, "subject": copy.subject, "text": copy.text, "queue": queue}
        self._post(copy.key, "ticket.opened", content)
        return CopyReference(id=copy.key, number=copy.key, url="")

    def add_remark(self, reference: CopyReference, remark: Remark) -> None:
        content = {"key": reference.id, "text": remark.text, "state": str(remark.state)}
        self._post(remark.mark, "ticket.changed", content)

    def examine(self) -> Iterator[Finding]:
        yield fine("tickets are posted to a webhook, which can only be tried with a real one")

    def _post(self, key: str, kind: str, content: Mapping[str, str]) -> None:
        now = self._clock()
        id_ = f"msg_{key}"
        body = json.dumps({"type": kind, "timestamp": now.isoformat(), "data": content}).encode()
        stamp = str(int(now.timestamp()))
        headers = {
            "webhook-id": id_,
            "webhook-timestamp": stamp,
            "webhook-signature": signature(self._settings.secret, id_, stamp, body),
        }
        if self._http.write("POST", "", body, headers).status == 404:
            raise Forbidden("404: nobody listens at this address", obstacle=Obstacle.UNWILLING)


def signature(secret: str, id_: str, stamp: str, body: bytes) -> str:
    """The signature in its first version, an HMAC."""
    signed = b".".join((id_.encode(), stamp.encode(), body))
    return "v1," + base64.b64encode(hmac.digest(signing_key(secret), signed, hashlib.sha256)).decode()


def is_genuine(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    """Whether a message was signed with this secret, and within five minutes."""
    id_, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not id_ or not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
        return False
    if abs(now.timestamp() - int(stamp)) > TOLERANCE.total_seconds():
        return False
    right = signature(secret, id_, stamp, body).encode()
    given = headers.get("webhook-signature", "").encode().split()[:10]  # several while a secret is being changed
    return any(hmac.compare_digest(right, one) for one in given)
