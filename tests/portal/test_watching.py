"""What needs a look is found once, and an honest year raises next to nothing."""

import os
import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import DDL, select

from audit.event import Event
from audit.log import AuditLog
from audit.tables import entries
from portal.database import Database
from portal.settings.record import Watching
from portal.tables import ticket
from portal.watching.past import RecordedPast, seen
from portal.watching.rules import RULES, Found
from portal.watching.watcher import Watcher, watcher_of
from tests.portal import watching_year
from tests.portal.site import MovableClock, Site
from tests.portal.watching_year import ZONE, Writer

CAMPAIGN = bool(os.environ.get("SPAREKEY_CAMPAIGN"))
PEOPLE, DAYS = (5000, 365) if CAMPAIGN else (400, 30)
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def log(clock: MovableClock) -> AuditLog:
    return AuditLog(origin="test.invalid/audit", key=b"k" * 32, clock=clock, version="1")


@pytest.fixture
def does(log: AuditLog, database: Database) -> Writer:
    return Writer(log, database)


def found(database: Database, log: AuditLog, **settings: object) -> list[Found]:
    """What the rules find in the whole of a log."""
    watched, alerts = Watching(**settings), []  # type: ignore[arg-type]
    with database.read() as db:
        past = RecordedPast(db, log, watching_year.privileged)
        for number, body in db.execute(select(entries.c.idx, entries.c.body).order_by(entries.c.idx)).all():
            entry = seen(number, bytes(body))
            if entry.outcome:
                alerts += [one for rule in RULES.values() for one in rule(entry, past, watched, ZONE)]
    return alerts


def rules(alerts: list[Found]) -> list[str]:
    return [one.rule for one in alerts]


@ON_SQLITE
def test_many_people_within_the_hour_is_many_and_the_same_person_is_one(
    database: Database, log: AuditLog, does: Writer, clock: MovableClock
) -> None:
    clock.now = datetime(2026, 3, 2, 12, tzinfo=ZONE)
    for number in range(10):
        does.did("unlock", "staff:1", "person:7")
        does.did("factor_remove", "staff:1", f"person:{number}")
        does.did("password_reset", f"person:{number}", f"person:{number}")
        clock.move(timedelta(minutes=1))
    assert found(database, log, many_resets=10) == []
    clock.move(timedelta(minutes=1))
    does.did("factor_remove", "staff:1", "person:90")
    alerts = found(database, log, many_resets=10)
    assert rules(alerts) == ["many_resets"] and len(alerts[0].entries) == 21
    clock.move(timedelta(hours=2))
    does.did("unlock", "staff:1", "person:91")
    assert len(found(database, log, many_resets=10)) == 1


@ON_SQLITE
def test_at_night_a_new_password_of_somebody_with_rights_needs_a_look(
    database: Database, log: AuditLog, does: Writer, clock: MovableClock
) -> None:
    clock.now = datetime(2026, 3, 2, 12, tzinfo=ZONE)
    does.did("password_reset", "person:50", "person:50")
    for hour, alerts in ((21, 0), (22, 1), (29, 2), (30, 2)):
        clock.now = datetime(2026, 3, 2, tzinfo=ZONE) + timedelta(hours=hour, minutes=1)
        does.did("password_reset", "person:50", "person:50")
        does.did("password_reset", "person:51", "person:51")
        assert rules(found(database, log)) == ["reset_at_night"] * alerts


@ON_SQLITE
def test_a_reset_and_then_a_forward_to_the_outside(
    database: Database, log: AuditLog, does: Writer, clock: MovableClock
) -> None:
    clock.now = datetime(2026, 3, 2, 12, tzinfo=ZONE)
    does.did("forward_outside_set", "person:1", "person:1")
    does.did("password_reset", "person:1", "person:1")
    does.did("forward_set", "person:1", "person:1")
    clock.move(timedelta(hours=25))
    does.did("forward_outside_set", "person:1", "person:1")
    does.did("password_reset", "person:2", "person:2")
    does.did("forward_outside_set", "person:3", "person:3")
    assert found(database, log) == []
    clock.move(timedelta(hours=23))
    does.did("forward_outside_set", "person:2", "person:2")
    (alert,) = found(database, log)
    assert alert.rule == "reset_then_forward" and len(alert.entries) == 2


