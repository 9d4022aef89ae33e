"""Every receiver is told of each entry, in order, whatever happens to it on the way."""

import json
import re
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from audit.event import Event
from audit.log import AuditLog
from audit.tables import entries
from audit.tree import leaf_hash
from connectors.siem import receiver
from connectors.siem.settings import SiemSettings
from portal.database import Database
from portal.record.feeds import Feed
from tests.audit.test_audit_kinds import BARE, FULL, assert_valid
from tests.portal.site import MovableClock
from tests.servers.certificates import write_certificates
from tests.servers.siem import Fate, HttpServer, SyslogServer, numbers

ALICE = "demo:alice"
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # the database is not what it is about
HEAD = r"<(\d+)>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z \S+ sparekey - (\S+) - "


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates")
    write_certificates(folder)
    return folder


@pytest.fixture
def log(clock: MovableClock) -> AuditLog:
    return AuditLog(origin="test.invalid/audit", key=b"k" * 32, clock=clock, version="1")


@pytest.fixture
def http() -> Iterator[HttpServer]:
    server = HttpServer()
    yield server
    server.close()


@pytest.fixture
def feed(database: Database, log: AuditLog, clock: MovableClock) -> Callable[..., Feed]:
    def make(**settings: Any) -> Feed:
        told = SiemSettings(**{"name": "siem", "timeout": 2, **settings})
        return Feed(told, receiver(told, clock), database=database, log=log, clock=clock)

    return make


def write(database: Database, log: AuditLog, count: int) -> None:
    """Attempts with an intent and an outcome each."""
    event = Event(kind="password_reset", actor=ALICE, target=ALICE, source="192.0.2.7", reason="Tapte | mobilen =\nå")
    with database.write() as tx:
        for _ in range(count):
            log.outcome(tx, log.intent(tx, event), event, "success")


def test_a_collector_gets_each_outcome_once_and_in_order(
    database: Database, log: AuditLog, feed: Callable[..., Feed], http: HttpServer
) -> None:
    write(database, log, 25)
    one = feed(url=http.url, batch=7, authorization="Splunk 0123")
    assert one.run() == 25
    write(database, log, 5)
    assert (one.run(), one.run()) == (5, 0)

    assert numbers(http.got.texts) == list(range(1, 60, 2))
    assert {(h["Authorization"], h["Content-Type"]) for h in http.got.headers} == {
        ("Splunk 0123", "application/x-ndjson")
    }
    assert one.standing().waiting_since is None


@ON_SQLITE
def test_what_is_sent_is_valid_ocsf_with_the_entry_s_place_and_what_may_be_known(
    database: Database, log: AuditLog, feed: Callable[..., Feed], http: HttpServer
) -> None:
    from audit.kinds import KINDS

    with database.write() as tx:
        for kind in KINDS:
            log.record(tx, Event(kind=kind, **FULL), "failure", "some.code")
            log.record(tx, Event(kind=kind, **BARE), "success")
    feed(url=http.url).run()
    feed(url=http.url, name="without", personal=False).run()
    events = [json.loads(text) for text in http.got.texts]
    known, blind = events[: 2 * len(KINDS)], events[2 * len(KINDS) :]
    for event in events:
        assert_valid(event)
    with database.read() as db:
        body = bytes(db.execute(select(entries.c.body).where(entries.c.idx == 0)).scalar_one())
    place = {"origin": "test.invalid/audit", "index": 0, "leaf": leaf_hash(body).hex()}

    assert known[0]["unmapped"]["tlog"] == blind[0]["unmapped"]["tlog"] == place
    assert known[0]["actor"]["user"]["uid_alt"] == "demo:3"
    assert known[0]["src_endpoint"]["ip"] == "192.0.2.7"
    assert known[0]["unmapped"]["disclosed"]["reason"] == "because"
    for secret in ("demo:3", "192.0.2.7", "because"):
        assert secret not in json.dumps(blind)


