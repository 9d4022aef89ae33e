"""The doctor names each missing right with the LDIF that grants it; what the manual gives leaves nothing to say."""

import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connectors.capabilities import Finding, Severity
from connectors.ldap import LdapDirectory, LdapSettings, ds389_doctor
from connectors.ldap.ds389_settings import Ds389Settings
from connectors.ldap.entry import Entry
from connectors.ldap.opener import connect
from tests.connectors.ldap_settings import settings_for, settings_for_389
from tests.servers.ds389 import Ds389, ds389
from tests.servers.ds389_files import manual
from tests.servers.ds389_people import policy
from tests.servers.people import dn_of
from tests.servers.slapd import Slapd
from tests.servers.slapd_files import PEOPLE, POLICIES, SERVICE_DN

Account = Callable[..., Ds389Settings]


@pytest.fixture(scope="module")
def ds389_server() -> Iterator[Ds389]:
    """One of this file's own: others make people whom the doctor would look at."""
    with ds389() as server:
        yield server


@pytest.fixture
def account(ds389_server: Ds389) -> Account:
    """Makes another service account by the manual, with other access rules, so that nobody else's change."""

    def make(edit: Callable[[str], str] = str, **attributes: str) -> Ds389Settings:
        dn = f"cn=s{secrets.token_hex(4)},ou=services,dc=example,dc=org"
        ds389_server.put(dn, {
            "objectClass": ["organizationalRole", "simpleSecurityObject"], "cn": dn[3:12],
            "userPassword": "of-this-test-only", "pwdPolicySubentry": f"cn=services,{POLICIES}",
            "nsPagedSizeLimit": "-1", "nsSizeLimit": "-1", "nsLookThroughLimit": "-1", **attributes,
        })  # fmt: skip
        rules = re.sub(r"^aci: .*ldap:///self.*\n", "", manual("access"), flags=re.MULTILINE)
        ds389_server.load(edit(rules).replace(SERVICE_DN, dn))
        return replace(settings_for_389(ds389_server), bind_dn=dn, bind_password="of-this-test-only")

    return make


def examined(settings: LdapSettings) -> list[Finding]:
    return list(LdapDirectory(settings, lambda: datetime.now(UTC)).examine())


def bad(findings: list[Finding]) -> list[str]:
    return [finding.subject for finding in findings if finding.severity is not Severity.OK]


def without(*names: str) -> Callable[[str], str]:
    """Takes attributes out of every rule."""

    def edit(rules: str) -> str:
        for name in names:
            rules = re.sub(rf"( \|\| {name}\b|\b{name} \|\| )", "", rules)
        return rules

    return edit


def without_rule(words: str) -> Callable[[str], str]:
    return lambda rules: re.sub(rf"^aci: .*{words}.*\n", "", rules, flags=re.MULTILINE)


def test_a_server_set_up_by_the_manual_has_nothing_wrong(ds389_server: Ds389) -> None:
    findings = examined(settings_for_389(ds389_server))
    assert bad(findings) == []
    assert {"connection", "people", "password rules", "right to read the state", "right to reset and unlock"} <= {
        finding.subject for finding in findings
    }


def test_looking_changes_nobody(ds389_server: Ds389, account: Account) -> None:
    settings = account()
    before = ds389_server.entry(dn_of("alice"))
    assert examined(settings)
    assert ds389_server.entry(dn_of("alice")) == before


@pytest.mark.parametrize(
    ("edit", "subject"),
    [
        (without("passwordRetryCount", "accountUnlockTime"), "right to reset and unlock"),
        (without("pwdUpdateTime"), "right to read the state"),
        (without("entryusn"), "right to read the state"),
        (without_rule("Sparekey: disable"), "right to disable"),
        (without_rule("Sparekey: disable"), "right to extend accounts"),
        (without_rule("Sparekey: reset"), "right to reset and unlock"),
        (without_rule("Sparekey: what people change"), "right to write mobile"),
        (without_rule("Sparekey: find people"), "people"),
    ],
)
def test_a_missing_right_is_named_and_its_remedy_mends_it(
    ds389_server: Ds389, account: Account, edit: Callable[[str], str], subject: str
) -> None:
    settings = account(edit)
    faults = {f.subject: f for f in examined(settings) if f.severity is Severity.FAULT}
    assert subject in faults
    for fault in faults.values():
        ds389_server.load(fault.remedy)
    assert subject not in bad(examined(settings))