@ON_SQLITE
def test_who_agrees_to_what_he_gets_himself(database: Database, log: AuditLog, does: Writer) -> None:
    does.approved("sponsor:1", "person:1")
    watching_year.write([], log, database, MovableClock(datetime(2026, 1, 1, tzinfo=ZONE)))
    assert found(database, log) == []
    does.approved("person:1", "person:1")
    decided = Event(kind="approval_decided", actor="person:2", target="person:3", ticket="77", decision="approved")
    given = Event(kind="account_extend", actor="system", target="person:2", ticket="77", new="2027-06-30")
    with database.write() as tx:  # asked for by somebody else in his own favour
        log.record(tx, decided, "success")
        log.outcome(tx, log.intent(tx, given), given, "success")
    watching_year.write([], log, database, MovableClock(datetime(2026, 1, 1, tzinfo=ZONE)))
    assert {one.key for one in found(database, log)} == {"ticket/2", "ticket/77"}


def test_an_alert_is_an_entry_and_a_quiet_ticket_for_supervisors_and_never_twice(
    site: Site, later: Callable[..., None]
) -> None:
    alice, carol = site.person(), site.person(groups=("coordinators",))
    watcher = watcher_of(site.parts)
    assert watcher.run() == 0
    does = Writer(site.parts.log, site.parts.database)
    site.clock.now = datetime(2030, 3, 2, 23, tzinfo=ZONE)
    for person in (alice, carol):
        does.did("password_reset", person.account.id, person.account.id)
    mails = len(site.mails())
    assert (watcher.run(), watcher.run(), watcher_of(site.parts).run()) == (1, 0, 0)
    site.work()

    with site.parts.database.read() as db:
        (row,) = db.execute(select(ticket).where(ticket.c.queue == "supervisors")).all()
        alerts = site.parts.log.history(db, carol.account.id, 5)
        opened = site.parts.tickets.get(db, row.number)
    assert [one.kind for one in alerts] == ["alert", "password_reset"]
    assert alerts[0].reason == "alert_reset_at_night" and alerts[0].disclosures["entries"] == opened.facts["entries"]
    assert opened.reason == "alert_reset_at_night" and len(site.mails()) == mails


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_missing_from_the_log_is_told(site: Site) -> None:
    watcher: Watcher = watcher_of(site.parts)
    watcher.run()
    does = Writer(site.parts.log, site.parts.database)
    for number in range(3):
        does.did("login", f"person:{number}", f"person:{number}")
    with site.parts.database.write() as tx:
        newest = site.parts.log.size(tx) - 1
        tx.execute(DDL("DROP TRIGGER audit_entry_no_delete"))
        tx.execute(entries.delete().where(entries.c.idx == newest - 2))
    assert watcher.run() == 1 and watcher.run() == 0
    with site.parts.database.read() as db:
        row = db.execute(select(ticket).where(ticket.c.queue == "supervisors")).one()
        assert site.parts.tickets.get(db, row.number).facts["entries"] == str(newest - 2)


@pytest.mark.campaign
@ON_SQLITE
def test_an_honest_year_raises_few_alerts(database: Database, log: AuditLog, clock: MovableClock) -> None:
    """In each run a month of 400 people; in the campaign a year of 5,000."""
    acts = watching_year.year(PEOPLE, DAYS, random.Random(7), datetime(2026, 8, 1))
    watching_year.write(acts, log, database, clock)
    alerts = found(database, log)
    unique = Counter(rule for rule, _key in {(one.rule, one.key) for one in alerts})
    print(f"\n{len(acts)} acts of {PEOPLE} people in {DAYS} days: {dict(unique)}")
    years = PEOPLE / 5000 * DAYS / 365
    assert unique["own_approval"] == 0
    assert unique["many_resets"] <= 2 + 12 * years
    assert unique["reset_then_forward"] <= 3 + 90 * years
    assert unique["reset_at_night"] <= 3 + 40 * years
