"""The embedded directory passes the same contract as real servers do."""

import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.capabilities import Severity
from connectors.ldap import LdapDirectory, LdapSettings
from portal.demo.content import Record
from portal.demo.directory.embedded import EmbeddedDirectory
from tests.connectors.contract import DirectoryContract
from tests.connectors.contract_own import OwnDataContract
from tests.servers import people
from tests.servers.certificates import write_certificates
from tests.servers.people import Attributes, State
from tests.servers.slapd_files import BASE, GROUPS, PEOPLE, SERVICE_DN


def record(dn: str, attributes: Attributes) -> Record:
    return dn, {name: [value] if isinstance(value, str) else value for name, value in attributes.items()}


class Embedded(EmbeddedDirectory):
    """The embedded server with the content that the real ones are given."""

    base_dn, service_dn, service_password = BASE, SERVICE_DN, "the portal's own password"
    password = people.PASSWORD

    def __init__(self, state: Path) -> None:
        super().__init__(state, content=self.everything)

    def everything(self, _now: datetime) -> Iterator[Record]:
        for dn, attributes in people.tree(self.service_password).items():
            yield record(dn, attributes)

    def person(self, login: str = "", *, state: State = State.ORDINARY, **attributes: str | list[str]) -> str:
        login = login or f"u{secrets.token_hex(6)}"
        self.put(*record(people.dn_of(login), people.person(login, state=state, **attributes)))
        return login


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    with Embedded(tmp_path_factory.mktemp("embedded")) as running:
        yield running


class TestEmbedded(DirectoryContract, OwnDataContract):
    @pytest.fixture
    def settings(self, server: Embedded) -> LdapSettings:
        return LdapSettings(
            name="main",
            urls=(server.url,),
            ca_file=server.ca_file,
            bind_dn=server.service_dn,
            bind_password=server.service_password,
            people_bases=(PEOPLE,),
            groups_base=GROUPS,
            own_mail_attribute="mailAlternateAddress",
            phone_attribute="mobile",
            ssh_key_attribute="sshPublicKey",
            protected_groups=(f"cn=admins,{GROUPS}",),
        )

    @pytest.fixture
    def people(self, server: Embedded) -> Embedded:
        return server

    @pytest.fixture(scope="class")
    def other_ca_file(self, tmp_path_factory: pytest.TempPathFactory) -> Path:
        folder = tmp_path_factory.mktemp("strangers")
        write_certificates(folder)
        return folder / "other-ca.pem"

    def test_the_doctor_finds_only_that_it_may_too_much(self, settings: LdapSettings, tmp_path: Path) -> None:
        """It has no notion of privileged people, as the manual gives a real server one."""
        with Embedded(tmp_path) as fresh:
            own = replace(settings, urls=(fresh.url,), ca_file=fresh.ca_file)
            findings = list(LdapDirectory(own, lambda: datetime.now(UTC)).examine())
        wrong = [one.message for one in findings if one.severity is not Severity.OK]
        admins = f"cn=admins,{GROUPS}"
        assert wrong == [f"{PEOPLE}: may set passwords of members of {admins}, whom the portal never changes: too much"]
        assert {"connection", "right to write userPassword"} <= {one.subject for one in findings}
