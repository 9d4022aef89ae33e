"""Nobody decides: a reminder, then the next one's turn, at last the service desk's; and the account stays meanwhile."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from threading import Barrier, Thread

import pytest

from connectors.errors import Forbidden, Unavailable, Unconfirmed
from connectors.ldap import LdapDirectory
from portal.actions.bridge_account import BridgeAccount
from portal.duty import bridges
from portal.results import Denied
from portal.settings.desk import Desk
from portal.settings.duty import Approvals
from portal.tables import bridge
from tests.portal.site import MovableClock, Person, Site
from tests.portal.test_approvals import ask, decide, ends_on, get, guest, sponsored


@pytest.fixture(autouse=True)
def monday(clock: MovableClock) -> None:
    """A Monday morning, so that working hours can be counted in one's head."""
    now = clock.now
    clock.now = (now + timedelta(days=7 - now.weekday())).replace(hour=8, minute=0, second=0, microsecond=0)


@pytest.fixture
def pass_time(site: Site) -> Iterator[Callable[..., None]]:
    """Let time pass, with a worker's pass at its end."""

    def later(**passed: float) -> None:
        site.clock.move(timedelta(**passed))
        site.parts.silence.run()
        site.work()

    yield later


Later = Callable[..., None]


def kinds(site: Site, number: int) -> list[str]:
    with site.parts.database.read() as db:
        return [note.kind for note in site.parts.tickets.notes(db, number, all_of_them=True)]


def subjects(site: Site, person: Person) -> list[str]:
    return [mail.subject for mail in site.mails(f"{person.login}@example.org")]


def end_of(site: Site, person: Person) -> date:
    found = ends_on(site, person)
    assert found
    return found


def test_who_has_not_decided_is_reminded_half_way_and_once(site: Site, pass_time: Later) -> None:
    host, person = sponsored(site)
    number = ask(site, person).number
    pass_time(hours=7)
    assert kinds(site, number) == ["opened"]
    pass_time(hours=1)  # half of 16 working hours
    for _ in range(3):
        pass_time(minutes=1)
    assert kinds(site, number) == ["opened", "reminded"]
    assert [s.partition(":")[0] for s in subjects(site, host)] == ["Please decide", "Still waiting for you"]


def test_then_it_is_the_service_desk_s_turn_and_everybody_can_see_it(site: Site, pass_time: Later) -> None:
    host, person = sponsored(site)
    asked = ask(site, person)
    assert asked.due == site.clock().replace(hour=16) + timedelta(days=1)  # Tuesday evening
    old_link = f"/approvals/{asked.number}"
    pass_time(days=1, hours=8)
    moved = get(site, asked.number)
    assert (moved.queue, moved.stage, moved.status) == ("coordinators", 1, "open")
    assert any("goes on" in s for s in subjects(site, person))
    late = site.browser().sign_in(host).open(old_link)
    assert late.status == 410 and "somebody else’s turn" in late.text
    page = site.browser().sign_in(person).open(f"/tickets/{asked.number}")
    assert "the service desk decides now" in page.text
    carol = site.person(groups=("coordinators",))
    decide(site.browser().sign_in(carol).prove(carol, "totp").open(f"/desk/tickets/{asked.number}"))
    pass_time(minutes=1)
    assert get(site, asked.number).status == "fulfilled"


def test_the_desk_keeps_it_and_weekends_do_not_count(site: Site, pass_time: Later) -> None:
    _, person = sponsored(site)
    site.clock.move(timedelta(days=4))  # Friday morning
    number = ask(site, person).number
    pass_time(days=3)  # Monday at 8: eight of the sixteen hours are over
    assert kinds(site, number) == ["opened", "reminded"]
    pass_time(hours=8)
    assert get(site, number).queue == "coordinators"
    for _ in range(5):
        pass_time(days=7)
    assert kinds(site, number).count("climbed") == 1


