"""The doctor names what Active Directory lacks, with the command that mends it, and changes nothing while looking."""

import secrets
import shlex
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors.capabilities import Finding, Severity
from connectors.ldap import LdapDirectory, LdapSettings
from tests.connectors.ad_settings import ad_settings
from tests.connectors.ldap_settings import settings_for
from tests.servers.samba import Samba
from tests.servers.samba_files import BASE, GROUPS, OWN_DATA, PEOPLE, grants
from tests.servers.samba_people import dn_of, filetime, person, policy, quoted
from tests.servers.slapd import Slapd

HISTORY = ["history"]
"""What Samba itself lacks, so that nothing can mend it."""


def examined(settings: LdapSettings) -> list[Finding]:
    return list(LdapDirectory(settings, lambda: datetime.now(UTC)).examine())


def bad(settings: LdapSettings) -> list[str]:
    return [finding.subject for finding in examined(settings) if finding.severity is not Severity.OK]


@dataclass
class Branch:
    """A unit of the domain with people and a service account of its own, whose rights a test may leave out."""

    server: Samba
    name: str
    password: str

    @property
    def base(self) -> str:
        return f"OU={self.name},{BASE}"

    @property
    def service_dn(self) -> str:
        return f"CN=svc-{self.name},OU=Services,{BASE}"

    @property
    def settings(self) -> LdapSettings:
        return replace(
            ad_settings(self.server), people_bases=(self.base,), bind_dn=self.service_dn, bind_password=self.password
        )

    def person(self, login: str) -> str:
        dn = dn_of(f"{self.name}{login}", self.base)
        self.server.put(dn, person(f"{self.name}{login}").entry)
        return dn

    def grant(self, *rights: tuple[str, str]) -> None:
        self.server.grant(((dn.replace(PEOPLE, self.base), sddl) for dn, sddl in rights), self.service_dn)

    def paste(self, remedy: str) -> None:
        """Do what the doctor prints for Samba."""
        line = next(line for line in remedy.splitlines() if line.startswith("samba-tool "))
        self.server.tool(*shlex.split(line)[1:])


@pytest.fixture
def branch(samba_server: Samba) -> Branch:
    """Without any right."""
    made = Branch(samba_server, f"b{secrets.token_hex(3)}", f"Aa1-{secrets.token_hex(9)}")
    samba_server.put(made.base, {"objectClass": "organizationalUnit"})
    samba_server.put(
        made.service_dn,
        {
            "objectClass": "user",
            "sAMAccountName": f"svc-{made.name}",
            "unicodePwd": quoted(made.password),  # type: ignore[dict-item]
            "userAccountControl": "66048",
        },
    )
    made.person("a")
    return made


def test_a_domain_set_up_by_the_manual_has_nothing_wrong(branch: Branch) -> None:
    branch.grant(*grants(), (PEOPLE, "".join(OWN_DATA)))
    findings = examined(branch.settings)
    assert [f.subject for f in findings if f.severity is not Severity.OK] == HISTORY
    assert {"connection", "service account", "people", "password rules", "right to reset passwords"} <= {
        finding.subject for finding in findings
    }


def test_looking_changes_nobody(samba_server: Samba, branch: Branch) -> None:
    before = samba_server.entry(branch.person("b"), "*", "nTSecurityDescriptor")
    assert examined(branch.settings)
    assert samba_server.entry(dn_of(f"{branch.name}b", branch.base), "*", "nTSecurityDescriptor") == before


def test_each_missing_right_is_named_and_its_remedy_mends_it(branch: Branch) -> None:
    faults = {f.subject: f for f in examined(branch.settings) if f.severity is Severity.FAULT}
    attributes = ("lockoutTime", "pwdLastSet", "accountExpires", "userAccountControl", "otherMailbox", "mobile", "url")
    assert set(faults) == {"right to reset passwords", *(f"right to write {name}" for name in attributes)}
    for fault in faults.values():
        assert f'dsacls "{branch.base}"' in fault.remedy and f"svc-{branch.name}@ad.example.org" in fault.remedy
        branch.paste(fault.remedy)
    assert bad(branch.settings) == HISTORY
    directory = LdapDirectory(branch.settings, lambda: datetime.now(UTC))
    directory.set_password(directory.find(f"{branch.name}a"), "A-new-passw0rd-2")


