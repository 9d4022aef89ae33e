"""The doctor names each missing right with the rule that grants it, and changes nothing while looking."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connectors.capabilities import Finding, Severity
from connectors.ldap import LdapDirectory, LdapSettings
from tests.connectors.ldap_settings import settings_for
from tests.servers.people import State
from tests.servers.running import free_port
from tests.servers.slapd import Slapd
from tests.servers.slapd_files import PEOPLE, SERVICE_DN, SlapdOptions, manual

SlapdWith = Callable[[SlapdOptions], Slapd]


def examined(settings: LdapSettings) -> list[Finding]:
    return list(LdapDirectory(settings, lambda: datetime.now(UTC)).examine())


def bad(findings: list[Finding]) -> list[str]:
    return [finding.subject for finding in findings if finding.severity is not Severity.OK]


def test_a_server_set_up_by_the_manual_has_nothing_wrong(slapd_with: SlapdWith) -> None:
    findings = examined(settings_for(slapd_with(SlapdOptions())))
    assert bad(findings) == []
    assert {"connection", "service account", "people", "password rules", "right to write userPassword"} <= {
        finding.subject for finding in findings
    }


def test_looking_changes_nobody(own_slapd: Slapd) -> None:
    for state in (State.ORDINARY, State.LOCKED, State.MUST_CHANGE):
        own_slapd.person(state=state)

    def everything() -> str:
        with own_slapd.admin() as admin:
            admin.search(PEOPLE, "(objectClass=*)", attributes=["*", "+"])
            return repr(sorted((e["dn"], sorted(e["raw_attributes"].items())) for e in admin.response))

    before = everything()
    assert examined(settings_for(own_slapd))
    assert everything() == before


@pytest.mark.parametrize(
    ("attributes", "right", "weaker", "subject"),
    [
        ("userPassword", "=wx", "none", "right to write userPassword"),
        ("pwdAccountLockedTime,pwdReset,pwdEndTime,shadowExpire", "write", "read", "right to write pwdReset"),
        ("mailAlternateAddress,mobile,sshPublicKey", "write", "read", "right to write sshPublicKey"),
    ],
)
def test_a_missing_right_is_named_and_its_remedy_mends_it(
    slapd_with: SlapdWith, attributes: str, right: str, weaker: str, subject: str
) -> None:
    granted = f'attrs={attributes}\n  by dn.exact="{SERVICE_DN}" '
    assert granted + right in manual("access")
    lacking = manual("access").replace(granted + right, granted + weaker)
    faults = {f.subject: f for f in examined(settings_for(slapd_with(SlapdOptions(access=lacking))))}
    faults = {s: f for s, f in faults.items() if f.severity is not Severity.OK}
    assert faults[subject].severity is Severity.FAULT
    mended = "\n".join([*(_slapd_conf(fault.remedy) for fault in faults.values()), lacking])
    assert bad(examined(settings_for(slapd_with(SlapdOptions(access=mended))))) == []


def test_a_state_that_cannot_be_read_is_named_and_its_remedy_mends_it(slapd_with: SlapdWith) -> None:
    hidden = manual("access").replace("pwdStartTime,pwdFailureTime", "gecos")
    findings = examined(settings_for(slapd_with(SlapdOptions(access=hidden))))
    assert bad(findings) == ["right to read the state"]
    finding = next(f for f in findings if f.severity is Severity.FAULT)
    assert "pwdStartTime" in finding.message and "pwdFailureTime" in finding.message
    mended = slapd_with(SlapdOptions(access=_slapd_conf(finding.remedy) + "\n" + hidden))
    assert bad(examined(settings_for(mended))) == []


def test_the_right_to_manage_is_called_too_much(slapd_with: SlapdWith) -> None:
    managing = slapd_with(SlapdOptions(access=manual("access").replace("=wx", "=mwx")))
    assert bad(examined(settings_for(managing))) == ["right to write userPassword"]
    login = managing.person(state=State.MUST_CHANGE)
    directory = LdapDirectory(settings_for(managing), lambda: datetime.now(UTC))
    directory.set_password(directory.find(login), "Another-passw0rd-5")
    assert not directory.find(login).state.must_change


def test_passwords_that_can_be_read_are_called_too_much(slapd_with: SlapdWith) -> None:
    reading = slapd_with(SlapdOptions(access=manual("access").replace("=wx", "=rwx")))
    assert bad(examined(settings_for(reading))) == ["right to write userPassword"]


def test_a_server_without_the_overlay_is_told_to_load_it(slapd_with: SlapdWith) -> None:
    readable = "access to * by users read by anonymous auth\n"
    plain = slapd_with(SlapdOptions(overlay="overlay memberof\n", access=readable))
    findings = {f.subject: f for f in examined(settings_for(plain))}
    assert findings["password policy"].severity is Severity.FAULT
    assert "overlay ppolicy" in findings["password policy"].remedy


def test_nobody_found_is_a_fault(slapd_server: Slapd) -> None:
    settings = replace(settings_for(slapd_server), person_filter="(objectClass=device)")
    assert "people" in bad(examined(settings))


def test_a_wrong_password_of_the_service_account_is_a_fault(slapd_server: Slapd) -> None:
    settings = replace(settings_for(slapd_server), bind_password="wrong")
    assert bad(examined(settings)) == ["service account"]


def test_a_strange_certificate_and_a_dead_server_are_faults(slapd_with: SlapdWith) -> None:
    fresh = slapd_with(SlapdOptions())
    settings = settings_for(fresh)
    strange = examined(replace(settings, ca_file=fresh.other_ca_file))
    assert bad(strange) == ["TLS"] and "ca_file" in strange[0].remedy
    dead = examined(replace(settings, urls=(f"ldap://127.0.0.1:{free_port()}", fresh.url)))
    assert bad(dead) == ["connection"]


def test_a_policy_that_surprises_is_told(own_slapd: Slapd) -> None:
    settings = replace(settings_for(own_slapd), default_policy_dn="cn=young,ou=policies,dc=example,dc=org")
    assert bad(examined(settings)) == ["lock", "password rules"]
    careful = replace(settings, default_policy_dn="cn=careful,ou=policies,dc=example,dc=org")
    assert "right to write userPassword" in bad(examined(careful))
    unknown = replace(settings, default_policy_dn="cn=none,ou=policies,dc=example,dc=org")
    assert bad(examined(unknown)) == ["password rules"]


def test_a_size_limit_is_seen_and_the_manual_s_line_lifts_it(slapd_with: SlapdWith) -> None:
    limited = slapd_with(SlapdOptions(limits=f'limits dn.exact="{SERVICE_DN}" size=10'))
    findings = {f.subject: f for f in examined(settings_for(limited))}
    assert findings["size limit"].severity is Severity.WARNING
    mended = slapd_with(SlapdOptions(limits=findings["size limit"].remedy))
    assert bad(examined(settings_for(mended))) == []


def _slapd_conf(remedy: str) -> str:
    return remedy.splitlines()[0].removeprefix("slapd.conf: ")
