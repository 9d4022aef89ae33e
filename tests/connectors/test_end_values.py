"""The last day on the page is the value in the directory: leap days, changes of clocks, far zones; on real servers."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from connectors.ldap import LdapDirectory, LdapSettings
from tests.connectors.ad_settings import ad_settings
from tests.connectors.ldap_settings import settings_for, settings_for_389
from tests.servers.ds389 import Ds389
from tests.servers.samba import Samba
from tests.servers.slapd import Slapd

DAYS = [  # the last day, and the moment in UTC at which it is over there
    ("Europe/Oslo", date(2032, 2, 29), "20320229230000Z"),
    ("Europe/Oslo", date(2031, 3, 30), "20310330220000Z"),  # clocks go forward on it
    ("Europe/Oslo", date(2031, 10, 26), "20311026230000Z"),  # and back
    ("Pacific/Auckland", date(2031, 12, 31), "20311231110000Z"),
    ("America/St_Johns", date(2031, 12, 31), "20320101033000Z"),
]
FIRST_DAY_OFF = {date(2032, 2, 29): "22705", date(2031, 3, 30): "22369", date(2031, 10, 26): "22579"}
FIRST_DAY_OFF |= {date(2031, 12, 31): "22645"}  # days since 1970, from `date -d ... +%s` divided by 86400


def written(settings: LdapSettings, login: str, zone: str, last_day: date) -> str:
    """Set the end as the portal does, read it back, and return the entry's DN."""
    directory = LdapDirectory(replace(settings, time_zone=zone), lambda: datetime.now(UTC))
    try:
        account = directory.find(login)
        directory.set_end_date(account, last_day)
        assert directory.read(account.id).state.ends_on == last_day
        return account.dn
    finally:
        directory.close()


@pytest.mark.parametrize(("zone", "last_day", "over"), DAYS)
def test_openldap(slapd_server: Slapd, zone: str, last_day: date, over: str) -> None:
    login = slapd_server.person(shadowExpire="20000", pwdEndTime="20240101000000Z")
    entry = slapd_server.entry(written(settings_for(slapd_server), login, zone, last_day))
    assert entry["shadowExpire"] == [FIRST_DAY_OFF[last_day].encode()]
    assert entry["pwdEndTime"] == [over.encode()]


@pytest.mark.parametrize(("zone", "last_day", "over"), DAYS)
def test_389ds(ds389_server: Ds389, zone: str, last_day: date, over: str) -> None:
    login = ds389_server.person(shadowExpire="20000")
    entry = ds389_server.entry(written(settings_for_389(ds389_server), login, zone, last_day))
    assert entry["shadowExpire"] == [FIRST_DAY_OFF[last_day].encode()]


@pytest.mark.parametrize(("zone", "last_day", "over"), DAYS)
def test_active_directory(samba_server: Samba, zone: str, last_day: date, over: str) -> None:
    dn = written(ad_settings(samba_server), samba_server.person(), zone, last_day)
    moment = datetime.strptime(over, "%Y%m%d%H%M%S%z")
    since_1601 = int(moment.timestamp() + 11_644_473_600) * 10_000_000  # MS-DTYP, 2.3.3: steps of 100 nanoseconds
    assert samba_server.entry(dn, "accountExpires")["accountExpires"] == [str(since_1601).encode()]
