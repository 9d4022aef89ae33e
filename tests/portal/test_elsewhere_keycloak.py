"""A new password in OpenLDAP and in Keycloak: what the second system does wrong in its own ways, a crash between."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.keycloak import KeycloakDirectory, KeycloakSettings
from portal.actions.reset_password import ResetPassword
from portal.results import Done
from portal.settings.installation import Settings
from portal.settings.systems import PasswordAlso
from tests.connectors.ldap_settings import settings_for
from tests.portal.site import NEW, Person, Site
from tests.servers.people import PASSWORD
from tests.servers.slapd import Slapd
from tests.standins.http import BUSY, DENIED, DROPPED
from tests.standins.keycloak import KeycloakStandin

RESET = {"new_password": NEW, "new_password_again": NEW}


class Killed(BaseException):
    """The process is gone: nothing after this line runs."""


@pytest.fixture
def realm() -> Iterator[KeycloakStandin]:
    with KeycloakStandin() as standin:
        yield standin


@pytest.fixture
def settings(settings: Settings, slapd_server: Slapd, realm: KeycloakStandin) -> Settings:
    staff = replace(settings_for(slapd_server), name="staff", label="Staff")
    cloud = KeycloakSettings(name="cloud", label="Cloud", **realm.settings())
    also = (PasswordAlso(of="staff", system="cloud", account="{mail}"),)
    return settings.model_copy(update={"directories": (staff, cloud), "passwords_also": also})


@pytest.fixture
def alice(site: Site, realm: KeycloakStandin) -> Person:
    person = site.person()
    realm.person(f"{person.login}-there", email=person.account.mail)
    return person


def submit(site: Site, person: Person) -> tuple[str | None, str]:
    """What became of it in Keycloak."""
    wish = ResetPassword(account_id=person.account.id, new_password=NEW)
    result = site.parts.desk.submit(person.principal(at=site.clock()), wish)
    assert isinstance(result, Done)
    assert site.binds(person, NEW)
    [_home, there] = result.systems
    return there.outcome, there.reason


def test_the_other_account_is_found_by_its_address_and_signed_out(
    site: Site, realm: KeycloakStandin, alice: Person
) -> None:
    login = f"{alice.login}-there"
    page = site.browser().recover(alice).send(RESET)
    assert (page.result, "Cloud new password" in page.text) == ("done", True)
    assert realm.takes(login, NEW)
    assert realm.sessions[realm.id_of(login)] == 0


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [(DROPPED, ("success", "")), (BUSY, ("pending", "directory_busy")), (DENIED, ("pending", "no_right"))],
)
def test_each_way_to_fail_has_its_own_end(
    site: Site, realm: KeycloakStandin, alice: Person, fault: str, outcome: tuple[str, str]
) -> None:
    realm.faults.append(fault)
    assert submit(site, alice) == outcome
    assert realm.takes(f"{alice.login}-there", NEW) is (fault == DROPPED)


def test_a_rule_of_its_own_is_shown_and_checked_before_either_is_asked(
    site: Site, realm: KeycloakStandin, alice: Person
) -> None:
    realm.policy = "length(40)"
    page = site.browser().recover(alice)
    assert "Cloud: 40 characters or more" in page.text
    page.send(RESET)
    assert (page.status, len(page.page.select(".rules li.no"))) == (422, 1)
    assert site.binds(alice, PASSWORD)


def test_a_refusal_by_a_rule_that_nobody_was_told_is_told_in_words(
    site: Site, realm: KeycloakStandin, alice: Person
) -> None:
    page = site.browser().recover(alice)
    realm.policy = "length(40)"  # from now on, unseen by the portal
    realm.roles.discard("view-realm")
    page.send(RESET)
    assert "Cloud old password still counts" in page.text
    assert "Cloud: " in page.text, "why, and what to do"
    assert NEW not in page.text


@pytest.mark.parametrize("fields", [{"federationLink": "ldap-1"}, {"enabled": False}])
def test_an_account_that_cannot_be_changed_there_is_people_s_work(
    site: Site, realm: KeycloakStandin, alice: Person, fields: dict[str, object]
) -> None:
    realm.user(f"{alice.login}-there").update(fields)
    assert submit(site, alice)[0] == "pending"


@pytest.mark.parametrize("written", [True, False])
def test_a_crash_there_is_settled_by_the_time_of_its_password(
    site: Site, realm: KeycloakStandin, alice: Person, monkeypatch: pytest.MonkeyPatch, written: bool
) -> None:
    write = KeycloakDirectory.set_password
    with monkeypatch.context() as crash:

        def die(self: KeycloakDirectory, *given: object) -> None:
            if written:
                write(self, *given)  # type: ignore[arg-type]
            raise Killed

        crash.setattr(KeycloakDirectory, "set_password", die)
        with pytest.raises(Killed):
            submit(site, alice)
    site.clock.move(timedelta(minutes=5))
    realm.tokens.clear()
    assert site.parts.recovery.settle() == 2
    ends = [entry[2] for entry in site.entries(alice) if entry[:2] == ("password_elsewhere", "outcome")]
    assert ends == ["success" if written else "failure"]
    site.work()
    [mail] = [m.text for m in site.mails(f"{alice.login}@example.org")]
    assert ("- Cloud: has the new password" in mail) is written
