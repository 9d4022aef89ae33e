"""Several changes at once, for a holiday or somebody absent: all of them, or none that stays."""

from collections.abc import Iterator
from datetime import UTC, timedelta

import pytest

from portal.kit import Kits
from portal.settings.installation import Settings
from portal.timers.running import run_timers
from tests.connectors.google_lab import gmail_settings, google_settings
from tests.portal.site import Browser, MovableClock, OpenSite, Person, Site
from tests.standins.google import DOMAIN, GoogleStandin
from tests.standins.http import SERVER_ERROR

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # nothing here is the database's
DAYS = timedelta(days=1)


@pytest.fixture
def google(clock: MovableClock) -> Iterator[GoogleStandin]:
    with GoogleStandin() as standin:
        standin.clock = lambda: clock().astimezone(UTC).timestamp()
        yield standin


@pytest.fixture
def settings(settings: Settings, google: GoogleStandin) -> Settings:
    """With the mailboxes at Google, which can do all of it."""
    return settings.model_copy(update={"mailboxes": (gmail_settings(google, domains=(DOMAIN,)),)})


@pytest.fixture
def alice(site: Site, google: GoogleStandin) -> Person:
    return site.person(mail=google.person())


@pytest.fixture
def bob(site: Site, google: GoogleStandin) -> str:
    """A colleague's address."""
    return site.person(mail=google.person()).account.mail or ""


@pytest.fixture
def browser(site: Site, alice: Person) -> Browser:
    return site.browser().sign_in(alice)


def wish(site: Site, bob: str, **more: str) -> dict[str, str]:
    last = (site.clock() + 5 * DAYS).date().isoformat()
    return {"ends": last, "subject": "Away", "text": "Back soon.", "address": bob, "colleague": bob, **more}


def test_all_of_it_is_done_and_each_change_is_on_record(
    site: Site, google: GoogleStandin, alice: Person, bob: str, browser: Browser
) -> None:
    browser.open("/mailbox")
    browser.open("/mailbox/away").send(wish(site, bob))
    assert (browser.status, browser.result) == (200, "done")
    box = google.gmail.of(alice.account.mail or "")
    assert box.vacation["responseBodyPlainText"] == "Back soon."
    assert box.forwarding["emailAddress"] == bob and box.delegates == [bob]
    done = [kind for kind, phase, outcome, _ in site.entries(alice) if outcome == "success"]
    assert done[-3:] == ["auto_reply_set", "forward_set", "share_given"]
    assert {one.action.name for one in _timers(site, alice)} == {"remove_forwarding", "end_share"}  # on the last day
    site.clock.move(7 * DAYS)
    run_timers(site.parts)
    assert (box.forwarding, box.delegates) == ({"enabled": False}, [])


def test_if_one_fails_those_before_it_are_taken_back_and_what_was_there_comes_again(
    site: Site, google: GoogleStandin, alice: Person, bob: str, browser: Browser
) -> None:
    box = google.gmail.of(alice.account.mail or "")
    box.vacation = {"enableAutoReply": True, "responseSubject": "Before", "responseBodyPlainText": "As it was"}
    google.gmail.forbids_forwarding = True
    browser.open("/mailbox/away").send(wish(site, bob))
    assert (browser.status, browser.result) == (422, "failed")
    assert (box.vacation["responseSubject"], box.vacation["responseBodyPlainText"]) == ("Before", "As it was")
    assert (box.forwarding, box.delegates) == ({"enabled": False}, [])
    assert "Taken back" in browser.text and "Not done" in browser.text
    outcomes = [(kind, outcome) for kind, phase, outcome, _ in site.entries(alice) if phase == "outcome"]
    assert outcomes[-3:] == [("auto_reply_set", "success"), ("forward_set", "pending"), ("auto_reply_set", "success")]
    assert _timers(site, alice) == []