def test_an_account_that_would_end_first_is_kept_and_everybody_is_told(site: Site, pass_time: Later) -> None:
    host = site.person()
    person = guest(site, sponsor=host.account.dn, days=2)
    old = end_of(site, person)
    number = ask(site, person).number
    pass_time(hours=1)
    assert end_of(site, person) == old
    pass_time(days=1)
    assert end_of(site, person) == old + timedelta(days=7)
    pass_time(minutes=1)
    assert end_of(site, person) == old + timedelta(days=7)
    assert subjects(site, person).count("Your account stays open while you wait") == 1
    assert any("it is kept until" in m.text for m in site.mails(f"{host.login}@"))
    assert ("account_extend", "outcome", "success", "") in site.entries(person)
    assert "the account is kept until" in site.browser().sign_in(person).open(f"/tickets/{number}").text
    page = site.browser().sign_in(host).open(f"/approvals/{number}")
    assert "Kept meanwhile until" in page.text
    assert decide(page, until=(old + timedelta(days=3)).isoformat()).status == 422  # shorter than it is now
    assert decide(page).result == "done"
    pass_time(minutes=1)
    assert end_of(site, person) == old + timedelta(days=90)
    assert get(site, number).status == "fulfilled"


def test_bridges_end_at_their_cap_however_often_somebody_asks_again(site: Site, pass_time: Later) -> None:
    _, person = sponsored(site)
    old = end_of(site, person)
    most = old + timedelta(days=Approvals().most_bridge_days)
    seen = set()
    ticket = ask(site, person)
    for day in range(70):
        pass_time(days=1)
        seen.add(end_of(site, person))
        if day in (25, 35):
            with site.parts.database.write() as tx:
                actor = person.principal(at=site.clock())
                site.parts.counter.withdraw(tx, get(site, ticket.number), actor=actor)
            ticket = ask(site, person)
    assert max(seen) == most and len(seen) == 5


def test_on_the_last_day_it_is_kept_as_soon_as_somebody_asks(site: Site) -> None:
    person = guest(site, days=0)
    old = end_of(site, person)
    number = ask(site, person).number
    assert end_of(site, person) == old + timedelta(days=7) and kinds(site, number) == ["opened", "bridged"]


def test_no_more_than_was_asked_for_and_the_last_word_stays_with_people(site: Site, pass_time: Later) -> None:
    host = site.person()
    person = guest(site, sponsor=host.account.dn, days=1)
    old = end_of(site, person)
    number = ask(site, person, 3).number
    pass_time(hours=1)
    assert end_of(site, person) == old + timedelta(days=3)
    decide(site.browser().sign_in(host).open(f"/approvals/{number}"))
    pass_time(minutes=1)
    assert get(site, number).status == "fulfilled" and end_of(site, person) == old + timedelta(days=3)


def test_after_a_refusal_there_is_no_bridge_not_for_a_second_wish_either(site: Site, pass_time: Later) -> None:
    host = site.person()
    person = guest(site, sponsor=host.account.dn, days=3)
    old = end_of(site, person)
    number = ask(site, person).number
    decide(site.browser().sign_in(host).open(f"/approvals/{number}"), "refuse")
    ask(site, person)
    for _ in range(4):
        pass_time(days=1)
    assert end_of(site, person) == old