@ON_SQLITE
@pytest.mark.parametrize(
    "fate", [Fate(500), Fate(403), Fate(302), Fate(404), Fate(429, retry_after="30"), Fate(reset_after=0, status=599)]
)
def test_what_is_not_taken_is_sent_again_later_and_nothing_is_passed_over(
    database: Database, log: AuditLog, feed: Callable[..., Feed], http: HttpServer, clock: MovableClock, fate: Fate
) -> None:
    write(database, log, 3)
    one = feed(url=http.url)
    http.got.fates += [fate, fate]
    assert (one.run(), one.run()) == (0, 0)
    assert http.got.deliveries == 1  # not before its time
    assert one.standing().waiting_since and one.standing().error
    clock.move(timedelta(seconds=31))
    assert one.run() == 0
    clock.move(timedelta(seconds=31))
    assert one.run() == 3

    assert numbers(http.got.texts) == [1, 3, 5]
    assert one.standing().error is None


@ON_SQLITE
def test_what_arrived_without_an_answer_comes_again_and_is_known_by_its_uid(
    database: Database, log: AuditLog, feed: Callable[..., Feed], http: HttpServer, clock: MovableClock
) -> None:
    write(database, log, 3)
    http.got.fates.append(Fate(reset_after=0))  # took it, and could not say so
    one = feed(url=http.url)
    assert one.run() == 0
    clock.move(timedelta(seconds=31))
    assert one.run() == 3
    uids = [json.loads(text)["metadata"]["uid"] for text in http.got.texts]
    assert len(uids) == 6 and uids[:3] == uids[3:] and len(set(uids)) == 3


@ON_SQLITE
def test_a_batch_that_is_too_large_is_halved(
    database: Database, log: AuditLog, feed: Callable[..., Feed], http: HttpServer
) -> None:
    write(database, log, 8)
    http.got.fates += [Fate(413), Fate(413)]
    assert feed(url=http.url).run() == 8
    assert numbers(http.got.texts) == list(range(1, 16, 2))


def test_another_worker_goes_on_when_the_first_has_died_and_never_before(
    database: Database, log: AuditLog, feed: Callable[..., Feed], http: HttpServer, clock: MovableClock
) -> None:
    write(database, log, 2)
    first, second = feed(url=http.url), feed(url=http.url)
    assert first.run() == 2
    write(database, log, 2)
    assert second.run() == 0  # the first one holds it
    clock.move(timedelta(minutes=1))
    assert (second.run(), first.run()) == (2, 0)
    assert numbers(http.got.texts) == [1, 3, 5, 7]


def test_an_intent_without_an_outcome_is_told_once_and_its_outcome_too(
    database: Database, log: AuditLog, feed: Callable[..., Feed], http: HttpServer, clock: MovableClock
) -> None:
    event = Event(kind="unlock", actor=ALICE, target=ALICE)
    with database.write() as tx:
        attempt = log.intent(tx, event)
    write(database, log, 1)
    one = feed(url=http.url)
    assert one.run() == 1
    clock.move(timedelta(hours=2))
    assert (one.run(), one.run()) == (1, 0)
    with database.write() as tx:
        log.outcome(tx, attempt, None, "unknown", recovered=True)
    assert one.run() == 1
    assert numbers(http.got.texts) == [2, 0, 3]


@ON_SQLITE
def test_one_exchanged_value_does_not_silence_the_rest(
    database: Database, log: AuditLog, feed: Callable[..., Feed], http: HttpServer
) -> None:
    from sqlalchemy import update

    from audit.tables import private

    write(database, log, 3)
    with database.write() as tx:
        tx.execute(update(private).where(private.c.idx == 3, private.c.k == 0).values(disclosure=b"x" * 40))
    assert feed(url=http.url).run() == 3
    assert ["disclosed" in json.loads(text)["unmapped"] for text in http.got.texts] == [True, False, True]


