"""The portal over a Microsoft tenant: a forgotten password, sessions ended, a pass shown once, and the mailbox."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest

from audit import reading
from connectors.account import Account, PasswordCheck, PasswordVerdict
from connectors.capabilities import ChecksPassword
from connectors.graph import MicrosoftDirectory
from connectors.mailboxes.graph import GraphMailboxSettings
from portal.actions.give_access_pass import GiveAccessPass
from portal.actions.sign_out_everywhere import SignOutEverywhere
from portal.results import Denied, Done, Pending, Unsure
from portal.settings.installation import Settings
from tests.connectors.microsoft_lab import microsoft_settings
from tests.portal.site import NEW, MovableClock, Site
from tests.standins.http import BUSY, DROPPED
from tests.standins.microsoft import MicrosoftStandin
from tests.standins.microsoft_tokens import CLIENT, SECRET

RESET = {"new_password": NEW, "new_password_again": NEW}
TEXT = "I am away.\nAsk <Bob>."


@pytest.fixture
def tenant(clock: MovableClock) -> Iterator[MicrosoftStandin]:
    with MicrosoftStandin(clock) as tenant:
        yield tenant


@pytest.fixture
def directory_server(tenant: MicrosoftStandin) -> MicrosoftStandin:
    return tenant


@pytest.fixture
def settings(settings: Settings, tenant: MicrosoftStandin, monkeypatch: pytest.MonkeyPatch) -> Settings:
    class LetsIn(MicrosoftDirectory, ChecksPassword):
        """People of a tenant sign in by its provider; here the password does, so that a page can be opened."""

        def check_password(self, account: Account, password: str) -> PasswordCheck:
            right = tenant.passwords.get(account.dn) == password
            return PasswordCheck(verdict=PasswordVerdict.RIGHT if right else PasswordVerdict.WRONG)

    monkeypatch.setattr("portal.outside.MicrosoftDirectory", LetsIn)
    home = microsoft_settings(tenant, label="Nordvik Cloud", timeout=4.0)
    exchange = GraphMailboxSettings(
        name="exchange", client_id=CLIENT, client_secret=SECRET, directory="cloud", timeout=4.0, **tenant.settings()
    )
    return settings.model_copy(update={"directories": (home,), "mailboxes": (exchange,), "roles": {}})


def test_a_forgotten_password_is_set_and_the_old_one_is_gone(site: Site, tenant: MicrosoftStandin) -> None:
    alice = site.person()
    browser = site.browser().recover(alice, "totp", "recovery_code")
    browser.send(RESET)
    assert (browser.result, tenant.passwords[alice.account.dn]) == ("done", NEW)
    assert [entry[0] for entry in site.entries(alice) if entry[2] == "success"].count("password_reset") == 1
    assert numbers_of(site, "password_reset") == ["5e1f-0001"]


def numbers_of(site: Site, kind: str) -> list[str]:
    """By which Microsoft knows the requests of each outcome of this kind."""
    with site.parts.database.read() as db:
        found = reading.read(db, site.parts.log.keyring, reading.find(db, reading.Wanted(100)))
    return [e.disclosures.get("requests", "") for e in found if (e.kind, e.phase) == (kind, "outcome")]


def test_a_password_that_entra_refuses_is_asked_for_again_with_the_reason(site: Site, tenant: MicrosoftStandin) -> None:
    alice = site.person()
    browser = site.browser().recover(alice, "totp", "recovery_code")
    browser.send(dict.fromkeys(RESET, "Contoso-is-our-Name-7"))
    assert tenant.passwords[alice.account.dn] == tenant.password
    assert browser.step == "ask" and browser.status == 422
    browser.send(RESET)
    assert browser.result == "done"


def test_an_answer_that_was_lost_is_settled_by_the_date_once_it_shows(
    site: Site, tenant: MicrosoftStandin, clock: MovableClock
) -> None:
    alice = site.person()
    browser = site.browser().recover(alice, "totp", "recovery_code")
    tenant.faults.append(DROPPED)
    tenant.lag = 2
    browser.send(RESET)
    assert (browser.result, tenant.passwords[alice.account.dn]) == ("unsure", NEW)
    site.parts.accounts.read(alice.account.id)
    clock.move(timedelta(seconds=60))
    assert site.parts.recovery.settle() == 1
    assert ("password_reset", "outcome", "success", "") in site.entries(alice)


def test_whoever_comes_from_a_directory_on_premises_gets_a_ticket(site: Site, tenant: MicrosoftStandin) -> None:
    alice = site.person()
    tenant.users[alice.account.dn]["onPremisesSyncEnabled"] = True
    browser = site.browser().recover(alice, "totp", "recovery_code")
    browser.send(RESET)
    assert browser.result == "pending" and browser.ticket
    assert tenant.passwords[alice.account.dn] == tenant.password


def test_a_tenant_that_is_busy_is_said_to_be_and_nothing_is_done(site: Site, tenant: MicrosoftStandin) -> None:
    alice = site.person()
    browser = site.browser().recover(alice, "totp", "recovery_code")
    tenant.retry_after = "90"
    tenant.faults.append(BUSY)
    browser.send(RESET)
    assert browser.result == "failed" and browser.status == 503
    assert tenant.passwords[alice.account.dn] == tenant.password


def test_somebody_signs_out_everywhere_and_hears_of_it(site: Site, tenant: MicrosoftStandin) -> None:
    alice = site.person()
    browser = site.browser().sign_in(alice)
    assert "Nordvik Cloud" in browser.open("/account/security").text
    browser.open("/account/security/everywhere").send()
    assert (browser.result, tenant.sessions[alice.account.dn]) == ("done", 0)
    site.work()
    assert any("signed out everywhere" in mail.subject for mail in site.mails(alice.login))
    assert ("sessions_ended", "outcome", "success", "") in site.entries(alice)


def test_a_pass_takes_two_proofs_and_is_shown_to_its_owner_once(site: Site, tenant: MicrosoftStandin) -> None:
    alice = site.person()
    browser = site.browser().sign_in(alice)
    browser.open("/account/security/pass")
    assert "/prove" in browser.path or browser.step == "prove" or "fresh" in browser.path
    browser.prove(alice, "totp")
    browser.open("/account/security/pass").send()
    shown = tenant.passes[alice.account.dn]["temporaryAccessPass"]
    assert shown in browser.text
    assert browser.answer.headers["Cache-Control"] == "no-store"
    site.work()
    written = [*map(str, site.entries(alice)), *(mail.text for mail in site.mails(alice.login))]
    assert written and not any(shown in text for text in written)
    assert shown not in browser.open("/account/history").text


def test_nobody_gets_a_pass_for_somebody_else(site: Site, tenant: MicrosoftStandin) -> None:
    alice, carol = site.person(), site.person()
    coordinator = carol.principal(roles=frozenset({"coordinator"}), at=site.clock())
    wish = GiveAccessPass(account_id=alice.account.id)
    assert isinstance(site.parts.desk.submit(coordinator, wish), Denied)
    assert not tenant.passes


def test_a_pass_that_the_tenant_does_not_allow_becomes_a_ticket(site: Site, tenant: MicrosoftStandin) -> None:
    alice = site.person()
    tenant.allows_passes = False
    wish = GiveAccessPass(account_id=alice.account.id)
    assert isinstance(site.parts.desk.submit(alice.principal(at=site.clock()), wish), Pending)


@pytest.mark.parametrize("action", [GiveAccessPass, SignOutEverywhere])
def test_a_lost_answer_is_unsure_and_told_as_such(
    site: Site, tenant: MicrosoftStandin, action: Callable[..., GiveAccessPass | SignOutEverywhere]
) -> None:
    alice = site.person()
    tenant.faults.append(DROPPED)
    result = site.parts.desk.submit(alice.principal(at=site.clock()), action(account_id=alice.account.id))
    assert isinstance(result, Unsure)


def test_nothing_of_a_pass_shows_in_what_is_printed(site: Site) -> None:
    alice = site.person()
    wish = GiveAccessPass(account_id=alice.account.id)
    result = site.parts.desk.submit(alice.principal(at=site.clock()), wish)
    assert isinstance(result, Done) and result.given
    assert result.given.value not in repr(result)


def test_the_mailbox_answers_forwards_and_tells_how_full_it_is(
    site: Site, tenant: MicrosoftStandin, clock: Callable[[], datetime]
) -> None:
    alice = site.person()
    browser = site.browser().sign_in(alice)
    assert "50" in browser.open("/mailbox").text
    form = browser.open("/mailbox/auto-reply").main
    assert form.find(attrs={"name": "outside"}) and not form.find(attrs={"name": "subject"})
    browser.send({"text": TEXT, "outside": "none"})
    held = tenant.replies[alice.account.dn]
    assert (held["status"], held["externalAudience"]) == ("alwaysEnabled", "none")
    assert "I am away.<br>Ask &lt;Bob&gt;." in held["internalReplyMessage"]
    assert ("auto_reply_set", "outcome", "success", "") in site.entries(alice)


def test_the_doctor_of_the_whole_portal_sees_the_tenant(site: Site, tenant: MicrosoftStandin) -> None:
    from portal.doctor.doctor import areas
    from portal.doctor.reach import reach

    site.person()
    tenant.tokens.permissions.discard("UserAuthMethod-TAP.ReadWrite.All")
    by_name = {area.name: list(area.look()) for area in areas(site.parts)}
    assert any("UserAuthMethod-TAP" in finding.remedy for finding in by_name["cloud"])
    (reached,) = reach(site.parts, by_name)
    assert "give_access_pass" in reached.broken and "reset_password" in reached.works
    assert "unlock_account" in reached.by_people
