"""One new password for several systems: a result for each, all on record, nothing hidden when one of them fails."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.account import Account
from connectors.errors import ConnectorError, Refusal, Refused, Unavailable, Unconfirmed
from connectors.ldap import LdapDirectory
from portal.actions.reset_password import ResetPassword
from portal.results import Done, Failed, Result, Unsure
from portal.settings.installation import Settings
from portal.settings.systems import PasswordAlso
from tests.connectors.ldap_settings import settings_for
from tests.portal.site import NEW, Person, Site
from tests.servers.people import PASSWORD
from tests.servers.slapd import Slapd

HERE, THERE = "password_reset", "password_elsewhere"
RESET = {"new_password": NEW, "new_password_again": NEW}


class Killed(BaseException):
    """The process is gone: nothing after this line runs."""


@pytest.fixture
def settings(settings: Settings, slapd_server: Slapd, own_slapd: Slapd) -> Settings:
    """People live in the run's directory and have another account in one that can be stopped."""
    staff = replace(settings_for(slapd_server), name="staff", label="Staff")
    label = {"en": "Computing centre", "nb": "Regnesenteret"}
    centre = replace(settings_for(own_slapd), name="centre", label=label)
    also = (PasswordAlso(of="staff", system="centre"),)
    return settings.model_copy(update={"directories": (staff, centre), "passwords_also": also})


@pytest.fixture
def centre(own_slapd: Slapd) -> Iterator[Slapd]:
    """The second system, running again for the next test."""
    yield own_slapd
    if not own_slapd.running:
        own_slapd.start()


@pytest.fixture
def alice(site: Site, centre: Slapd) -> Person:
    """Somebody with an account in both."""
    person = site.person()
    centre.person(person.login)
    return person


def submit(site: Site, person: Person, new: str = NEW) -> Result:
    wish = ResetPassword(account_id=person.account.id, new_password=new)
    return site.parts.desk.submit(person.principal(at=site.clock()), wish)


def binds_there(centre: Slapd, person: Person, password: str) -> bool:
    return centre.binds(f"uid={person.login},{centre.people_base}", password)


def outcomes(site: Site, person: Person) -> dict[str, list[tuple[str | None, str]]]:
    """What the record says of each kind; there must be one intent for every outcome."""
    entries = [entry for entry in site.entries(person) if entry[0] in (HERE, THERE)]
    for kind in (HERE, THERE):
        begun = [e for e in entries if e[0] == kind and e[1] == "intent"]
        assert len(begun) == len([e for e in entries if e[0] == kind and e[1] == "outcome"])
    return {k: [(o, why) for kind, phase, o, why in entries if (kind, phase) == (k, "outcome")] for k in (HERE, THERE)}


def settle(site: Site) -> int:
    site.clock.move(timedelta(minutes=5))
    return site.parts.recovery.settle()


class Fails:
    """Makes the service account's way of setting passwords fail in one directory."""

    def __init__(self, patch: pytest.MonkeyPatch, directory: str, error: BaseException, *, written: bool) -> None:
        write = LdapDirectory.set_password

        def set_password(self: LdapDirectory, account: Account, password: str) -> Any:
            if self.settings.name != directory:
                return write(self, account, password)
            if written:
                write(self, account, password)
            raise error

        patch.setattr(LdapDirectory, "set_password", set_password)


def test_a_new_password_is_set_in_both_and_each_is_on_record(site: Site, centre: Slapd, alice: Person) -> None:
    page = site.browser().recover(alice).send(RESET)
    assert (page.result, page.status) == ("done", 200)
    assert ["Staff new password" in page.text, "Computing centre new password" in page.text] == [True, True]
    assert [site.binds(alice, NEW), binds_there(centre, alice, NEW)] == [True, True]
    assert outcomes(site, alice) == {HERE: [("success", "")], THERE: [("success", "")]}
    site.work()
    [mail] = site.mails(f"{alice.login}@example.org")[-1:]
    assert "- Staff: has the new password" in mail.text
    assert "- Computing centre: has the new password" in mail.text
    assert site.parts.recovery.settle() == 0


def test_who_changes_a_known_password_changes_it_in_both(site: Site, centre: Slapd, alice: Person) -> None:
    page = site.browser().sign_in(alice).open("/ask/change-password").send({"password": PASSWORD, **RESET})
    assert page.result == "done"
    assert "Computing centre" in page.text
    assert binds_there(centre, alice, NEW)
    assert "The same new password was set in another system" in page.open("/account/history").text


