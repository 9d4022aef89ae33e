"""Whatever goes wrong at whatever moment: which error it ends in, and that nothing is done twice or said in clear."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from connectors.account import Account
from connectors.account import PasswordVerdict as Verdict
from connectors.errors import ConnectorError, Forbidden, Obstacle, Outage, Unavailable, Unconfirmed
from connectors.ldap import LdapDirectory
from connectors.ldap.pool import BUSY_PAUSES
from tests.connectors.contract_base import NEW
from tests.connectors.ldap_settings import settings_for
from tests.servers.faulty import Fate, Faulty, Kind
from tests.servers.people import PASSWORD
from tests.servers.proxy import Proxy
from tests.servers.slapd import Slapd

LIMIT = 0.5
NEVER_DONE = (Fate.LOST, Fate.CUT, Fate.RESET)
DONE = (Fate.DONE_IN_SILENCE, Fate.DONE_AND_CUT)


@dataclass
class Door:
    """A directory behind a faulty door, somebody in it, and a way in beside the door."""

    faulty: Faulty
    directory: LdapDirectory
    aside: LdapDirectory
    account: Account
    slapd: Slapd

    def password(self) -> str:
        return next(p for p in (PASSWORD, NEW) if self.slapd.binds(self.account.dn, p))


def _quick(slapd: Slapd, *urls: str) -> LdapDirectory:
    settings = replace(settings_for(slapd), urls=urls, connect_timeout=LIMIT, receive_timeout=LIMIT)
    return LdapDirectory(settings, lambda: datetime.now(UTC))


@pytest.fixture
def door(slapd_server: Slapd) -> Iterator[Door]:
    with Faulty(slapd_server) as faulty, Proxy(urlsplit(faulty.url).port or 0) as line:
        directory = _quick(slapd_server, f"ldaps://127.0.0.1:{line.port}")
        aside = _quick(slapd_server, slapd_server.tls_url)
        account = directory.find(slapd_server.person())
        directory.check_password(account, PASSWORD)  # both pools have a connection
        yield Door(faulty, directory, aside, aside.read(account.id), slapd_server)
        directory.close()
        aside.close()
        assert not [s for s in (slapd_server.service_password, PASSWORD, NEW) if s.encode() in line.sent]


def _reset(door: Door) -> None:
    door.directory.set_password(door.account, NEW)


def _change(door: Door) -> None:
    door.directory.change_password(door.account, PASSWORD, NEW)


def _require_change(door: Door) -> None:
    door.directory.require_password_change(door.account)


Deed = Callable[[Door], None]
DEEDS: dict[str, tuple[Kind, Deed]] = {
    "reset": (Kind.NEW_PASSWORD, _reset),
    "own change": (Kind.NEW_PASSWORD, _change),
    "must change": (Kind.MODIFY, _require_change),
}


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("fate", [*NEVER_DONE, *DONE])
def test_a_change_without_an_answer_is_unconfirmed_and_made_once_at_most(door: Door, deed: str, fate: Fate) -> None:
    kind, act = DEEDS[deed]
    door.faulty.next(kind, fate)
    with pytest.raises(Unconfirmed):
        act(door)
    assert door.faulty.met == [fate]  # a second try would have been passed on, and done
    changed = door.aside.read(door.account.id).state.revision != door.account.state.revision
    assert changed == (fate in DONE)


@pytest.mark.parametrize("fate", [Fate.CUT, Fate.RESET])
@pytest.mark.parametrize("kind", [Kind.SEARCH, Kind.BIND])
def test_what_only_reads_is_done_again_when_its_connection_breaks(door: Door, kind: Kind, fate: Fate) -> None:
    door.faulty.next(kind, fate)
    if kind is Kind.SEARCH:
        assert door.directory.read(door.account.id).id == door.account.id
    else:
        assert door.directory.check_password(door.account, PASSWORD).verdict is Verdict.RIGHT
    assert door.faulty.met == [fate]


def test_a_bind_without_an_answer_leaves_the_old_password_and_says_that_nothing_was_done(door: Door) -> None:
    door.faulty.next(Kind.BIND, Fate.LOST)
    with pytest.raises(Unavailable):
        _change(door)
    assert door.password() == PASSWORD


@pytest.mark.parametrize("code", [51, 52])
@pytest.mark.parametrize("deed", DEEDS)
def test_a_busy_server_is_asked_again_after_a_breath(door: Door, deed: str, code: int) -> None:
    kind, act = DEEDS[deed]
    door.faulty.next(kind, Fate.ANSWERED, times=2, code=code)
    act(door)
    assert door.faulty.met == [Fate.ANSWERED] * 2
    assert door.aside.read(door.account.id).state.revision != door.account.state.revision


@pytest.mark.parametrize("kind", [Kind.SEARCH, Kind.BIND])
def test_reading_is_as_patient(door: Door, kind: Kind) -> None:
    door.faulty.next(kind, Fate.ANSWERED, times=2, code=51)
    assert door.directory.check_password(door.account, PASSWORD).verdict is Verdict.RIGHT
    assert door.directory.read(door.account.id).id == door.account.id


@pytest.mark.parametrize(("code", "outage"), [(51, Outage.BUSY), (52, Outage.DOWN)])
def test_patience_has_an_end_and_nothing_was_done(door: Door, code: int, outage: Outage) -> None:
    tries = len(BUSY_PAUSES) + 1
    door.faulty.next(Kind.NEW_PASSWORD, Fate.ANSWERED, times=tries, code=code)
    start = time.monotonic()
    with pytest.raises(Unavailable) as caught:
        _reset(door)
    assert caught.value.outage is outage
    assert len(door.faulty.met) == tries
    assert time.monotonic() - start < sum(BUSY_PAUSES) + 0.5
    assert door.password() == PASSWORD


def test_a_busy_server_s_work_goes_to_another_one(door: Door) -> None:
    directory = _quick(door.slapd, door.faulty.url, door.slapd.tls_url)
    door.faulty.next(Kind.NEW_PASSWORD, Fate.ANSWERED, times=9, code=52)
    directory.set_password(door.account, NEW)
    assert len(door.faulty.met) == 1
    assert door.password() == NEW
    directory.close()


@pytest.mark.parametrize(
    ("code", "words", "kind", "obstacle"),
    [
        (10, "", Forbidden, Obstacle.READ_ONLY),
        (53, "shadow context; no update referral", Forbidden, Obstacle.READ_ONLY),
        (53, "operation restricted", Forbidden, Obstacle.READ_ONLY),
        (50, "", Forbidden, Obstacle.NO_RIGHT),
        (13, "confidentiality required", Forbidden, Obstacle.NOT_SECURE),
        (80, "internal error", Unavailable, None),
        (3, "", Unavailable, None),
    ],
)
def test_a_refusal_is_told_by_its_code_and_asked_once(
    door: Door, code: int, words: str, kind: type[ConnectorError], obstacle: Obstacle | None
) -> None:
    door.faulty.next(Kind.NEW_PASSWORD, Fate.ANSWERED, code=code, words=words)
    with pytest.raises(kind) as caught:
        _reset(door)
    assert getattr(caught.value, "obstacle", None) is obstacle
    assert door.faulty.met == [Fate.ANSWERED]
    assert door.password() == PASSWORD


def test_two_resets_at_the_same_moment_both_come_true(slapd_server: Slapd) -> None:
    """slapd answers one of two such changes with 16, noSuchAttribute, which looked like a missing right."""
    directory = LdapDirectory(settings_for(slapd_server), lambda: datetime.now(UTC))
    account = directory.find(slapd_server.person())
    failed: list[ConnectorError] = []

    def resets(number: int) -> None:
        for each in range(6):
            try:
                directory.set_password(account, f"Passw0rd-at-once-{number}-{each}")
            except ConnectorError as error:
                failed.append(error)

    threads = [threading.Thread(target=resets, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failed == []
    directory.close()


def test_a_server_killed_while_it_works_on_a_change_leaves_it_unconfirmed_and_unmade(own_slapd: Slapd) -> None:
    directory = _quick(own_slapd, own_slapd.url)
    account = directory.find(own_slapd.person())
    caught: list[ConnectorError] = []

    def reset() -> None:
        try:
            directory.set_password(account, NEW)
        except ConnectorError as error:
            caught.append(error)

    own_slapd.freeze()
    thread = threading.Thread(target=reset)
    thread.start()
    time.sleep(LIMIT / 5)
    os.kill(own_slapd.pid, signal.SIGKILL)  # it never gets to it
    thread.join(5)
    own_slapd.kill()
    own_slapd.start()
    assert [type(error) for error in caught] == [Unconfirmed]
    assert directory.read(account.id).state.revision == account.state.revision
    directory.close()