def test_a_policy_that_cannot_be_read_is_named_and_its_remedy_mends_it(ds389_server: Ds389, account: Account) -> None:
    settings = account(lambda rules: rules[: rules.index("dn: cn=config")])
    faults = [f for f in examined(settings) if f.severity is not Severity.OK]
    assert [f.subject for f in faults] == ["password rules"]
    ds389_server.load(faults[0].remedy)
    assert bad(examined(settings)) == []


def test_a_local_policy_that_cannot_be_read_is_named_and_its_remedy_mends_it(
    ds389_server: Ds389, account: Account
) -> None:
    container = f"cn=nsPwPolicyContainer,{PEOPLE}"  # as `dsconf localpwp` makes it
    ds389_server.put(container, {"objectClass": "nsContainer"})
    local = f"cn=local,{container}"
    ds389_server.put(local, {"objectClass": ["ldapSubEntry", "passwordPolicy"], "passwordMinLength": "13",
                             "passwordCheckSyntax": "on"})  # fmt: skip
    login = ds389_server.person(pwdPolicySubentry=local)
    settings = replace(account(), person_filter=f"(uid={login})")
    fault = next(f for f in examined(settings) if f.subject == "password rules")
    assert local in fault.message
    ds389_server.load(fault.remedy)
    mended = next(f for f in examined(settings) if f.subject == "password rules")
    assert mended.message == f"{local}: at least 13 characters, 0 old passwords remembered"
    ds389_server.person(login)  # so that nobody is left under it


def test_passwords_that_can_be_read_are_called_too_much(account: Account) -> None:
    reading = account(lambda rules: rules.replace("objectClass || uid", "objectClass || userPassword || uid"))
    assert "right to read userPassword" in bad(examined(reading))


def test_a_size_limit_is_seen_and_its_remedy_lifts_it(ds389_server: Ds389, account: Account) -> None:
    for _ in range(3):
        ds389_server.person()
    settings = account(nsSizeLimit="2", nsPagedSizeLimit="2")
    findings = {f.subject: f for f in examined(settings)}
    assert findings["size limit"].severity is Severity.WARNING
    ds389_server.load(findings["size limit"].remedy)
    assert bad(examined(settings)) == []


def test_another_kind_of_server_is_told_apart(ds389_server: Ds389, slapd_server: Slapd) -> None:
    slapd = settings_for(slapd_server)
    mistaken = replace(settings_for_389(ds389_server), urls=slapd.urls, ca_file=slapd.ca_file,
                       bind_dn=slapd.bind_dn, bind_password=slapd.bind_password)  # fmt: skip
    findings = {f.subject: f for f in examined(mistaken)}
    assert findings["server"].severity is Severity.FAULT and "kind" in findings["server"].remedy


def test_a_policy_that_surprises_is_told(ds389_server: Ds389) -> None:
    settings = settings_for_389(ds389_server)
    told = {f.subject: f for f in examined(replace(settings, default_policy_dn=policy("young")))}
    assert "passwordMinAge: 0" in told["password rules"].remedy
    assert "passwordMustChange: on" in told["right to ask for a new password"].remedy
    assert "passwordLockout: on" in told["lock"].remedy
    forgetful = policy("forgetful")
    ds389_server.put(forgetful, {"objectClass": ["ldapSubEntry", "passwordPolicy"], "cn": "forgetful"})
    ds389_server.replace(forgetful, {"passwordAdminDN": SERVICE_DN})
    told = {f.subject: f for f in examined(replace(settings, default_policy_dn=forgetful))}
    assert "passwordTrackUpdateTime: on" in told["state"].remedy
    assert told["right to write userPassword"].severity is Severity.WARNING


def test_a_server_without_numbers_for_writes_is_told_to_count_them(ds389_server: Ds389) -> None:
    settings = settings_for_389(ds389_server)
    link = connect(settings, settings.urls[0])
    link.bind(settings.bind_dn, settings.bind_password)
    uncounted = Entry(dn_of("alice"), {"nsuniqueid": [b"1"]})
    findings = {f.subject: f for f in ds389_doctor.examine_rights(settings, link, uncounted, PEOPLE)}
    link.close()
    assert "cn=USN,cn=plugins,cn=config" in findings["state"].remedy


def test_a_wrong_password_of_the_service_account_is_a_fault(ds389_server: Ds389) -> None:
    assert bad(examined(replace(settings_for_389(ds389_server), bind_password="wrong"))) == ["service account"]
