"""Many tickets over a wire that breaks, to a system that fails and whose search lags: none lost, none doubled."""

import os
import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest

from portal.demo.mail import Mailbag
from portal.settings import Settings
from portal.tickets.copies import State
from tests.connectors.ticket_systems import zammad_settings
from tests.portal.copying import CAROL, copied_to, copy_of, open_ticket
from tests.portal.site import MovableClock, Site
from tests.servers.proxy import Proxy
from tests.servers.slapd import Slapd
from tests.standins.http import BUSY, DROPPED, GARBAGE, SERVER_ERROR
from tests.standins.zammad import ZammadStandin

CAMPAIGN = os.environ.get("SPAREKEY_CAMPAIGN") == "1"
TICKETS = 10_000 if CAMPAIGN else 60
ROUNDS = 400 if CAMPAIGN else 60
KINDS = ("", "", "", "", DROPPED, DROPPED, SERVER_ERROR, GARBAGE, BUSY)


@pytest.fixture
def zammad() -> Iterator[ZammadStandin]:
    with ZammadStandin() as server:
        assert isinstance(server, ZammadStandin)
        server.lags, server.retry_after = True, "5"
        yield server


@pytest.fixture
def wire(zammad: ZammadStandin) -> Iterator[Proxy]:
    with Proxy(zammad.port) as proxy:
        yield proxy


@pytest.fixture
def site(settings: Settings, clock: MovableClock, mailbag: Mailbag, slapd_server: Slapd, wire: Proxy) -> Iterator[Site]:
    system = zammad_settings(f"http://127.0.0.1:{wire.port}")
    running = Site(copied_to(settings, system), clock, mailbag, slapd_server)
    yield running
    running.close()


@pytest.mark.campaign
def test_no_ticket_is_lost_and_none_is_doubled(
    site: Site, zammad: ZammadStandin, wire: Proxy, clock: MovableClock
) -> None:
    chance = random.Random(30)
    zammad.faults.extend(chance.choices(KINDS, k=3 * TICKETS))
    numbers = [open_ticket(site, number) for number in range(TICKETS)]
    for number in numbers:
        site.parts.counter.fulfil(CAROL, number, 1, "done")
    for _ in range(ROUNDS):
        if chance.random() < 0.5:
            wire.cut_next_answer()
        site.work()
        clock.move(timedelta(minutes=3))
        zammad.index()
        with site.parts.database.read() as db:
            if site.parts.copies.counts(db)[State.CURRENT] == TICKETS:
                break
    copies = [copy_of(site, number) for number in numbers]
    assert {copy.state for copy in copies} == {State.CURRENT}
    titles = Counter(ticket["title"].rpartition("[")[2].rstrip("]") for ticket in zammad.tickets.values())
    assert titles == {copy.key: 1 for copy in copies}
    marks = Counter(a["subject"] for articles in zammad.articles.values() for a in articles if "-" in a["subject"])
    assert sum(marks.values()) == len(marks) == TICKETS
    assert {ticket["state"] for ticket in zammad.tickets.values()} == {"closed"}
    assert len(zammad.faults) < 2 * TICKETS  # they were met