@ON_SQLITE
@pytest.mark.parametrize("polite", [True, False])
def test_syslog_over_tls_gets_each_once_in_rfc_5424(
    database: Database, log: AuditLog, feed: Callable[..., Feed], certificates: Path, polite: bool
) -> None:
    server = SyslogServer(certificates, polite=polite)
    write(database, log, 12)
    with database.write() as tx:
        log.record(tx, Event(kind="proof", actor=ALICE), "failure", "wrong_password")
    assert feed(url=server.url, ca_file=certificates / "ca.pem", batch=5).run() == 13
    server.close()

    heads = [re.match(HEAD, text) for text in server.got.texts]
    assert [head and head.groups() for head in heads] == [*[("110", "password_reset")] * 12, ("108", "proof")]
    assert numbers(server.got.texts) == [*range(1, 24, 2), 24]


@ON_SQLITE
def test_syslog_sends_again_what_was_cut_off(
    database: Database, log: AuditLog, feed: Callable[..., Feed], certificates: Path, clock: MovableClock
) -> None:
    server = SyslogServer(certificates)
    write(database, log, 400)
    one = feed(url=server.url, ca_file=certificates / "ca.pem", batch=1000, timeout=0.7)
    server.got.fates += [Fate(reset_after=1), Fate(reset_after=50_000), Fate(silent=1)]
    for _ in range(3):
        assert one.run() == 0
        assert (one.standing().error or "").startswith("Unconfirmed")
        clock.move(timedelta(minutes=1))
    assert one.run() == 400
    server.close()
    told = numbers(server.got.texts)  # the silent one has taken in all of them, and nobody could know
    assert told[-400:] == list(range(1, 800, 2)) and len(told) in (400, 800)


@ON_SQLITE
def test_a_receiver_nobody_vouches_for_gets_nothing(
    database: Database, log: AuditLog, feed: Callable[..., Feed], certificates: Path
) -> None:
    server = SyslogServer(certificates)
    write(database, log, 1)
    one = feed(url=server.url, ca_file=certificates / "other-ca.pem")
    assert one.run() == 0
    (finding,) = one.to.examine()
    server.close()
    assert server.got.texts == []
    assert "CERTIFICATE" in finding.message and "ca_file" in finding.remedy


@ON_SQLITE
def test_a_file_holds_each_line_once_even_after_a_crash_in_the_middle_of_one(
    database: Database, log: AuditLog, feed: Callable[..., Feed], tmp_path: Path, clock: MovableClock
) -> None:
    file = tmp_path / "sparekey.log"
    write(database, log, 6)
    one = feed(url=f"file://{file}")
    assert one.run() == 6
    whole = file.read_text()
    one._update(next=0)  # as if the process had died before it noted how far it was
    lines = whole.splitlines(keepends=True)
    file.write_text("".join(lines[:4]) + lines[4][:50])
    assert one.run() == 6
    assert file.read_text() == whole
    one._update(next=0)
    assert one.run() == 6
    assert file.read_text() == whole


@ON_SQLITE
def test_an_older_receiver_gets_cef(
    database: Database, log: AuditLog, feed: Callable[..., Feed], tmp_path: Path
) -> None:
    file = tmp_path / "cef.log"
    write(database, log, 2)
    feed(url=f"file://{file}", format="cef").run()
    first, second = file.read_text().splitlines()

    assert first.startswith("CEF:0|Sparekey|Sparekey|1|300104|password_reset|3|rt=")
    assert r"msg=Tapte | mobilen \=\nå" in first and "src=192.0.2.7" in first and "suser=demo:alice" in first
    assert " cn1=1 " in first and " cn1=3 " in second


@ON_SQLITE
def test_a_dead_receiver_holds_up_no_other(
    database: Database, log: AuditLog, feed: Callable[..., Feed], http: HttpServer, tmp_path: Path
) -> None:
    write(database, log, 2)
    http.got.fates.append(Fate(silent=2.5))
    dead, alive = feed(url=http.url, name="slow", timeout=0.2), feed(url=f"file://{tmp_path / 'log'}")
    began = time.monotonic()
    assert (dead.run(), alive.run()) == (0, 2)
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "http://siem.example.org/"},
        {"url": "tls://siem.example.org"},
        {"url": "file:relative.log"},
        {"url": "tls://a:1", "batch": 0},
        {"url": "tls://a:1", "timeout": 31},
        {"url": "tls://a:1", "name": ""},
    ],
)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        SiemSettings(**{"name": "x", **wrong})
