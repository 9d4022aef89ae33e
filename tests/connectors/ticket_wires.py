"""Every ticket system behind a wire that breaks."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
import requests

from connectors.smtp import SmtpSettings
from connectors.tickets.settings import TicketSystemSettings
from tests.connectors import ticket_systems
from tests.servers.request_tracker import QUEUE, Rt, new_rt, why_not
from tests.standins.glpi import GlpiStandin
from tests.standins.hook import HookStandin
from tests.standins.jira import JiraStandin
from tests.standins.osticket import OsTicketStandin
from tests.standins.post import FaultyPost, MailDesk
from tests.standins.servicenow import ServiceNowStandin
from tests.standins.ticket_system import Held, TicketStandin
from tests.standins.wire import FaultyWire, Wire
from tests.standins.zammad import ZammadStandin

_STANDINS: dict[str, tuple[type[TicketStandin], Callable[..., TicketSystemSettings]]] = {
    "zammad": (ZammadStandin, ticket_systems.zammad_settings),
    "glpi": (GlpiStandin, ticket_systems.glpi_settings),
    "jira": (JiraStandin, ticket_systems.jira_settings),
    "servicenow": (ServiceNowStandin, ticket_systems.servicenow_settings),
    "osticket": (OsTicketStandin, ticket_systems.osticket_settings),
    "webhook": (HookStandin, ticket_systems.hook_settings),
}
_KEYED = ("osticket", "webhook")  # where each post carries a key of its own
SYSTEMS = (*_STANDINS, "mail", "request-tracker")
CAMPAIGN = bool(os.environ.get("SPAREKEY_CAMPAIGN"))
EACH = int(os.environ.get("SPAREKEY_CAMPAIGN_TICKETS", "10000")) // len(SYSTEMS)  # tickets of a campaign


@dataclass(frozen=True, kw_only=True)
class Wired:
    wire: Wire
    settings: TicketSystemSettings  # they lead through the wire
    held: Callable[[], Held]
    index: Callable[[], None] = lambda: None  # its search catches up
    smtp: SmtpSettings | None = None  # where the way there is by mail


@contextmanager
def wired(system: str, *, seed: int, chance: float, timeout: float) -> Iterator[Wired]:
    """The system and the wire for as long as the block lasts. `timeout`: how long the portal waits for an answer."""
    how: dict[str, Any] = {"seed": seed, "chance": chance, "late": 2 * timeout}
    if system == "mail":
        yield from _mail(how, timeout)
    elif system == "request-tracker":
        yield from _request_tracker(how, timeout)
    else:
        kind, settings_of = _STANDINS[system]
        with kind() as standin, FaultyWire(standin.port, keyed_posts=system in _KEYED, **how) as wire:
            standin.lags = True
            settings = settings_of(f"http://127.0.0.1:{wire.port}", timeout=timeout)
            yield Wired(wire=wire, settings=settings, held=standin.held, index=standin.index)


def _mail(how: dict[str, Any], timeout: float) -> Iterator[Wired]:
    desk = MailDesk()
    with FaultyPost(desk, **how) as post:
        smtp = SmtpSettings(
            host="127.0.0.1", port=post.port, security="none", sender="no-reply@example.org", timeout=timeout
        )
        settings = TicketSystemSettings(kind="mail", address="desk@example.org")
        yield Wired(wire=post, settings=settings, held=desk.held, smtp=smtp)


def _request_tracker(how: dict[str, Any], timeout: float) -> Iterator[Wired]:
    if reason := why_not():
        pytest.skip(reason)
    server = new_rt()
    try:
        with FaultyWire(server.port, **how) as wire:
            settings = ticket_systems.rt_settings(server.url, server.token, timeout=timeout)
            through = replace(settings, url=f"http://127.0.0.1:{wire.port}")
            yield Wired(wire=wire, settings=through, held=lambda: _held(server))
    finally:
        server.remove()


def _held(server: Rt) -> Held:
    """What a real one has, asked past the wire."""
    with requests.Session() as http:
        http.headers["Authorization"] = f"token {server.token}"

        def items(path: str, **params: Any) -> Iterator[dict[str, Any]]:
            for page in range(1, 200):
                answer = http.get(
                    f"{server.url}/REST/2.0/{path}", params=params | {"per_page": 100, "page": page}, timeout=60
                )
                answer.raise_for_status()
                yield from (found := answer.json()["items"])
                if len(found) < 100:
                    return

        tickets = list(items("tickets", query=f"Queue = '{QUEUE}'", fields="Subject,Status"))
        remarks = [
            word
            for ticket in tickets
            for entry in items(f"ticket/{ticket['id']}/history", fields="Data,Type")
            if entry["Type"] == "Comment"
            for word in str(entry["Data"]).split()
        ]
    still_open = sum(ticket["Status"] not in ("resolved", "rejected") for ticket in tickets)
    return Held([ticket["Subject"] for ticket in tickets], remarks, still_open)
