"""What every ticket system must do: one copy for a key, one remark for a mark, and the truth about how it stands."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from connectors.capabilities import CopiesTickets, CopyState, Examined, Remark, Severity, TellsCopyState, TicketCopy
from connectors.errors import ConnectorError, Forbidden, Unavailable, Unconfirmed
from connectors.tickets.glpi import Glpi
from connectors.tickets.request_tracker import RequestTracker
from connectors.tickets.settings import TicketSystemSettings
from connectors.tickets.zammad import Zammad
from portal.parts import utc_now
from tests.connectors.ticket_systems import glpi_settings, rt_settings, zammad_settings
from tests.servers.proxy import Proxy
from tests.servers.request_tracker import Rt
from tests.standins.glpi import GlpiStandin
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


def _zammad() -> Iterator[Lab]:
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


def _glpi() -> Iterator[Lab]:
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


def _rt(server: Rt) -> Iterator[Lab]:
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


@pytest.fixture(params=["zammad", "glpi", "request-tracker"])
def lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    if request.param == "request-tracker":
        yield from _rt(request.getfixturevalue("rt_server"))
    else:
        yield from {"zammad": _zammad, "glpi": _glpi}[request.param]()


def a_copy() -> TicketCopy:
    key = f"sk1x{secrets.token_hex(6)}"
    return TicketCopy(key=key, subject="Cannot get in: ø <b>", text="First line\nhttps://x", queue="coordinators")


def test_the_same_key_is_the_same_copy(lab: Lab) -> None:
    copy = a_copy()
    reference = lab.connector.open_copy(copy)
    assert lab.connector.open_copy(copy) == reference
    assert lab.connector.open_copy(a_copy()).id != reference.id
    assert lab.count(copy.key) == 1
    assert reference.url.startswith("http")


def test_the_same_mark_is_the_same_remark(lab: Lab) -> None:
    copy = a_copy()
    reference = lab.connector.open_copy(copy)
    for number in (1, 1, 11, 1):
        lab.connector.add_remark(reference, Remark(mark=f"{copy.key}-{number}-", text="Somebody has taken it."))
    assert [lab.remarks(reference.id, f"{copy.key}-{n}-") for n in (1, 11)] == [1, 1]
    assert lab.connector.copy_state(reference) is CopyState.OPEN


def test_what_is_closed_here_is_closed_there_and_twice_does_no_harm(lab: Lab) -> None:
    copy = a_copy()
    reference = lab.connector.open_copy(copy)
    for _ in range(2):
        lab.connector.add_remark(reference, Remark(mark=f"{copy.key}-1", text="Done.", state=CopyState.SOLVED))
    assert lab.connector.copy_state(reference) is CopyState.SOLVED
    assert lab.remarks(reference.id, f"{copy.key}-1") == 1


def test_what_people_close_there_is_heard(lab: Lab) -> None:
    reference = lab.connector.open_copy(a_copy())
    assert lab.connector.copy_state(reference) is CopyState.OPEN
    lab.close(reference.id, lab.closed)
    assert lab.connector.copy_state(reference) is CopyState.SOLVED


def test_a_copy_that_is_not_there_any_more_is_gone(lab: Lab) -> None:
    reference = lab.connector.open_copy(a_copy())
    missing = type(reference)(id="987654", number="987654", url="")
    assert lab.connector.copy_state(missing) is CopyState.GONE
    with pytest.raises(ConnectorError):
        lab.connector.add_remark(missing, Remark(mark="m-1", text="x"))


def test_an_answer_that_was_lost_makes_no_second_copy(lab: Lab) -> None:
    copy, lost = a_copy(), 0
    with Proxy(lab.port) as proxy:
        connector = lab.through(proxy)
        for heard in (0, 1, 2):  # answers that come through before one is lost
            proxy.swallow_answers_after = heard
            try:
                connector.open_copy(copy)
            except (Unavailable, Unconfirmed):
                lost += 1
        proxy.swallow_answers_after = None
        assert lost
        reference = connector.open_copy(copy)
    assert lab.count(copy.key) == 1
    assert lab.connector.open_copy(copy).id == reference.id


def test_a_wrong_token_is_told_apart_and_its_value_from_nobody(lab: Lab) -> None:
    settings = TicketSystemSettings(**{**vars(lab.settings), "token": "not-the-token-9"})
    connector = lab.kind(settings, utc_now)
    with pytest.raises(Forbidden) as caught:
        connector.open_copy(a_copy())
    assert "not-the-token-9" not in caught.value.detail + repr(settings)
    assert [f.severity for f in connector.examine()] == [Severity.FAULT]
    assert [f.severity for f in lab.connector.examine()] == [Severity.OK]


def test_nobody_at_that_address_is_unavailable(lab: Lab) -> None:
    with Proxy(lab.port) as proxy:
        connector = lab.through(proxy)
    with pytest.raises(Unavailable):
        connector.open_copy(a_copy())
    assert [f.severity for f in connector.examine()] == [Severity.FAULT]
