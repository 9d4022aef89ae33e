"""Ticket systems that tests copy to, with hands on both sides."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import requests

from connectors.capabilities import Examined
from connectors.ticket_copies import CopiesTickets, TellsCopyState, TicketCopy
from connectors.tickets.glpi import Glpi
from connectors.tickets.jira import JiraServiceManagement
from connectors.tickets.request_tracker import RequestTracker
from connectors.tickets.servicenow import ServiceNow
from connectors.tickets.settings import TicketSystemSettings
from connectors.tickets.zammad import Zammad
from portal.parts import utc_now
from tests.connectors.ticket_systems import (
    glpi_settings,
    jira_settings,
    rt_settings,
    servicenow_settings,
    zammad_settings,
)
from tests.servers.proxy import Proxy
from tests.servers.request_tracker import Rt
from tests.standins.glpi import GlpiStandin
from tests.standins.jira import JiraStandin
from tests.standins.servicenow import ServiceNowStandin
from tests.standins.zammad import ZammadStandin


class Tested(CopiesTickets, TellsCopyState, Examined):
    """What the connectors here have in common."""


@dataclass
class Lab:
    """A connector, and hands on the other side."""

    connector: Tested
    close: Callable[[str, str], None]  # (id, state): what people over there do
    count: Callable[[str], int]  # tickets with this key
    remarks: Callable[[str, str], int]  # (id, mark)
    closed: str
    settings: TicketSystemSettings
    kind: Any
    port: int

    def through(self, proxy: Proxy) -> Tested:
        """The same, reached by a wire that can break."""
        url = self.settings.url.replace(f":{self.port}", f":{proxy.port}")
        values = {**vars(self.settings), "url": url, "timeout": 1.0}
        return self.kind(TicketSystemSettings(**values), utc_now)  # type: ignore[no-any-return]


def zammad() -> Iterator[Lab]:
    with ZammadStandin() as server:
        assert isinstance(server, ZammadStandin)
        settings = zammad_settings(server.url)
        yield Lab(
            connector=Zammad(settings, utc_now),  # type: ignore[arg-type]
            close=lambda id_, state: server.tickets[int(id_)].update(state=state),
            count=lambda key: sum(key in t["title"] for t in server.tickets.values()),
            remarks=lambda id_, mark: sum(a["subject"] == mark for a in server.articles[int(id_)]),
            closed="closed",
            settings=settings,
            kind=Zammad,
            port=server.port,
        )


def glpi() -> Iterator[Lab]:
    with GlpiStandin() as server:
        assert isinstance(server, GlpiStandin)
        settings = glpi_settings(server.url)
        yield Lab(
            connector=Glpi(settings, utc_now),  # type: ignore[arg-type]
            close=lambda id_, state: server.tickets[int(id_)].update(status=int(state)),
            count=lambda key: sum(key in t["name"] for t in server.tickets.values()),
            remarks=lambda id_, mark: sum(mark in f["content"] for f in server.followups[int(id_)]),
            closed="6",
            settings=settings,
            kind=Glpi,
            port=server.port,
        )


def request_tracker(server: Rt) -> Iterator[Lab]:
    settings = rt_settings(server.url, server.token)
    http = requests.Session()
    http.headers["Authorization"] = f"token {server.token}"
    base = f"{server.url}/REST/2.0"

    def found(key: str) -> int:
        return int(http.get(f"{base}/tickets", params={"query": f"Subject LIKE '{key}'"}).json()["count"])

    def remarks(id_: str, mark: str) -> int:
        entries = http.get(f"{base}/ticket/{id_}/history", params={"fields": "Data", "per_page": 100}).json()["items"]
        return sum(mark in str(entry["Data"]).split() for entry in entries)

    yield Lab(
        connector=RequestTracker(settings, utc_now),  # type: ignore[arg-type]
        close=lambda id_, state: http.put(f"{base}/ticket/{id_}", json={"Status": state}).raise_for_status(),
        count=found,
        remarks=remarks,
        closed="resolved",
        settings=settings,
        kind=RequestTracker,
        port=server.port,
    )


def jira() -> Iterator[Lab]:
    yield from _jira(cloud=True)


def jira_data_center() -> Iterator[Lab]:
    yield from _jira(cloud=False)


def _jira(*, cloud: bool) -> Iterator[Lab]:
    with JiraStandin() as server:
        assert isinstance(server, JiraStandin)
        server.cloud = cloud
        settings = jira_settings(server.url) if cloud else jira_settings(server.url, user="")
        yield Lab(
            connector=JiraServiceManagement(settings, utc_now),  # type: ignore[arg-type]
            close=lambda id_, state: server.put(id_, state),
            count=lambda key: sum(key in r["summary"] for r in server.requests_held.values()),
            remarks=lambda id_, mark: sum(mark in c["body"].split() for c in server.comments[id_]),
            closed="Done",
            settings=settings,
            kind=JiraServiceManagement,
            port=server.port,
        )


def servicenow() -> Iterator[Lab]:
    with ServiceNowStandin() as server:
        assert isinstance(server, ServiceNowStandin)
        settings = servicenow_settings(server.url)
        yield Lab(
            connector=ServiceNow(settings, utc_now),  # type: ignore[arg-type]
            close=lambda id_, state: server.incidents[id_].update(state=state),
            count=lambda key: sum(key in i["short_description"] for i in server.incidents.values()),
            remarks=lambda id_, mark: sum(mark in note.split() for note in server.notes[id_]),
            closed="7",
            settings=settings,
            kind=ServiceNow,
            port=server.port,
        )


def a_copy() -> TicketCopy:
    key = f"sk1x{secrets.token_hex(6)}"
    return TicketCopy(key=key, subject="Cannot get in: ø <b>", text="First line\nhttps://x", queue="coordinators")
