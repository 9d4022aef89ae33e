"""After a change somebody's phone still tries the old password: they hear of it, and a lock becomes a ticket."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal.actions.reset_password import ResetPassword
from portal.results import Done
from portal.tables import watch
from portal.tickets.ticket import Ticket
from tests.portal.site import NEW, Person, Site
from tests.servers.people import PASSWORD

Later = Callable[..., None]


def changed(site: Site) -> Person:
    """Somebody who has just chosen a new password."""
    person = site.person()
    action = ResetPassword(account_id=person.account.id, new_password=NEW)
    assert isinstance(site.parts.desk.submit(person.principal(at=site.clock()), action), Done)
    return person


def stale(site: Site, person: Person, times: int) -> None:
    """A device that tries the old password."""
    for _ in range(times):
        assert not site.binds(person, PASSWORD)


def look(site: Site) -> None:
    site.clock.move(timedelta(minutes=16))  # longer than any pause
    site.parts.watch.look()
    site.work()


def warnings(site: Site, person: Person) -> list[Any]:
    return [m for m in site.mails(f"{person.login}@example.org") if "old password" in m.subject]


def tickets(site: Site, person: Person) -> list[Ticket]:
    with site.parts.database.read() as db:
        return list(site.parts.tickets.of(db, person.account.id))


def test_who_has_no_device_with_the_old_password_hears_nothing(site: Site) -> None:
    person = changed(site)
    for _ in range(3):
        look(site)
    assert warnings(site, person) == [] and tickets(site, person) == []


def test_one_slip_of_the_finger_is_no_device(site: Site) -> None:
    person = changed(site)
    stale(site, person, 1)
    look(site)
    assert warnings(site, person) == []


def test_the_person_hears_of_the_device_before_it_locks_the_account_and_only_once(site: Site) -> None:
    person = changed(site)
    stale(site, person, 2)
    look(site)
    stale(site, person, 1)
    look(site)
    assert site.parts.accounts.read(person.account.id).state.locked_at is None
    (mail,) = warnings(site, person)
    assert "2 wrong ones were tried" in mail.text and "phone and tablet" in mail.text
    assert "/undo/" in mail.text
    assert tickets(site, person) == []


def test_a_lock_that_follows_becomes_one_ticket_with_what_the_directory_showed(site: Site) -> None:
    person = changed(site)
    stale(site, person, 2)
    look(site)
    stale(site, person, 3)
    look(site)
    look(site)
    (ticket,) = tickets(site, person)
    assert ticket.reason == "locked_after_change"
    assert ticket.facts["locked_at"] and ticket.facts["failed_sign_ins"] == "5"
    assert ticket.facts["wrong_passwords_seen"].startswith("2: ")
    assert "5: " in ticket.facts["wrong_passwords_seen"]
    assert NEW not in str(ticket) and PASSWORD not in str(ticket)
    assert len(warnings(site, person)) == 1


def test_a_lock_between_two_looks_is_told_with_the_list_all_the_same(site: Site) -> None:
    person = changed(site)
    stale(site, person, 5)
    look(site)
    (mail,) = warnings(site, person)
    assert "has locked your account" in mail.text and "My account is locked" in mail.text
    assert len(tickets(site, person)) == 1


def test_what_was_wrong_before_the_change_is_not_counted(site: Site) -> None:
    person = site.person()
    for _ in range(3):
        assert not site.binds(person, "something else")
    action = ResetPassword(account_id=person.account.id, new_password=NEW)
    site.parts.desk.submit(person.principal(at=site.clock()), action)
    look(site)
    assert warnings(site, person) == []


def test_after_a_day_nobody_looks_any_more(site: Site, later: Later) -> None:
    person = changed(site)
    later(hours=25)
    stale(site, person, 3)
    look(site)
    with site.parts.database.read() as db:
        assert db.execute(select(watch).where(watch.c.account_id == person.account.id)).first() is None
    assert warnings(site, person) == []


def test_a_directory_that_is_down_is_asked_again_later(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from connectors.errors import Unavailable

    people = [changed(site), changed(site)]
    stale(site, people[0], 2)
    asked: list[str] = []

    def down(account_id: str) -> None:
        asked.append(account_id)
        raise Unavailable("away")

    with monkeypatch.context() as away:
        away.setattr(site.parts.accounts, "read", down)
        site.clock.move(timedelta(minutes=16))
        site.parts.watch.look()
    assert len(asked) == 1
    look(site)
    assert len(warnings(site, people[0])) == 1


def test_a_newer_change_begins_anew(site: Site) -> None:
    person = changed(site)
    stale(site, person, 2)
    look(site)
    action = ResetPassword(account_id=person.account.id, new_password=f"{NEW}-again")
    assert isinstance(site.parts.desk.submit(person.principal(at=site.clock()), action), Done)
    stale(site, person, 2)
    look(site)
    assert len(warnings(site, person)) == 2