def test_a_state_that_cannot_be_read_is_named(branch: Branch) -> None:
    restrictions = "4c164200-20c0-11d0-a768-00aa006e0529"
    rule = f"(OD;CIIO;RP;{restrictions};bf967aba-0de6-11d0-a285-00aa003049e2;$SID)"
    branch.grant(*grants(), (branch.base, rule))
    finding = next(f for f in examined(branch.settings) if f.subject == "right to read the state")
    assert finding.severity is Severity.FAULT
    assert "userAccountControl" in finding.message and "pwdLastSet" in finding.message
    assert ":GR;;user" in finding.remedy


def test_a_unit_where_everybody_is_privileged_is_named(branch: Branch) -> None:
    branch.server.replace(branch.person("a"), {"adminCount": "1"})
    finding = next(f for f in examined(branch.settings) if f.subject == "right to read the state")
    assert finding.severity is Severity.WARNING and "nobody to look at" in finding.message


def test_fine_grained_rules_that_cannot_be_read_are_named_and_the_remedy_shows_them(branch: Branch) -> None:
    dn = branch.person("b")
    container = f"CN=Password Settings Container,CN=System,{BASE}"
    branch.server.put(f"CN={branch.name},{container}", policy(50, dn, {"msDS-MinimumPasswordLength": "12"}))
    finding = next(f for f in examined(branch.settings) if f.subject == "password rules" and f.remedy)
    assert finding.severity is Severity.WARNING and f"CN={branch.name},CN=Password Settings" in finding.message

    def rules() -> tuple[int, bool]:
        directory = LdapDirectory(branch.settings, lambda: datetime.now(UTC))
        told = directory.password_rules(directory.find(f"{branch.name}b"))
        return told.min_length, told.quality_checked

    assert rules() == (0, True)
    branch.paste(finding.remedy)
    assert "password rules" not in bad(branch.settings)
    assert rules() == (12, False)


@pytest.mark.parametrize(
    ("attributes", "told"),
    [
        ({"accountExpires": filetime(datetime.now(UTC) + timedelta(days=30))}, "it ends"),
        ({"userAccountControl": "512"}, "its password expires"),
    ],
    ids=["end", "password"],
)
def test_a_service_account_that_will_stop_is_named(branch: Branch, attributes: dict[str, str], told: str) -> None:
    branch.grant(*grants())
    branch.server.replace(branch.service_dn, attributes)
    branch.server.join(f"CN=aging,{GROUPS}", branch.service_dn)
    finding = next(f for f in examined(branch.settings) if f.subject == "service account" and f.remedy)
    assert finding.severity is Severity.WARNING and told in finding.message
    assert f"svc-{branch.name} -PasswordNeverExpires $true" in finding.remedy
    branch.paste(finding.remedy)
    branch.server.replace(branch.service_dn, {"accountExpires": "0"})
    assert "service account" not in bad(branch.settings)


def test_a_service_account_with_all_rights_is_named(branch: Branch) -> None:
    branch.server.join(f"CN=Domain Admins,CN=Users,{BASE}", branch.service_dn)
    assert sorted(bad(branch.settings)) == [*HISTORY, "service account", "too much power"]


def test_the_privileged_are_named_and_a_mark_left_behind_is_told(branch: Branch) -> None:
    branch.grant(*grants())
    admin, former = branch.person("admin"), branch.person("former")
    branch.server.join(f"CN=Domain Admins,CN=Users,{BASE}", admin)
    for dn in (admin, former):
        branch.server.replace(dn, {"adminCount": "1"})
    findings = [f for f in examined(branch.settings) if f.subject == "protected"]
    assert [f.severity for f in findings] == [Severity.OK, Severity.WARNING]
    assert "2 are never changed here" in findings[0].message
    assert f'"{former}" -Clear adminCount' in findings[1].remedy


def test_a_server_of_another_kind_is_a_fault(slapd_server: Slapd, samba_server: Samba) -> None:
    plain = settings_for(slapd_server)
    wrong = replace(
        ad_settings(samba_server), urls=plain.urls, ca_file=plain.ca_file, bind_dn=plain.bind_dn,
        bind_password=plain.bind_password, people_bases=plain.people_bases, person_filter=plain.person_filter,
    )  # fmt: skip
    assert "kind" in bad(wrong)


def test_a_wrong_certificate_is_a_fault(samba_server: Samba) -> None:
    assert bad(replace(ad_settings(samba_server), ca_file=samba_server.other_ca_file)) == ["TLS"]
