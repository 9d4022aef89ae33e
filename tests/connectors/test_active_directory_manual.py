"""What the manual gives an administrator to paste fits together: Windows, Samba, the settings, and the doctor."""

import re
import tomllib
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from ldap3 import SUBTREE
from pydantic import TypeAdapter

from connectors.ldap.active_directory import ActiveDirectory
from connectors.ldap.active_directory_grants import RESET_PASSWORD, Trustee
from connectors.ldap.active_directory_refusals import OBSTACLES, REFUSALS, VERDICTS
from connectors.ldap.active_directory_settings import ActiveDirectorySettings
from portal.settings.directory_kinds import Directory
from tests.servers.samba import Samba
from tests.servers.samba_files import BASE, PEOPLE, SERVICE_DN, manual

MANUAL = (Path(__file__).parents[2] / "docs" / "active-directory.md").read_text()
TRUSTEE = Trustee(login="sparekey", name="sparekey@ad.example.org", sid="$SID")


def guid_of(server: Samba, attribute: str) -> str:
    with server.admin() as admin:
        schema = f"CN=Schema,CN=Configuration,{BASE}"
        admin.search(schema, f"(lDAPDisplayName={attribute})", SUBTREE, attributes=["schemaIDGUID"])
        return str(UUID(bytes_le=admin.response[0]["raw_attributes"]["schemaIDGUID"][0]))


def test_windows_and_samba_are_told_to_give_what_the_doctor_asks_for(samba_server: Samba) -> None:
    container = f"CN=Password Settings Container,CN=System,{BASE}"
    attributes = re.findall(r"WP;(\w+);user", manual("windows"))
    assert attributes == ["lockoutTime", "pwdLastSet", "accountExpires", "userAccountControl"]
    asked = [TRUSTEE.read(PEOPLE), TRUSTEE.reset(PEOPLE)]
    asked += [TRUSTEE.write(PEOPLE, name, guid_of(samba_server, name)) for name in attributes]
    asked.append(TRUSTEE.read_policies(container))
    windows, samba = zip(*(remedy.splitlines() for remedy in asked), strict=True)
    assert list(windows) == manual("windows").splitlines()
    pasted = [re.sub(r'.* --objectdn=(".*?") --sddl=(".*?")', r"grant \1 \2", line) for line in samba]
    assert pasted == manual("samba").splitlines()[2:]
    assert str(RESET_PASSWORD) in manual("samba")


def test_the_settings_of_the_manual_are_taken() -> None:
    (section,) = tomllib.loads(manual("settings"))["directories"]
    given: dict[str, Any] = {**section, "bind_password": "a password"}
    adapter: TypeAdapter[Any] = TypeAdapter(Directory)
    settings = adapter.validate_python(given)
    assert isinstance(settings, ActiveDirectorySettings)
    assert settings.bind_dn == SERVICE_DN
    assert settings.login_attribute == "sAMAccountName"


@pytest.mark.parametrize("word", ["lockoutTime", "pwdLastSet", "accountExpires", "objectGUID", "uSNChanged"])
def test_each_attribute_the_portal_reads_is_explained(word: str) -> None:
    assert word in ActiveDirectory.attributes
    assert re.search(rf"^\| .*`{word}`", MANUAL, re.MULTILINE)


@pytest.mark.parametrize("code", [*VERDICTS, "00000056", "0000052D", "00000775", "0000001F", "00000005", "0000202B"])
def test_each_code_is_explained(code: str) -> None:
    assert code in VERDICTS or code in REFUSALS or code in OBSTACLES
    assert re.search(rf"^\| .*\b{code}`.* \|", MANUAL, re.MULTILINE)