def test_what_cannot_be_taken_back_at_once_is_taken_back_by_the_worker(
    site: Site, google: GoogleStandin, alice: Person, bob: str, browser: Browser
) -> None:
    box = google.gmail.of(alice.account.mail or "")
    browser.open("/mailbox/away")
    google.gmail.forbids_forwarding = True
    box.addresses[bob] = "accepted"
    google.faults += ["", "", SERVER_ERROR, SERVER_ERROR]  # the reply, the forward; and then the reply goes off
    browser.send(wish(site, bob, colleague=""))
    assert browser.result == "unsure" and "Being taken back" in browser.text
    site.clock.move(timedelta(hours=1))
    site.work()
    run_timers(site.parts)
    assert box.vacation == {"enableAutoReply": False} and _timers(site, alice) == []


def test_if_the_process_dies_in_between_the_worker_takes_it_back(
    site: Site, google: GoogleStandin, alice: Person, bob: str, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def died(*_: object) -> None:
        raise KeyboardInterrupt

    browser.open("/mailbox/away")
    with monkeypatch.context() as patched:
        patched.setattr(Kits, "_settle", died)
        with pytest.raises(KeyboardInterrupt):
            browser.send(wish(site, bob))
    box = google.gmail.of(alice.account.mail or "")
    assert box.vacation["enableAutoReply"] and box.delegates == [bob]
    site.clock.move(timedelta(hours=1))
    assert run_timers(site.parts) == 3
    assert (box.vacation, box.forwarding, box.delegates) == ({"enableAutoReply": False}, {"enabled": False}, [])
    assert _timers(site, alice) == []


def test_the_service_desk_does_it_for_somebody_absent_who_is_told_by_whom_and_why(
    site: Site, google: GoogleStandin, alice: Person, bob: str
) -> None:
    carol = site.person(groups=("coordinators",))
    desk = site.browser().sign_in(carol)
    desk.prove(carol, "totp")
    desk.open(f"/desk/people/{alice.account.id}")
    desk.open(f"/desk/people/{alice.account.id}/kit").send(wish(site, bob, reason="She fell ill."))
    assert desk.result == "done", desk.text
    site.work()
    told = [mail.text for mail in site.mails(alice.account.mail or "")]
    assert sum("She fell ill." in text and carol.account.name in text for text in told) == 3
    assert desk.open(f"/desk/people/{carol.account.id}/kit").status == 404


def test_whoever_leaves_is_signed_out_last_and_only_if_all_the_rest_was_done(
    settings: Settings, open_site: OpenSite, google: GoogleStandin
) -> None:
    homes = (*settings.directories, google_settings(google, mail_domains=(DOMAIN,)))
    site = open_site(settings.model_copy(update={"directories": homes}))
    carol, leaver = site.person(groups=("coordinators",)), google.person()
    page = f"/desk/people/{site.parts.accounts.find(leaver).id}/kit"
    desk = site.browser().sign_in(carol)
    desk.prove(carol, "totp")
    wanted = {"text": "Gone.", "address": google.person(), "reason": "He has left.", "sign_out": "y"}
    google.gmail.forbids_forwarding = True
    assert desk.open(page).send(wanted).result == "failed" and google.directory.signed_out == []
    google.gmail.forbids_forwarding = False
    assert desk.open(page).send(wanted).result == "done", desk.text
    assert google.directory.signed_out == [leaver]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"text": "", "address": "", "colleague": ""}, "at least one"),
        ({"ends": "2020-01-01"}, "over"),
        ({"address": "alice@elsewhere.test"}, "not where it seemed"),
        ({"colleague": "nobody@nordvik.test"}, "Nobody else here"),
    ],
)
def test_what_cannot_be_done_is_said_beside_its_field_before_anything_is_done(
    site: Site, google: GoogleStandin, alice: Person, bob: str, browser: Browser, fields: dict[str, str], said: str
) -> None:
    browser.open("/mailbox/away").send(wish(site, bob, **fields))
    assert browser.status == 422 and said in browser.text
    assert not google.writes()


def test_only_my_own_and_only_what_is_offered(site: Site, alice: Person, browser: Browser) -> None:
    other = site.person()
    assert browser.open(f"/desk/people/{other.account.id}/kit").status == 403
    stranger = site.browser().sign_in(other)  # no mailbox of ours
    assert stranger.open("/mailbox/away").status == 404


def _timers(site: Site, person: Person) -> list:  # type: ignore[type-arg]
    with site.parts.database.read() as db:
        return site.parts.timers.of(db, person.account.id)
