"""One row that cannot be carried out keeps no other waiting, however often it comes first."""

from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import OperationalError

from connectors.ldap import LdapDirectory
from connectors.mailboxes.ldap import LdapMailboxSettings
from portal.actions.add_temporary_alias import AddTemporaryAlias
from portal.jobs import Jobs, going_on, queue
from portal.results import Done
from portal.settings.installation import Settings
from portal.tables import ticket
from portal.timers.running import run_timers
from portal.timers.tables import timer
from portal.work import couriers_of, every_minute
from tests.portal.site import MovableClock, Site
from tests.portal.test_approvals import ask, get, sponsored
from tests.portal.test_recovery import Killed, settle, submit
from tests.servers.slapd import Slapd

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # nothing here is the database's
DAY = timedelta(days=1)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    box = LdapMailboxSettings(name="attributes", directory="main", domains=("example.org",))
    return settings.model_copy(update={"mailboxes": (box,)})


@ON_SQLITE
def test_a_broken_ticket_does_not_keep_others_from_climbing(site: Site, clock: MovableClock) -> None:
    now = clock.now
    clock.now = (now + timedelta(days=7 - now.weekday())).replace(hour=8, minute=0, second=0, microsecond=0)
    broken, sound = (ask(site, sponsored(site)[1]).number for _ in range(2))
    with site.parts.database.write() as tx:
        tx.execute(update(ticket).where(ticket.c.number == broken).values(content=b"sealed with another key"))
    clock.move(timedelta(days=1, hours=8))
    site.parts.silence.run()
    assert get(site, sound).queue == "coordinators"


@ON_SQLITE
def test_a_timer_nobody_understands_keeps_neither_the_others_nor_the_page_waiting(
    site: Site, clock: MovableClock, slapd_server: Slapd
) -> None:
    alice, last = site.person(), (site.parts.today() + DAY).isoformat()
    action = AddTemporaryAlias(account_id=alice.account.id, address="a-b-22@example.org", last_day=last)
    assert isinstance(site.parts.desk.submit(alice.principal(at=clock()), action, alice.account), Done)
    with site.parts.database.write() as tx:
        row = dict(tx.execute(select(timer)).one()._mapping)
        due = row["due"] - DAY
        tx.execute(
            insert(timer).values(row | {"key": "older", "action": "of_another_version", "due": due, "next": due})
        )
    assert site.browser().sign_in(alice).open("/mailbox").status == 200
    clock.move(3 * DAY)
    assert run_timers(site.parts) == 1
    assert "mailAlias" not in slapd_server.entry(alice.account.dn)


@ON_SQLITE
def test_an_attempt_that_cannot_be_settled_keeps_no_other_open(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [site.person() for _ in range(2)]
    with monkeypatch.context() as crash:

        def die(*_: object) -> None:
            raise Killed

        crash.setattr(LdapDirectory, "set_password", die)
        for person in people:
            with pytest.raises(Killed):
                submit(site, person)
    read = site.parts.accounts.read

    def broken(account_id: str) -> object:
        if account_id == people[0].account.id:
            raise KeyError(account_id)
        return read(account_id)

    monkeypatch.setattr(site.parts.accounts, "read", broken)
    assert settle(site) == 1
    assert site.entries(people[1])[-1][1:3] == ("outcome", "failure")


def test_whatever_fails_is_logged_and_only_a_database_that_is_away_stops_the_rest(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with going_on("a job", ticket=7):
        raise KeyError("what nobody thought of")
    said = capsys.readouterr().out
    assert "job_failed" in said and "a job" in said and "ticket=7" in said.replace("'", "")
    with pytest.raises(OperationalError), going_on("a job"):
        raise OperationalError("SELECT 1", {}, Exception("the server closed the connection"))


@ON_SQLITE
def test_nothing_that_must_not_be_forgotten_stands_alone(site: Site) -> None:
    """Each of the worker's jobs can run where there is nothing to do, and by itself."""
    jobs = every_minute(site.parts, couriers_of(site.parts, site.letters))
    for run in jobs.values():
        run()
    assert {"recovery", "timers", "silence", "notices", "mail in", "anchors", "watching"} <= set(jobs)


def test_a_pass_that_takes_long_is_not_begun_a_second_time(tmp_path: Path) -> None:
    jobs, begun, over = Jobs(queue("sqlite://", tmp_path)), Event(), Event()
    passes: list[int] = []

    def slow() -> None:
        passes.append(1)
        begun.set()
        over.wait(10)

    jobs._minute = slow
    first = Thread(target=jobs._run_minute)
    first.start()
    assert begun.wait(10)
    jobs._run_minute()
    over.set()
    first.join()
    assert len(passes) == 1
    jobs._run_minute()
    assert len(passes) == 2
