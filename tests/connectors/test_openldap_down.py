"""A real slapd that is stopped, killed, frozen and started again under the connector; and many sign-ins in a row."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.account import PasswordVerdict as Verdict
from connectors.errors import Unavailable, Unconfirmed
from connectors.ldap import LdapDirectory
from tests.connectors.contract_base import NEW
from tests.connectors.ldap_settings import settings_for
from tests.servers.running import wait_until
from tests.servers.slapd import Slapd


@pytest.fixture
def directory(own_slapd: Slapd) -> Iterator[LdapDirectory]:
    quick = replace(settings_for(own_slapd), connect_timeout=0.5, receive_timeout=0.5)
    directory = LdapDirectory(quick, lambda: datetime.now(UTC))
    yield directory
    directory.close()


def test_a_server_started_again_is_used_again_by_all(directory: LdapDirectory, own_slapd: Slapd) -> None:
    account = directory.find(own_slapd.person())
    directory.check_password(account, own_slapd.password)
    own_slapd.kill()
    for attempt in (
        lambda: directory.read(account.id),
        lambda: directory.set_password(account, NEW),
        lambda: directory.check_password(account, NEW),
    ):
        with pytest.raises(Unavailable):
            attempt()
    own_slapd.start()
    directory.set_password(account, NEW)
    assert directory.check_password(account, NEW).verdict is Verdict.RIGHT


def test_a_frozen_server_holds_nobody_up_for_long_and_is_used_when_it_wakes(
    directory: LdapDirectory, own_slapd: Slapd
) -> None:
    account = directory.find(own_slapd.person())
    directory.check_password(account, own_slapd.password)
    own_slapd.freeze()
    try:
        start = time.monotonic()
        with pytest.raises(Unconfirmed):
            directory.set_password(account, NEW)
        with pytest.raises(Unavailable):
            directory.check_password(account, own_slapd.password)
        with pytest.raises(Unavailable):
            directory.read(account.id)
        assert time.monotonic() - start < 4 * 0.5 + 2
    finally:
        own_slapd.thaw()

    def awake() -> bool:
        try:
            return directory.read(account.id).id == account.id
        except Unavailable:
            return False

    wait_until(awake, seconds=10, what="the thawed server")
    # What nobody could know: it was done. That is why the account is read back before anything is repeated.
    assert directory.check_password(account, NEW).verdict is Verdict.RIGHT


def test_sign_ins_in_a_row_use_no_new_ports(directory: LdapDirectory, own_slapd: Slapd) -> None:
    account = directory.find(own_slapd.person())
    directory.check_password(account, own_slapd.password)
    before = _ports_waiting(own_slapd.port)
    for _ in range(300):
        assert directory.check_password(account, own_slapd.password).verdict is Verdict.RIGHT
    assert _ports_waiting(own_slapd.port) - before <= 1


def _ports_waiting(port: int) -> int:
    """Local ports that are or were connected to this server and cannot be used for another connection yet."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    return sum(line.split()[2].endswith(f":{port:04X}") for line in lines)
