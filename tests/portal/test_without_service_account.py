"""A directory without a service account, walked in the portal: in by the password, a change of it, no dead end."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.errors import Unconfirmed
from connectors.ldap import LdapDirectory
from portal.actions.change_password import ChangePassword
from portal.doctor.doctor import examine
from portal.housekeeping import sweep
from portal.results import Unsure
from portal.settings.installation import Settings
from portal.tables import kept_account
from tests.connectors.ldap_settings import settings_for
from tests.portal.site import NEW, Browser, Person, Site
from tests.servers.people import PASSWORD, State
from tests.servers.slapd import Slapd

CHANGE = {"password": PASSWORD, "new_password": NEW, "new_password_again": NEW}


@pytest.fixture
def settings(settings: Settings, slapd_server: Slapd) -> Settings:
    own = replace(
        settings_for(slapd_server), bind_dn="", bind_password="", person_dn=f"uid={{login}},{slapd_server.people_base}"
    )
    return settings.model_copy(update={"directories": (own,)})


def enter(site: Site, login: str, password: str = PASSWORD) -> Browser:
    return site.browser().open("/sign-in").send({"login": login, "password": password})


def enrolled(site: Site) -> Person:
    """Somebody who has signed in once and added an authenticator app and codes."""
    login = site.directory.person()
    enter(site, login)
    account, own = site.parts.accounts.find(login), site.parts.own_factors
    with site.parts.database.write() as tx:
        totp, secret = own.begin_totp(tx, account.id, "Phone")
        paper, codes = own.begin_codes(tx, account.id, "Paper")
        for factor_id in (totp, paper):
            own.within(tx).confirm_factor(account, factor_id)
    return Person(login, account, secret, codes)


def test_the_password_lets_in_and_the_account_is_as_its_owner_may_read_it(site: Site) -> None:
    login = site.directory.person(cn="Alice Berg")
    browser = enter(site, login)
    assert browser.path == "/account"
    assert "Alice Berg" in browser.text
    assert "As it stood when you signed in" in browser.text
    for path in ("/account/security", "/account/history", "/tickets", "/ask/change-password"):
        assert browser.open(path).status == 200


def test_groups_give_their_roles(site: Site) -> None:
    login = site.directory.person()
    site.directory._join(f"cn=coordinators,{site.directory.groups_base}", f"uid={login},{site.directory.people_base}")
    assert enter(site, login).step == "choose"  # coordinators prove more than a password


def test_the_password_is_changed_with_the_old_one_and_its_owner_hears_of_it(site: Site) -> None:
    login = site.directory.person()
    browser = enter(site, login).open("/ask/change-password").send(CHANGE)
    assert browser.result == "done"
    assert site.directory.binds(f"uid={login},{site.directory.people_base}", NEW)
    site.work()
    assert any("changed" in mail.subject for mail in site.mails(f"{login}@elsewhere.test"))


@pytest.mark.parametrize("state", [State.MUST_CHANGE, State.GRACE])
def test_a_password_that_must_be_changed_is_changed_with_the_old_one(site: Site, state: State) -> None:
    login = site.directory.person(state=state)
    browser = enter(site, login)
    assert browser.path == "/sign-in/expired"
    browser.send(CHANGE)
    assert browser.path == "/account"
    assert f"{login.capitalize()}" in browser.text
    assert "Has to be changed" not in browser.text
    assert site.directory.binds(f"uid={login},{site.directory.people_base}", NEW)


def test_a_password_that_expired_for_good_becomes_a_ticket(site: Site) -> None:
    browser = enter(site, site.directory.person(state=State.EXPIRED))
    assert browser.path == "/sign-in/expired"
    assert browser.send(CHANGE).result == "pending"


def test_a_fresh_proof_is_given_by_the_password(site: Site, later: Callable[..., None]) -> None:
    browser = enter(site, enrolled(site).login)
    later(minutes=10)
    browser.open("/prove-again").send({"factor": "password"})
    assert browser.send({"code": PASSWORD}).path == "/account"


def test_a_forgotten_password_is_a_ticket_for_whom_nothing_was_ever_seen(site: Site) -> None:
    login = site.directory.person()
    browser = site.browser().open("/recover").send({"login": login})
    site.work()
    browser.send({"factor": "totp"}).send({"code": "000000"})
    assert browser.status == 422
    assert browser.open("/recover/stuck").send({"text": "I am new and forgot it."}).result == "pending"


def test_a_forgotten_password_is_a_ticket_that_tells_who_proved_to_be_who(site: Site) -> None:
    alice = enrolled(site)
    browser = site.browser().recover(alice)
    assert browser.result == "pending"
    assert "cannot do this for your account by itself" in browser.text
    with site.parts.database.read() as db:
        ticket = site.parts.tickets.get(db, browser.ticket)
    assert (ticket.requester_id, ticket.action, ticket.reason) == (alice.account.id, "reset_password", "no_connector")


def test_it_was_not_me_is_a_ticket(site: Site) -> None:
    alice = enrolled(site)
    enter(site, alice.login).open("/ask/change-password").send(CHANGE)
    site.work()
    mail = next(m for m in site.mails(f"{alice.login}@elsewhere.test") if "/undo/" in m.text)
    path = next(word for word in mail.text.split() if "/undo/" in word).replace("http://localhost:8080", "")
    browser = site.browser().open(path)
    browser.send()
    site.work()
    assert any("ticket" in m.subject.lower() or "#" in m.subject for m in site.mails("desk@example.org"))


def test_an_answer_that_was_lost_is_never_settled_by_an_old_look(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    alice = enrolled(site)

    def lose(*_: object) -> None:
        raise Unconfirmed("no answer")

    monkeypatch.setattr(LdapDirectory, "change_password", lose)
    wish = ChangePassword(account_id=alice.account.id, password=PASSWORD, new_password=NEW)
    assert isinstance(site.parts.desk.submit(alice.principal(at=site.clock()), wish), Unsure)
    site.clock.move(timedelta(minutes=2))
    assert site.parts.recovery.settle() == 1
    assert site.entries(alice)[-1][0:3] != ("password_change", "outcome", "failure")
    assert ("password_change", "outcome", "unknown", "settled_unknown") in site.entries(alice)


def test_what_was_seen_is_sealed_and_forgotten_in_the_end(site: Site, later: Callable[..., None]) -> None:
    login = site.directory.person()
    enter(site, login)
    enter(site, login)
    with site.parts.database.read() as db:
        rows = db.execute(kept_account.select()).all()
    assert len(rows) == 1
    assert login.encode() not in rows[0].content
    later(days=91)
    sweep(site.parts.database, site.clock())
    with site.parts.database.read() as db:
        assert db.execute(kept_account.select()).all() == []


def _walk(site: Site, login: str) -> list[str]:
    browser = site.browser().open("/sign-in").send({"login": login, "password": "wrong-and-long"})
    seen = [browser.text]
    seen.append(browser.open("/recover").send({"login": login}).text)
    site.work()
    for factor, code in (("totp", "000000"), ("mailed_code", "000000")):
        seen.append(browser.open("/recover/choose").send({"factor": factor}).text)
        site.work()
        seen.append(browser.send({"code": code}).text)
    return [text.replace(login, "LOGIN") for text in seen]


def test_known_seen_and_unknown_people_are_the_same_to_strangers(site: Site) -> None:
    logins = (site.directory.person(), site.directory.person(state=State.LOCKED), site.directory.person(mail=""))
    expected = _walk(site, enrolled(site).login)
    for login in (*logins, "nobody-by-that-name"):
        assert _walk(site, login) == expected


def test_the_check_says_what_becomes_a_ticket(site: Site) -> None:
    found = {(name, f.subject): f.message for name, f in examine(site.parts)}
    assert found["Actions", "change_password"] == "done by main"
    assert found["Actions", "reset_password"] == "becomes a ticket for the service desk"
