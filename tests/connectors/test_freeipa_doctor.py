"""`portal check` on a FreeIPA: silent when all is well, and with the exact grant for each right that is missing."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors.capabilities import Finding, Severity
from connectors.freeipa import FreeIpa
from tests.connectors.freeipa_settings import freeipa_settings
from tests.servers.freeipa import FreeIpaServer
from tests.servers.freeipa_realm import READ, SERVERS, SERVICE, WRITE
from tests.servers.people import State


@pytest.fixture
def server(freeipa_server: FreeIpaServer) -> Iterator[FreeIpaServer]:
    kept = dict(freeipa_server.rights)
    freeipa_server.person("alice")
    yield freeipa_server
    freeipa_server.rights, freeipa_server.list_limit, freeipa_server.policy_is_readable = kept, None, True
    freeipa_server.down.clear()
    freeipa_server.person("admin", groups=["admins"])
    freeipa_server.people[SERVICE] |= {"krbpasswordexpiration": "20560101000000Z", "nsaccountlock": False}


def found(server: FreeIpaServer, *, ahead: timedelta = timedelta(), **settings: object) -> dict[str, Finding]:
    """What is not in order, by subject."""
    configured = replace(freeipa_settings(server), **settings)  # type: ignore[arg-type]
    findings = FreeIpa(configured, lambda: datetime.now(UTC) + ahead).examine()
    return {finding.subject: finding for finding in findings if finding.severity is not Severity.OK}


def test_an_installation_in_order_leaves_nothing_to_say(server: FreeIpaServer) -> None:
    assert found(server) == {}
    said = {finding.subject for finding in FreeIpa(freeipa_settings(server), lambda: datetime.now(UTC)).examine()}
    assert {"connection", "service account", "people", "password rules", "right to write userpassword"} <= said


@pytest.mark.parametrize(
    ("attribute", "grant", "severity"),
    [
        ("userpassword", "--permissions='System: Change User password'", Severity.FAULT),
        ("krbpasswordexpiration", "--permissions='System: Change User password'", Severity.WARNING),
        ("krblastadminunlock", "--permissions='System: Unlock User'", Severity.FAULT),
        ("nsaccountlock", "--permissions='System: Unlock User'", Severity.FAULT),
        ("krbprincipalexpiration", "--right=write --attrs=krbprincipalexpiration --filter=", Severity.FAULT),
    ],
)
def test_each_missing_right_is_named_with_its_grant(
    server: FreeIpaServer, attribute: str, grant: str, severity: Severity
) -> None:
    server.rights[attribute] = READ
    missing = found(server)
    assert set(missing) == {f"right to write {attribute}"}
    finding = missing[f"right to write {attribute}"]
    assert finding.severity is severity and grant in finding.remedy


def test_a_state_that_cannot_be_read_is_a_fault(server: FreeIpaServer) -> None:
    server.rights["krblastfailedauth"] = ""
    missing = found(server)
    assert set(missing) == {"right to read the state"}
    assert "System: Read User Kerberos Login Attributes" in missing["right to read the state"].remedy


def test_recovery_addresses_and_policies_that_cannot_be_read_are_named(server: FreeIpaServer) -> None:
    server.rights["mailalternateaddress"], server.policy_is_readable = "", False
    missing = found(server)
    assert set(missing) == {"recovery addresses", "password rules"}
    assert "--attrs=mailAlternateAddress" in missing["recovery addresses"].remedy
    assert "cn=admins,cn=groups,cn=accounts,dc=example,dc=org" in missing["recovery addresses"].remedy


def test_a_right_over_administrators_is_too_much(server: FreeIpaServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_over", lambda entry, attribute: WRITE)
    assert set(found(server)) == {"right over administrators"}


def test_a_list_that_is_cut_short_and_a_server_that_is_down_are_named(server: FreeIpaServer) -> None:
    server.list_limit = 2
    server.down.add(SERVERS[1])
    assert set(found(server)) == {"size limit", "servers"}
    assert set(found(server, ask_every_server=False)) == {"size limit"}


def test_nobody_ordinary_to_look_at_is_a_fault(server: FreeIpaServer) -> None:
    assert set(found(server, protected_groups=("ipausers", "admins"))) == {"people"}


def test_a_clock_that_is_wrong_is_named(server: FreeIpaServer) -> None:
    assert "clock" in found(server, ahead=timedelta(minutes=5))
    assert "clock" not in found(server, ahead=timedelta(seconds=60))


@pytest.mark.parametrize(
    ("state", "remedy"),
    [
        ({"krbpasswordexpiration": "20200101000000Z"}, "--password-expiration="),
        ({"nsaccountlock": True}, "ipa user-enable sparekey"),
    ],
)
def test_a_service_account_that_is_refused_is_told_what_mends_it(
    server: FreeIpaServer, state: dict[str, object], remedy: str
) -> None:
    server.people[SERVICE] |= state
    refused = found(server)
    assert set(refused) == {"server", "service account"}
    assert remedy in refused["service account"].remedy


def test_a_server_that_is_down_is_named_and_the_other_looked_at(server: FreeIpaServer) -> None:
    refused = found(server, urls=("https://localhost:1", server.url))
    assert set(refused) == {"connection"}


def test_looking_changes_nothing(server: FreeIpaServer) -> None:
    server.person(state=State.LOCKED)
    server.commands.clear()
    found(server)
    assert set(server.commands) <= {"user_show", "user_find", "user_status", "pwpolicy_show"}