def test_a_refusal_there_is_told_and_the_person_can_mend_it(
    site: Site, centre: Slapd, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    Fails(monkeypatch, "centre", Refused(Refusal.IN_HISTORY), written=False)
    page = site.browser().recover(alice).send(RESET)
    assert page.result == "done"
    assert "Your password is changed, but not everywhere" in page.text
    assert "Computing centre old password still counts" in page.text
    assert outcomes(site, alice) == {HERE: [("success", "")], THERE: [("failure", "in_history")]}
    site.work()
    assert "- Computing centre: still has the old password" in site.mails(f"{alice.login}@example.org")[-1].text


@pytest.fixture
def strict(centre: Slapd, alice: Person) -> Person:
    """Their other account is under a policy that asks for more than the one at home."""
    policy = f"cn=strict-{alice.login},ou=policies,{centre.base}"
    rules = {"pwdAttribute": "userPassword", "pwdMinLength": "40", "pwdCheckQuality": "2"}
    centre.put(policy, {"objectClass": ["device", "pwdPolicy"], "cn": f"strict-{alice.login}", **rules})
    centre.replace(f"uid={alice.login},{centre.people_base}", {"pwdPolicySubentry": policy})
    return alice


def test_stricter_rules_there_are_shown_and_checked_before_home_is_asked(
    site: Site, centre: Slapd, strict: Person
) -> None:
    page = site.browser().recover(strict)
    assert "Computing centre: 40 or more" in page.text
    page.send(RESET)
    assert page.status == 422
    [broken] = page.page.select(".rules li.no")
    assert "Computing centre: 40 or more" in broken.get_text()
    assert "That password is too short" in page.text
    assert outcomes(site, strict) == {HERE: [], THERE: []}
    assert site.binds(strict, PASSWORD)
    long = "Blue-harbour-lantern-9" * 2
    page.send({"new_password": long, "new_password_again": long})
    assert [page.result, site.binds(strict, long), binds_there(centre, strict, long)] == ["done", True, True]


def test_the_page_opens_though_the_other_system_is_down_and_asks_it_again_when_it_may_be_back(
    site: Site, centre: Slapd, strict: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    find = LdapDirectory.find

    def counted(self: LdapDirectory, claim: str) -> Account:
        asked.append(self.settings.name)
        return find(self, claim)

    monkeypatch.setattr(LdapDirectory, "find", counted)
    centre.stop()
    browser = site.browser().recover(strict)
    assert (browser.status, "Computing centre" in browser.text) == (200, False)
    browser.open("/recover/password")
    assert asked.count("centre") == 1, "nobody waits for it twice within a minute"
    centre.start()
    site.clock.move(timedelta(minutes=1, seconds=1))
    assert "Computing centre: 40 or more" in browser.open("/recover/password").text


def test_a_system_that_is_down_stops_no_other_and_becomes_one_ticket(site: Site, centre: Slapd, alice: Person) -> None:
    centre.stop()
    page = site.browser().recover(alice).send(RESET)
    assert page.result == "done"
    assert "not everywhere" in page.text
    assert site.binds(alice, NEW)
    assert outcomes(site, alice) == {HERE: [("success", "")], THERE: [("pending", "directory_down")]}
    [ticket] = tickets(site, alice)
    assert (ticket.reason, ticket.facts["system"]) == ("old_password_there", "centre")
    assert str(ticket.number) in page.text
    assert NEW not in repr(ticket)
    site.clock.move(timedelta(minutes=2))
    assert isinstance(submit(site, alice, "Green-harbour-lantern-8"), Done)
    assert len(tickets(site, alice)) == 1, "the same wish is the same ticket"
    centre.start()
    assert isinstance(submit(site, alice, "White-harbour-lantern-7"), Done)
    assert binds_there(centre, alice, "White-harbour-lantern-7")


def tickets(site: Site, person: Person) -> list[Any]:
    with site.parts.database.read() as db:
        return [t for t in site.parts.tickets.of(db, person.account.id) if t.reason == "old_password_there"]


def test_who_has_no_account_there_is_told_so_and_nothing_is_missing(site: Site, centre: Slapd) -> None:
    bob = site.person()
    page = site.browser().recover(bob).send(RESET)
    assert page.result == "done"
    assert "Computing centre no account there" in page.text
    assert "not everywhere" not in page.text
    assert outcomes(site, bob) == {HERE: [("success", "")], THERE: [("failure", "no_account_there")]}


def test_somebody_who_only_answers_to_that_name_does_not_get_the_password(
    site: Site, centre: Slapd, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob, other = site.person(), centre.person()
    find = LdapDirectory.find

    def by_alias(self: LdapDirectory, claim: str) -> Account:
        return find(self, other if self.settings.name == "centre" else claim)

    monkeypatch.setattr(LdapDirectory, "find", by_alias)
    assert isinstance(submit(site, bob), Done)
    assert centre.binds(f"uid={other},{centre.people_base}", PASSWORD)
    assert outcomes(site, bob)[THERE] == [("failure", "no_account_there")]


@pytest.mark.parametrize("error", [Unavailable("down"), Refused(Refusal.TOO_SHORT)])
def test_what_fails_at_home_is_not_tried_elsewhere(
    site: Site, centre: Slapd, alice: Person, monkeypatch: pytest.MonkeyPatch, error: ConnectorError
) -> None:
    Fails(monkeypatch, "staff", error, written=False)
    assert isinstance(submit(site, alice), Failed)
    assert binds_there(centre, alice, PASSWORD)
    assert outcomes(site, alice)[THERE] == [("failure", "not_tried_there")]


def test_nothing_is_tried_elsewhere_before_home_has_answered(
    site: Site, centre: Slapd, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as lost:
        Fails(lost, "staff", Unconfirmed("no answer"), written=False)
        result = submit(site, alice)
    assert isinstance(result, Unsure)
    assert [(s.outcome, s.reason) for s in result.systems] == [(None, ""), ("failure", "not_tried_there")]
    assert binds_there(centre, alice, PASSWORD)
    assert settle(site) == 1
    assert outcomes(site, alice) == {HERE: [("failure", "")], THERE: [("failure", "not_tried_there")]}


@pytest.mark.parametrize("written", [True, False])
def test_an_answer_that_is_lost_there_is_looked_up_and_told(
    site: Site, centre: Slapd, alice: Person, monkeypatch: pytest.MonkeyPatch, written: bool
) -> None:
    with monkeypatch.context() as lost:
        Fails(lost, "centre", Unconfirmed("no answer"), written=written)
        page = site.browser().recover(alice).send(RESET)
    assert page.result == "done"
    assert ("Computing centre not known yet" in page.text) is not written
    assert settle(site) == (0 if written else 1)
    assert outcomes(site, alice)[THERE] == [("success" if written else "failure", "")]
    site.work()
    later = [m.text for m in site.mails(f"{alice.login}@example.org") if "no answer from Computing centre" in m.text]
    assert len(later) == (0 if written else 1)
    assert all("It still has the old password." in text for text in later)


MOMENTS = [("staff", False), ("staff", True), ("centre", False), ("centre", True)]


@pytest.mark.parametrize(("where", "written"), MOMENTS)
def test_a_crash_at_any_write_is_settled_and_nothing_is_hidden(
    site: Site, centre: Slapd, alice: Person, monkeypatch: pytest.MonkeyPatch, where: str, written: bool
) -> None:
    with monkeypatch.context() as crash:
        Fails(crash, where, Killed(), written=written)
        with pytest.raises(Killed):
            submit(site, alice)
    assert settle(site) == 2
    home, there = site.binds(alice, NEW), binds_there(centre, alice, NEW)
    assert (home, there) == ((where, written) != ("staff", False), (where, written) == ("centre", True))
    told = {True: [("success", "")], False: [("failure", "")]}
    assert outcomes(site, alice) == {HERE: told[home], THERE: told[there]}
    site.work()
    news = [m.text for m in site.mails(f"{alice.login}@example.org")]
    assert len(news) == 1, "one mail tells of both"
    if home:
        assert ("- Computing centre: has the new password" in news[0]) is there
        assert ("- Computing centre: still has the old password" in news[0]) is not there


def test_a_system_that_is_down_after_a_crash_is_told_of_when_it_is_back(
    site: Site, centre: Slapd, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as crash:
        Fails(crash, "centre", Killed(), written=True)
        with pytest.raises(Killed):
            submit(site, alice)
    centre.stop()
    assert settle(site) == 1
    site.work()
    assert "- Computing centre: has not answered yet" in site.mails(f"{alice.login}@example.org")[-1].text
    centre.start()
    assert settle(site) == 1
    site.work()
    assert "It has the new password." in site.mails(f"{alice.login}@example.org")[-1].text


def test_nobody_is_looked_for_in_a_system_that_only_follows(site: Site, centre: Slapd) -> None:
    stranger = centre.person()
    assert list(site.parts.accounts.directories) == ["staff"]
    assert site.browser().open("/sign-in").send({"login": stranger, "password": PASSWORD}).path == "/sign-in"


def test_the_grace_is_longer_than_all_of_them_together(site: Site, settings: Settings) -> None:
    from portal.outside import longest_request

    assert longest_request(settings).total_seconds() > sum(one.longest_change for one in settings.directories)


@pytest.mark.parametrize(
    ("rules", "why"),
    [
        ([{"of": "staff", "system": "nowhere"}], "no directory nowhere"),
        ([{"of": "staff", "system": "centre"}, {"of": "centre", "system": "staff"}], "other account"),
        ([{"of": "staff", "system": "centre"}] * 2, "stands there once"),
        ([{"of": "staff", "system": "centre", "account": "everybody"}], "must hold"),
        ([{"of": "staff", "system": "centre", "account": "{login}{dn}"}], "must hold"),
    ],
)
def test_rules_that_cannot_be_meant_are_refused(settings: Settings, rules: list[dict[str, str]], why: str) -> None:
    given = {name: getattr(settings, name) for name in type(settings).model_fields}
    with pytest.raises(ValueError, match=why):
        Settings.model_validate(given | {"passwords_also": rules})
