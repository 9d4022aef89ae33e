"""A crash between intent and outcome is settled by looking at the directory."""

from datetime import timedelta

import pytest

from connectors.errors import Unconfirmed
from connectors.ldap import LdapDirectory
from portal.actions.reset_password import ResetPassword
from portal.actions.unlock_account import UnlockAccount
from portal.results import Done, Unsure
from tests.portal.site import NEW, Person, Site
from tests.servers.people import PASSWORD, State


class Killed(BaseException):
    """The process is gone: nothing after this line runs."""


def submit(site: Site, person: Person, action: type = ResetPassword) -> object:
    fields = {"new_password": NEW} if action is ResetPassword else {}
    return site.parts.desk.submit(person.principal(at=site.clock()), action(account_id=person.account.id, **fields))


def settle(site: Site) -> int:
    site.clock.move(timedelta(minutes=2))
    return site.parts.recovery.settle()


def test_a_write_that_happened_before_the_crash_is_found_to_have_happened(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = site.person()
    with monkeypatch.context() as crash:
        write = LdapDirectory.set_password

        def die(self: LdapDirectory, *args: object) -> None:
            write(self, *args)  # type: ignore[arg-type]
            raise Killed

        crash.setattr(LdapDirectory, "set_password", die)
        with pytest.raises(Killed):
            submit(site, alice)
    assert site.entries(alice)[-1] == ("password_reset", "intent", None, "")
    assert settle(site) == 1
    assert site.entries(alice)[-1] == ("password_reset", "outcome", "success", "")
    assert site.binds(alice, NEW)
    site.work()
    assert any("changed" in m.subject for m in site.mails(alice.login))  # the owner hears of it all the same


def test_a_crash_before_the_write_is_found_to_have_changed_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    alice = site.person()
    with monkeypatch.context() as crash:

        def die(*_: object) -> None:
            raise Killed

        crash.setattr(LdapDirectory, "set_password", die)
        with pytest.raises(Killed):
            submit(site, alice)
    settle(site)
    assert site.entries(alice)[-1] == ("password_reset", "outcome", "failure", "")
    assert site.binds(alice, PASSWORD)


def test_an_unlock_is_settled_by_the_lock_itself(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    alice = site.person(state=State.LOCKED)
    with monkeypatch.context() as crash:

        def die(*_: object) -> None:
            raise Killed

        crash.setattr(LdapDirectory, "unlock_account", die)
        with pytest.raises(Killed):
            submit(site, alice, UnlockAccount)
    settle(site)
    assert site.entries(alice)[-1] == ("unlock", "outcome", "failure", "")


def test_an_answer_that_is_lost_is_read_back_at_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    alice = site.person()
    write = LdapDirectory.set_password

    def lose(self: LdapDirectory, *args: object) -> None:
        write(self, *args)  # type: ignore[arg-type]
        raise Unconfirmed("no answer")

    monkeypatch.setattr(LdapDirectory, "set_password", lose)
    assert isinstance(submit(site, alice), Done)


def test_what_cannot_be_told_at_once_is_unsure_and_told_later(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    alice = site.person()
    with monkeypatch.context() as lost:

        def lose(*_: object) -> None:
            raise Unconfirmed("no answer")

        lost.setattr(LdapDirectory, "set_password", lose)
        assert isinstance(submit(site, alice), Unsure)
    assert settle(site) == 1
    site.work()
    told = [m.text for m in site.mails(alice.login) if "as it was before" in m.text]
    assert told and all("Your password is the one you had. You can try again now." in text for text in told)


def test_who_asked_for_something_else_is_told_nothing_of_a_password(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    lars = site.person(state=State.LOCKED)
    with monkeypatch.context() as lost:

        def lose(*_: object) -> None:
            raise Unconfirmed("no answer")

        lost.setattr(LdapDirectory, "unlock_account", lose)
        assert isinstance(submit(site, lars, UnlockAccount), Unsure)
    assert settle(site) == 1
    site.work()
    told = [m.text for m in site.mails(lars.login) if "as it was before" in m.text]
    assert told and not any("the one you had" in text for text in told)


def test_what_is_settled_is_settled_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    alice = site.person()
    with monkeypatch.context() as lost:

        def lose(*_: object) -> None:
            raise Unconfirmed("no answer")

        lost.setattr(LdapDirectory, "set_password", lose)
        submit(site, alice)
    assert settle(site) == 1
    assert settle(site) == 0


def test_a_fresh_intent_is_left_to_the_request_that_works_on_it(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    alice = site.person()
    with monkeypatch.context() as crash:

        def die(*_: object) -> None:
            raise Killed

        crash.setattr(LdapDirectory, "set_password", die)
        with pytest.raises(Killed):
            submit(site, alice)
    assert site.parts.recovery.settle() == 0
