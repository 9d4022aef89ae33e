"""Day by day over more than a year, on a real directory: who asks in time has an account until there is an answer."""

import os
import random
from datetime import date, timedelta

import pytest

from portal.actions.extend_account import ExtendAccount
from portal.results import Pending
from portal.settings.duty import Approvals
from tests.portal.site import MovableClock, Person, Site
from tests.portal.test_approvals import ends_on, get, guest

ALL = bool(os.environ.get("SPAREKEY_CAMPAIGN"))
PEOPLE, DAYS = (300, 400) if ALL else (6, 45)
LAST_CALL = timedelta(days=12)  # after the next one's turn has begun, somebody at the service desk decides by then


@pytest.fixture(autouse=True)
def morning(clock: MovableClock) -> None:
    clock.now = clock.now.replace(hour=10, minute=0)


@pytest.mark.campaign
def test_day_by_day_nobody_who_asked_in_time_loses_the_account_unanswered(site: Site) -> None:
    chance = random.Random(4)
    desk = site.person().principal(at=site.clock(), roles=frozenset({"coordinator"}))
    people = [guest(site, sponsor=site.person().account.dn, days=chance.randrange(2, DAYS)) for _ in range(PEOPLE)]
    first = {p.login: ends_on(site, p) for p in people}
    asks_on = {p.login: (first[p.login] or date.min) - timedelta(days=chance.randrange(5)) for p in people}
    waiting: dict[int, Person] = {}
    answered = bridged = 0
    for _ in range(DAYS + 30):
        today = site.parts.today()
        for person in people:
            if asks_on[person.login] <= today:
                asks_on[person.login] = date.max
                waiting[_ask(site, person)] = person
        site.parts.silence.run()
        site.work()
        for number, person in list(waiting.items()):
            end = ends_on(site, person)
            start = first[person.login]
            assert end and start and today <= end, f"{person.login} ended unanswered"
            assert end <= start + timedelta(days=Approvals().most_bridge_days)
            ticket = get(site, number)
            if ticket.queue == "coordinators" and (chance.random() < 0.2 or site.clock() > ticket.opened + LAST_CALL):
                step = site.parts.approvals.approve if chance.random() < 0.7 else site.parts.approvals.refuse
                step(desk, number, ticket.version, "looked at")
                answered, bridged = answered + 1, bridged + (end > start)
                del waiting[number]
        site.clock.move(timedelta(days=1))
    assert not waiting and answered == PEOPLE and bridged > 0
    assert site.parts.outbox.waiting()[1] == 0, "a mail is stuck"


def _ask(site: Site, person: Person) -> int:
    until = (ends_on(site, person) or date.min) + timedelta(days=90)
    wish = ExtendAccount(account_id=person.account.id, until=until, reason="still here")
    result = site.parts.desk.submit(person.principal(at=site.clock()), wish)
    assert isinstance(result, Pending)
    return result.ticket
