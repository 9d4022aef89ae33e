"""A directory with a read-only copy: the portal sees whether a new password has arrived there, and says so if not."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from connectors.errors import Unconfirmed
from connectors.ldap import LdapDirectory
from portal.actions.reset_password import ResetPassword
from portal.passwords.spreading import GIVE_UP_AFTER, TELL_AFTER
from portal.results import Done, Unsure
from portal.settings.installation import Settings
from tests.connectors.copies import Pair, a_pair
from tests.portal.site import NEW, Person, Site
from tests.servers.people import PASSWORD, dn_of
from tests.servers.running import wait_until

RESET = {"new_password": NEW, "new_password_again": NEW}


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with a_pair() as both:
        yield both


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One kind of database is enough here: what is looked at is the directory."""
    return sqlite_url


@pytest.fixture
def settings(settings: Settings, pair: Pair) -> Settings:
    return settings.model_copy(update={"directories": (pair.settings(pair.copy, pair.main),)})


@pytest.fixture
def two(site: Site, pair: Pair) -> Iterator[Site]:
    """The portal on a directory with two servers, of which the first named is the copy."""
    site.directory = pair.main
    yield site
    pair.join()


def somebody(two: Site, pair: Pair) -> Person:
    login = pair.person()
    pair.main.replace(dn_of(login), {"pwdChangedTime": "20240101000000Z"})
    old = pair.main.entry(dn_of(login))["entryCSN"]
    wait_until(lambda: pair.copy.entry(dn_of(login))["entryCSN"] == old, seconds=10, what="the copy")
    return Person(login, two.parts.accounts.find(login), "")


def reset(two: Site, person: Person) -> object:
    action = ResetPassword(account_id=person.account.id, new_password=NEW)
    return two.parts.desk.submit(person.principal(at=two.clock()), action)


def later(two: Site, passed: timedelta) -> None:
    two.clock.move(passed)
    two.work()


def mails(two: Site, person: Person) -> list[str]:
    return [m.text for m in two.mails(f"{person.login}@example.org") if "does not work everywhere" in m.subject]


def tickets(two: Site, person: Person) -> list[tuple[str, str]]:
    with two.parts.database.read() as db:
        found = two.parts.tickets.of(db, person.account.id)
    return [(ticket.reason, ticket.facts.get("servers_behind", "")) for ticket in found]


def waiting(two: Site) -> tuple[int, int]:
    return two.parts.outbox.waiting()


def test_a_password_that_has_arrived_everywhere_is_no_news(two: Site, pair: Pair) -> None:
    person = somebody(two, pair)
    assert isinstance(reset(two, person), Done)
    wait_until(lambda: pair.copy.binds(person.account.dn, NEW), seconds=10, what="the copy")
    later(two, timedelta(seconds=10))
    assert waiting(two) == (0, 0)
    assert mails(two, person) == []


def test_the_person_hears_once_of_a_server_that_is_late_and_no_more_when_it_has_caught_up(
    two: Site, pair: Pair
) -> None:
    person = somebody(two, pair)
    pair.part()
    assert isinstance(reset(two, person), Done)
    later(two, timedelta(seconds=30))
    assert mails(two, person) == []
    for _ in range(3):
        later(two, TELL_AFTER)
    (mail,) = mails(two, person)
    assert "wait a few minutes" in mail
    pair.join()
    wait_until(lambda: pair.copy.binds(person.account.dn, NEW), seconds=15, what="the copy")
    later(two, timedelta(minutes=16))
    assert waiting(two) == (0, 0)
    assert tickets(two, person) == []


def test_a_server_that_never_learns_is_one_ticket_however_many_people_it_concerns(two: Site, pair: Pair) -> None:
    people = [somebody(two, pair) for _ in range(2)]
    pair.part()
    for person in people:
        reset(two, person)
    for _ in range(8):
        later(two, GIVE_UP_AFTER / 4)
    assert waiting(two) == (0, 0)
    assert [tickets(two, person) for person in people] in (
        [[("server_behind", pair.copy.url)], []],
        [[], [("server_behind", pair.copy.url)]],
    )


def test_a_server_that_is_down_is_waited_for_without_a_word(two: Site, pair: Pair) -> None:
    person = somebody(two, pair)
    pair.copy.stop()
    try:
        assert isinstance(reset(two, person), Done)
        later(two, 2 * TELL_AFTER)
        assert waiting(two) == (1, 0)
        for _ in range(8):
            later(two, GIVE_UP_AFTER / 4)
    finally:
        pair.copy.start()
    assert waiting(two) == (0, 0)
    assert (mails(two, person), tickets(two, person)) == ([], [])


def test_the_last_page_tells_of_it(two: Site, pair: Pair) -> None:
    reset(two, somebody(two, pair))  # since then the portal keeps to the server that takes changes
    alice, browser = two.person(), two.browser()
    browser.recover(alice)
    assert browser.send(RESET).result == "done"
    assert "within a minute" in browser.text


@pytest.mark.parametrize("made", [True, False])
def test_after_a_lost_answer_nobody_is_told_that_nothing_was_changed_by_a_server_that_cannot_know(
    two: Site, pair: Pair, monkeypatch: pytest.MonkeyPatch, made: bool
) -> None:
    person = somebody(two, pair)
    write = LdapDirectory.set_password

    def loses(self: LdapDirectory, *args: object) -> None:
        pair.part()
        if made:
            write(self, *args)  # type: ignore[arg-type]
        pair.main.kill()
        raise Unconfirmed("no answer")

    try:
        with monkeypatch.context() as lost:
            lost.setattr(LdapDirectory, "set_password", loses)
            assert isinstance(reset(two, person), Unsure)
        two.clock.move(timedelta(minutes=2))
        assert two.parts.recovery.settle() == 0  # the copy answers, and has not heard of it
        assert two.entries(person)[-1][1] == "intent"
    finally:
        pair.main.start()
    wait_until(lambda: two.parts.recovery.settle() == 1, seconds=15, what="the other server")
    assert two.entries(person)[-1][1:3] == ("outcome", "success" if made else "failure")
    assert pair.main.binds(person.account.dn, NEW if made else PASSWORD)


def test_a_server_that_stays_down_leaves_it_to_people_in_the_end(
    two: Site, pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = somebody(two, pair)

    def loses(*_: object) -> None:
        pair.main.kill()
        raise Unconfirmed("no answer")

    try:
        with monkeypatch.context() as lost:
            lost.setattr(LdapDirectory, "set_password", loses)
            reset(two, person)
        two.clock.move(timedelta(minutes=20))
        assert two.parts.recovery.settle() == 1
    finally:
        pair.main.start()
    assert ("password_reset", "outcome", "unknown", "settled_unknown") in two.entries(person)
    assert tickets(two, person) == [("settled_unknown", "")]