def test_an_account_that_had_ended_before_anybody_asked_is_not_opened_by_a_bridge(
    site: Site, pass_time: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = guest(site, days=2)
    ticket = ask(site, person)
    with site.parts.database.write() as tx:
        site.parts.tickets.set_lapses(tx, ticket.number, None)  # as for one that had
    old = end_of(site, person)
    pass_time(days=3)
    assert end_of(site, person) == old


def test_an_end_that_somebody_else_has_changed_is_left_alone(site: Site, pass_time: Later) -> None:
    for days, left in ((60, "later"), (0, "earlier")):
        person = guest(site, days=2)
        number = ask(site, person).number
        end = site.clock().date() + timedelta(days=days)
        site.directory.replace(person.account.dn, {"shadowExpire": str((end - date(1970, 1, 1)).days + 1)})
        pass_time(days=1)
        assert end_of(site, person) == end, left
        assert get(site, number).lapses == (end if left == "later" else None)


@pytest.mark.parametrize("error", [Unavailable("away"), Unconfirmed("lost")])
def test_a_directory_that_does_not_answer_is_asked_again(
    site: Site, pass_time: Later, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    person = guest(site, days=1)
    old = end_of(site, person)

    def fails(*_: object) -> None:
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(LdapDirectory, "set_end_date", fails)
        ask(site, person)
        pass_time(hours=1)
    assert end_of(site, person) == old
    pass_time(minutes=11)
    assert end_of(site, person) == old + timedelta(days=7)


def test_where_the_portal_may_not_write_people_are_told_once(
    site: Site, pass_time: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = guest(site, days=1)

    def fails(*_: object) -> None:
        raise Forbidden("no")

    monkeypatch.setattr(LdapDirectory, "set_end_date", fails)
    number = ask(site, person).number
    for _ in range(3):
        pass_time(minutes=20)
    assert kinds(site, number).count("not_bridged") == 1


def test_a_bridge_left_half_way_by_a_crash_is_finished_and_told(
    site: Site, pass_time: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = guest(site, days=1)
    with monkeypatch.context() as crash:
        crash.setattr(bridges.Bridges, "_close", lambda *_: False)
        number = ask(site, person).number
    assert "bridged" not in kinds(site, number)
    pass_time(minutes=11)
    pass_time(minutes=11)
    assert kinds(site, number).count("bridged") == 1


def test_what_is_agreed_while_a_bridge_is_being_written_comes_after_it(
    site: Site, pass_time: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = site.person()
    person = guest(site, sponsor=host.account.dn, days=2)
    old = end_of(site, person)
    number = ask(site, person).number
    write = LdapDirectory.set_end_date

    def meanwhile(self: LdapDirectory, *values: object) -> None:
        monkeypatch.setattr(LdapDirectory, "set_end_date", write)
        decide(site.browser().sign_in(host).open(f"/approvals/{number}"))
        site.work()  # would carry it out, had it not to wait
        write(self, *values)  # type: ignore[arg-type]

    monkeypatch.setattr(LdapDirectory, "set_end_date", meanwhile)
    pass_time(days=1)
    pass_time(minutes=20)
    assert end_of(site, person) == old + timedelta(days=90)
    assert get(site, number).status == "fulfilled"


def test_four_workers_at_once_take_every_step_once(site: Site) -> None:
    host = site.person()
    people = [guest(site, sponsor=host.account.dn, days=1) for _ in range(3)]
    olds = [end_of(site, person) for person in people]
    numbers = [ask(site, person).number for person in people]

    def all_at_once() -> None:
        start = Barrier(4)

        def go() -> None:
            start.wait()
            site.parts.silence.run()

        threads = [Thread(target=go) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    for hours in (0, 8, 24):
        site.clock.move(timedelta(hours=hours))
        all_at_once()
    site.work()
    for number, person, old in zip(numbers, people, olds, strict=True):
        assert sorted(kinds(site, number)) == ["bridged", "climbed", "opened", "reminded"]
        assert end_of(site, person) == old + timedelta(days=7)
        assert subjects(site, person).count("Your account stays open while you wait") == 1


def test_nobody_can_ask_for_a_bridge(site: Site) -> None:
    person = guest(site, days=1)
    until = site.clock().date() + timedelta(days=5)
    for roles in (frozenset[str](), frozenset({"supervisor"})):
        action = BridgeAccount(account_id=person.account.id, until=until)
        result = site.parts.desk.submit(person.principal(at=site.clock(), roles=roles), action)
        assert isinstance(result, Denied) and result.reason == "not_offered"
    assert site.browser().sign_in(person).open("/ask/bridge-account").status == 404


def test_a_claim_on_a_ticket_that_was_closed_meanwhile_is_given_up(site: Site, pass_time: Later) -> None:
    person = guest(site, days=2)
    old = end_of(site, person)
    ticket = ask(site, person)
    row = {"ticket": ticket.number, "until": old + timedelta(days=7), "account_id": person.account.id}
    with site.parts.database.write() as tx:
        more = {"first_end": old, "state": "writing", "at": site.clock() - timedelta(hours=1)}
        tx.execute(bridge.insert().values(row | more))
        site.parts.counter.withdraw(tx, ticket, actor=person.principal(at=site.clock()))
    pass_time(minutes=1)
    assert end_of(site, person) == old
    with site.parts.database.read() as db:
        assert not bridges.is_being_bridged(db, ticket.number)


def test_a_reminder_can_be_left_out(site: Site, pass_time: Later) -> None:
    from portal.duty.due import Due

    due = Due((), site.clock.now.tzinfo, desk=Desk(), approvals=Approvals(remind=False))  # type: ignore[arg-type]
    assert due.reminder("sponsor", datetime.fromisoformat("2026-11-23T08:00:00+00:00")) is None
