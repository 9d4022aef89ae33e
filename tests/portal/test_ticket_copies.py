"""Copies of tickets in another system: one of each, also where the other side fails, and what is told of whom."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.ticket_copies import CopyState
from connectors.tickets.webhook import signature
from portal.settings.installation import Settings
from portal.tickets.copies import State
from portal.tickets.ticket import Wish
from tests.connectors.ticket_systems import SECRET, hook_settings, zammad_settings
from tests.portal.copying import CAROL, PERSON, copied_to, copy_of, look, open_ticket, work_on
from tests.portal.site import MovableClock, OpenSite, Site
from tests.standins.hook import HookStandin
from tests.standins.http import BUSY, DENIED, DROPPED, GARBAGE, SERVER_ERROR
from tests.standins.zammad import ZammadStandin

STRANGER = {"requester_id": None, "claim": "alice", "action": "reset_password", "reason": "no_factor_left"}


@pytest.fixture
def zammad() -> Iterator[ZammadStandin]:
    with ZammadStandin() as server:
        assert isinstance(server, ZammadStandin)
        yield server


@pytest.fixture
def hook() -> Iterator[HookStandin]:
    with HookStandin() as server:
        assert isinstance(server, HookStandin)
        yield server


@pytest.fixture
def site(settings: Settings, open_site: OpenSite, zammad: ZammadStandin) -> Site:
    return open_site(copied_to(settings, zammad_settings(zammad.url)))


@pytest.fixture
def hooked(settings: Settings, open_site: OpenSite, hook: HookStandin) -> Site:
    return open_site(copied_to(settings, hook_settings(hook.url)))


def test_a_ticket_and_all_that_happens_to_it_is_copied_once(site: Site, zammad: ZammadStandin) -> None:
    number = open_ticket(site)
    site.work()
    site.parts.counter.take(CAROL, number, 1)
    site.parts.counter.note(CAROL, number, "called back", shown=False)
    site.parts.counter.fulfil(CAROL, number, 2, "new phone enrolled")
    work_on(site)
    (ticket,) = zammad.tickets.values()
    assert copy_of(site, number).key in ticket["title"]
    assert ticket["state"] == "closed"
    assert len(zammad.articles[1]) == 4
    assert copy_of(site, number).state is State.CURRENT


def test_a_copy_tells_no_more_than_is_set(site: Site, zammad: ZammadStandin, settings: Settings) -> None:
    number = open_ticket(site, subject="My secret subject", text="my password is hunter2", requester_id="main:alice")
    site.parts.counter.note(CAROL, number, "spoke with her mother", shown=False)
    site.work()
    told = json.dumps([zammad.tickets, zammad.articles])
    assert not [w for w in ("secret subject", "hunter2", "alice", "mother", "Carol") if w in told]
    assert f"http://localhost:8080/desk/tickets/{number}" in told
    assert "no_factor_left" in told
    assert site.parts.links.ticket_key(number) not in told  # the link that opens without a sign-in


def test_what_people_write_is_copied_where_that_is_set(
    settings: Settings, open_site: OpenSite, zammad: ZammadStandin
) -> None:
    system = zammad_settings(zammad.url, send_text=True, send_person=True)
    site = open_site(copied_to(settings, system))
    number = open_ticket(site, subject="Lost phone", text="It fell into the fjord")
    site.parts.counter.note(CAROL, number, "called back", shown=False)
    site.work()
    told = json.dumps([zammad.tickets, zammad.articles])
    assert all(words in told for words in ("Lost phone", "fell into the fjord", "called back", "alice0", "not proved"))


def test_no_copy_where_the_ticket_was_never_written(site: Site, zammad: ZammadStandin) -> None:
    with pytest.raises(RuntimeError), site.parts.database.write() as tx:
        site.parts.counter.open(tx, Wish(**STRANGER), actor=PERSON)  # type: ignore[arg-type]
        raise RuntimeError
    work_on(site)
    assert not zammad.requests


@pytest.mark.parametrize("fault", [DROPPED, SERVER_ERROR, GARBAGE])
def test_after_an_unclear_answer_it_waits_for_the_search_before_it_tries_again(
    site: Site, zammad: ZammadStandin, clock: MovableClock, fault: str
) -> None:
    zammad.lags = True
    zammad.faults.append(fault)
    number = open_ticket(site)
    site.work()
    asked = len(zammad.requests)
    clock.move(timedelta(seconds=100))
    site.work()  # the search would still say there is none
    assert len(zammad.requests) == asked
    zammad.index()
    work_on(site)
    assert len(zammad.tickets) == 1
    assert copy_of(site, number).state is State.CURRENT


def test_a_worker_that_dies_in_the_middle_makes_no_second_copy(
    site: Site, zammad: ZammadStandin, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """Nothing catches it."""

    def die(*_: object) -> None:
        raise Killed

    number = open_ticket(site)
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(site.parts.copies, "placed", die)
        site.work()
    assert len(zammad.tickets) == 1
    work_on(site)
    assert len(zammad.tickets) == 1
    assert copy_of(site, number).state is State.CURRENT


def test_retry_after_is_honoured_and_not_for_longer_than_a_quarter_of_an_hour(
    site: Site, zammad: ZammadStandin, clock: MovableClock
) -> None:
    zammad.retry_after = "90000"
    zammad.faults.append(BUSY)
    open_ticket(site)
    site.work()
    asked = len(zammad.requests)
    clock.move(timedelta(minutes=14))
    site.work()
    assert len(zammad.requests) == asked
    clock.move(timedelta(minutes=2))
    site.work()
    assert len(zammad.tickets) == 1


def test_what_is_refused_is_stuck_seen_and_tried_again_by_hand(site: Site, zammad: ZammadStandin) -> None:
    zammad.faults.append(DENIED)
    number = open_ticket(site)
    work_on(site, times=2)
    assert copy_of(site, number).state is State.STUCK
    assert site.browser().open("/readyz").answer.json["copies_stuck"] == 1  # type: ignore[index]
    assert "sparekey_ticket_copies_stuck 1.0" in site.browser().open("/metrics").answer.get_data(as_text=True)
    admin = site.person(groups=("admins",))
    browser = site.browser().sign_in(admin).prove(admin, "totp").open("/desk/copies")
    assert "Given up" in browser.text
    assert "403" in browser.text
    browser.send(form=1)
    assert "Given up" not in browser.text
    site.work()
    assert len(zammad.tickets) == 1
    assert "Every copy is as it should be" in browser.open("/desk/copies").text


def test_all_that_were_given_up_are_tried_again_at_once(site: Site, zammad: ZammadStandin) -> None:
    zammad.faults.extend([DENIED] * 3)
    for number in range(3):
        open_ticket(site, number)
    site.work()
    with site.parts.database.write() as tx:
        site.parts.copies.retry_all(tx)
    site.work()
    assert len(zammad.tickets) == 3


@pytest.mark.parametrize("group", [None, "coordinators", "auditors"])
def test_only_operators_see_what_is_stuck(site: Site, group: str | None) -> None:
    person = site.person(groups=(group,) if group else ())
    browser = site.browser().sign_in(person)
    if group:
        browser.prove(person, "totp")
    assert browser.open("/desk/copies").status == 403
    assert site.browser().open("/desk/copies").path == "/sign-in"


def test_after_two_days_of_silence_it_is_given_up(site: Site, zammad: ZammadStandin) -> None:
    zammad.faults.extend([BUSY] * 400)
    number = open_ticket(site)
    work_on(site, minutes=6 * 60, times=9)
    assert copy_of(site, number).state is State.STUCK
    assert site.parts.outbox.waiting() == (0, 0)


def test_what_is_solved_there_is_done_here_and_the_requester_is_told(
    site: Site, zammad: ZammadStandin, clock: MovableClock
) -> None:
    person = site.person()
    number = open_ticket(site, requester_id=person.account.id)
    site.work()
    zammad.tickets[1]["state"] = "closed"
    clock.move(timedelta(minutes=3))
    look(site)
    work_on(site, times=2)
    with site.parts.database.read() as db:
        assert site.parts.tickets.get(db, number).status == "fulfilled"
    assert any("Zammad, where its number is 90001" in mail.text for mail in site.mails(person.login))
    assert len(zammad.articles[1]) == 1  # nobody over there is told their own news
    assert site.entries(person)[-1][0] == "approval_decided"


def test_an_approval_is_never_decided_by_what_others_closed(
    site: Site, zammad: ZammadStandin, clock: MovableClock
) -> None:
    number = open_ticket(site, stages=({"queue": "coordinators", "ids": [], "names": []},))
    site.work()
    zammad.tickets[1]["state"] = "closed"
    clock.move(timedelta(minutes=3))
    look(site)
    assert copy_of(site, number).disagrees
    with site.parts.database.read() as db:
        assert site.parts.tickets.get(db, number).status == "open"
        assert [copy.ticket for copy in site.parts.copies.in_trouble(db, limit=5)] == [number]


@pytest.mark.parametrize(("state", "closed"), [("merged", False), ("open", True)])
def test_where_the_two_stand_differently_people_are_asked(
    site: Site, zammad: ZammadStandin, clock: MovableClock, state: str, closed: bool
) -> None:
    number = open_ticket(site)
    site.work()
    if closed:
        site.parts.counter.fulfil(CAROL, number, 1, "done")
        site.work()
    zammad.tickets[1]["state"] = state
    clock.move(timedelta(minutes=3))
    look(site)
    with site.parts.database.read() as db:
        assert [copy.ticket for copy in site.parts.copies.in_trouble(db, limit=5)] == [number]
    assert copy_of(site, number).disagrees


def test_it_asks_seldomer_the_longer_nothing_happens(site: Site, zammad: ZammadStandin, clock: MovableClock) -> None:
    open_ticket(site)
    site.work()
    before = len(zammad.requests)
    for _ in range(24 * 6):
        clock.move(timedelta(minutes=10))
        look(site)
    assert 12 <= len(zammad.requests) - before <= 30


def test_the_page_of_a_ticket_tells_where_its_copy_is(site: Site) -> None:
    number = open_ticket(site)
    site.work()
    carol = site.person(groups=("coordinators",))
    browser = site.browser().sign_in(carol).prove(carol, "totp").open(f"/desk/tickets/{number}")
    assert "Ticket 90001 over there" in browser.text


def _post(site: Site, said: object, *, id_: str = "msg_1", secret: str = SECRET, minutes: int = 0) -> int:
    body = json.dumps(said).encode()
    stamp = str(int(site.clock().timestamp()) + 60 * minutes)
    headers = {
        "webhook-id": id_,
        "webhook-timestamp": stamp,
        "webhook-signature": signature(secret, id_, stamp, body),
        "content-type": "application/json",
    }
    return site.app.test_client().post("/api/v1/ticket-status", data=body, headers=headers).status_code


def test_a_webhook_gets_each_message_once_and_tells_what_became_of_it(hooked: Site, hook: HookStandin) -> None:
    hook.faults.extend([DROPPED, SERVER_ERROR])
    number = open_ticket(hooked)
    work_on(hooked)
    (message,) = hook.messages.values()
    assert message["type"] == "ticket.opened"
    key = copy_of(hooked, number).key
    assert message["data"]["key"] == key
    assert _post(hooked, {"data": {"key": key, "state": "solved"}}) == 200
    hooked.work()
    assert copy_of(hooked, number).status == "fulfilled"


def test_what_is_not_signed_is_old_or_comes_again_changes_nothing(hooked: Site) -> None:
    number = open_ticket(hooked)
    hooked.work()
    key = copy_of(hooked, number).key
    said = {"data": {"key": key, "state": "gone"}}
    other = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo="
    assert _post(hooked, said, secret=other) == 401
    assert _post(hooked, said, minutes=-6) == 401
    assert hooked.app.test_client().post("/api/v1/ticket-status", json=said).status_code == 401
    assert copy_of(hooked, number).there is CopyState.OPEN
    assert _post(hooked, {"data": {"key": key, "state": "open"}}) == 200
    assert _post(hooked, said) == 200  # the same id again
    assert copy_of(hooked, number).there is CopyState.OPEN
    for wrong in ({}, [], {"data": 1}, {"data": {"key": key, "state": "x"}}, {"data": {"key": [1], "state": "gone"}}):
        assert _post(hooked, wrong, id_="msg_9") == 422
    assert _post(hooked, {"data": {"key": "sk9", "state": "gone"}}, id_="msg_9") == 404


def test_without_a_ticket_system_there_is_nothing_of_it(settings: Settings, open_site: OpenSite) -> None:
    plain = open_site(settings)
    open_ticket(plain)
    plain.work()
    with plain.parts.database.read() as db:
        assert not sum(plain.parts.copies.counts(db).values())
    admin = plain.person(groups=("admins",))
    assert plain.browser().sign_in(admin).prove(admin, "totp").open("/desk/copies").status == 404
    assert _post(plain, {}) == 404


def test_a_new_system_is_told_nothing_of_what_the_old_one_has(
    site: Site, open_site: OpenSite, hook: HookStandin
) -> None:
    number = open_ticket(site)
    site.work()
    moved = open_site(copied_to(site.settings, hook_settings(hook.url)))
    moved.parts.counter.take(replace(CAROL), number, 1)
    moved.work()
    assert not hook.messages
