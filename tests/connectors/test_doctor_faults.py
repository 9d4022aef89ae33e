"""Faults put into real servers, one in each line of the table: the doctor names every one of them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.capabilities import Finding, Severity
from connectors.ldap import LdapDirectory, LdapSettings
from tests.connectors.copies import a_pair
from tests.connectors.ldap_settings import settings_for
from tests.servers.people import dn_of
from tests.servers.running import free_port
from tests.servers.slapd import Slapd, slapd
from tests.servers.slapd_files import GROUPS, PEOPLE, POLICIES, SERVICE_DN, SlapdOptions, manual

OWN = f'access to dn.base="{SERVICE_DN}" by self read by * break\n'
OPEN = "access to * by users read by anonymous auth\n"
CONFIG = f'database config\naccess to * by dn.exact="{SERVICE_DN}" read by * none'


@dataclass(frozen=True)
class Fault:
    """What is wrong in the settings or in the server, and what the doctor calls it."""

    named: str
    settings: Any = None
    server: SlapdOptions | None = None

    def __str__(self) -> str:
        return self.named.replace(" ", "-")


def power(attribute: str) -> SlapdOptions:
    rule = f'access to dn.subtree="{PEOPLE}" attrs={attribute} by dn.exact="{SERVICE_DN}" write by * break\n'
    return SlapdOptions(access=rule + manual("access"))


FAULTS = (
    Fault("connection", lambda s: replace(s, urls=(f"ldap://127.0.0.1:{free_port()}", *s.urls))),
    Fault("TLS", lambda s: replace(s, ca_file=s.ca_file.parent / "other-ca.pem")),
    Fault("service account", lambda s: replace(s, bind_password="wrong")),
    Fault("people", lambda s: replace(s, person_filter="(objectClass=device)")),
    Fault("schema", lambda s: replace(s, phone_attribute="noSuchAttribute")),
    Fault("schema", lambda s: replace(s, recovery_mail_attributes=("mailAlternateAddress", "noSuchAttribute"))),
    Fault("object class", lambda s: replace(s, phone_attribute="ipHostNumber")),
    Fault("groups", lambda s: replace(s, groups_base="ou=gone,dc=example,dc=org")),
    Fault("groups", lambda s: replace(s, protected_groups=(f"cn=gone,{GROUPS}",))),
    Fault("groups", lambda s: replace(s, protected_dns=(f"uid=gone,{PEOPLE}",))),
    Fault("lock", lambda s: replace(s, default_policy_dn=f"cn=young,{POLICIES}")),
    Fault("password rules", lambda s: replace(s, default_policy_dn=f"cn=none,{POLICIES}")),
    Fault("certificate", server=SlapdOptions(certificate_days=10)),
    Fault("too much power", server=power("mail,manager")),
    Fault("right over the protected", server=power("userPassword")),
    Fault("size limit", server=SlapdOptions(limits=f'limits dn.exact="{SERVICE_DN}" size=10')),
    Fault("password policy", server=SlapdOptions(overlay="overlay memberof\n", access=OPEN)),
    Fault("right to read the state", server=SlapdOptions(access=manual("access").replace("pwdFailureTime", "gecos"))),
)  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_every_fault_is_named_with_what_mends_it(fault: Fault, slapd_server: Slapd) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(slapd(fault.server)) if fault.server else slapd_server
        settings = settings_for(server)
        found = wrong(fault.settings(settings) if fault.settings else settings)
        assert fault.named in found
        assert found[fault.named].remedy


def test_there_are_enough_of_them() -> None:
    assert len(FAULTS) >= 15


def test_a_service_account_that_anybody_can_lock_is_named(slapd_with: Callable[[SlapdOptions], Slapd]) -> None:
    server = slapd_with(SlapdOptions(access=OWN + manual("access")))
    server.replace(SERVICE_DN, {"pwdPolicySubentry": f"cn=default,{POLICIES}"})
    assert "locks it" in wrong(settings_for(server))["service account"].message


def test_a_copy_that_has_fallen_behind_is_named() -> None:
    with a_pair() as pair:
        login = pair.person()
        settings = replace(pair.settings(pair.main, pair.copy), person_filter=f"(uid={login})")
        assert "replication" not in wrong(settings)
        pair.part()
        pair.main.person(login)
        found = wrong(settings)["replication"]
        assert pair.copy.url in found.message and "contextCSN" in found.remedy


def test_attributes_without_an_index_are_named_where_it_costs(
    slapd_with: Callable[[SlapdOptions], Slapd], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.ldap.schema_doctor.FEW", 0)
    finding = wrong(replace(settings_for(slapd_with(SlapdOptions(more=CONFIG))), mail_attributes=("mail", "pager")))[
        "index"
    ]
    assert "none for pager:" in finding.message
    assert "olcDbIndex: pager eq" in finding.remedy


def test_what_is_wrong_with_some_says_with_how_many(slapd_with: Callable[[SlapdOptions], Slapd]) -> None:
    one = f'access to dn.base="{dn_of("alice")}" attrs=mobile by dn.exact="{SERVICE_DN}" read by * break\n'
    server = slapd_with(SlapdOptions(access=one + manual("access")))
    settings = replace(settings_for(server), person_filter="(|(uid=alice)(uid=bob))")
    assert "1 of 2 people looked at" in wrong(settings)["right to write mobile"].message


def wrong(settings: LdapSettings) -> dict[str, Finding]:
    findings: Iterator[Finding] = LdapDirectory(settings, lambda: datetime.now(UTC)).examine()
    return {f.subject: f for f in findings if f.severity is not Severity.OK}
