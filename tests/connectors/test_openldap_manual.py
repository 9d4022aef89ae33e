"""What the manual gives an administrator to paste is accepted by slapd and leaves the doctor nothing to say."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.capabilities import Severity
from connectors.ldap import LdapDirectory
from tests.connectors.ldap_settings import settings_for
from tests.servers.slapd import Slapd

MANUAL = Path(__file__).parents[2] / "docs" / "openldap.md"


def entries() -> dict[str, dict[str, str | list[str]]]:
    """DN and attributes of every entry in the manual's LDIF blocks."""
    found: dict[str, dict[str, str | list[str]]] = {}
    for block in re.findall(r"```ldif\n(.*?)```", MANUAL.read_text(), re.DOTALL):
        for entry in block.strip().split("\n\n"):
            (_, dn), *lines = (line.split(": ", 1) for line in entry.splitlines())
            names = dict.fromkeys(name for name, _ in lines)
            found[dn] = {wanted: [value for name, value in lines if name == wanted] for wanted in names}
    return found


def test_the_policies_of_the_manual_satisfy_the_doctor(own_slapd: Slapd) -> None:
    policies = {dn: attributes for dn, attributes in entries().items() if "ou=policies" in dn}
    assert len(policies) == 2
    for dn, attributes in policies.items():
        own_slapd.put(dn, attributes)
    findings = list(LdapDirectory(settings_for(own_slapd), lambda: datetime.now(UTC)).examine())
    assert [finding for finding in findings if finding.severity is not Severity.OK] == []
    assert any("at least 15 characters" in finding.message for finding in findings)


def test_the_service_account_of_the_manual_signs_in(own_slapd: Slapd) -> None:
    account = entries()[own_slapd.service_dn]
    assert account["pwdPolicySubentry"] == ["cn=services,ou=policies,dc=example,dc=org"]
    own_slapd.put(own_slapd.service_dn, {**account, "userPassword": own_slapd.service_password})
    assert own_slapd.binds(own_slapd.service_dn, own_slapd.service_password)


@pytest.mark.parametrize("word", ["pwdAccountLockedTime", "shadowExpire", "pwdEndTime", "entryCSN", "entryUUID"])
def test_each_attribute_the_portal_reads_is_explained(word: str) -> None:
    assert f"| `{word}" in MANUAL.read_text()
