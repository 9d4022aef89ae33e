"""The manual gives every right that the doctor asks for, in the doctor's own words."""

from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

from connectors.freeipa import FreeIpa, FreeIpaSettings
from tests.connectors.freeipa_settings import freeipa_settings
from tests.servers.freeipa import FreeIpaServer
from tests.servers.freeipa_realm import SERVICE

MANUAL = (Path(__file__).parents[2] / "docs" / "freeipa.md").read_text()


def test_every_command_the_doctor_prints_stands_in_the_manual(freeipa_server: FreeIpaServer) -> None:
    freeipa_server.person("alice")
    freeipa_server.rights, freeipa_server.policy_is_readable = {}, False
    commands: set[str] = set()
    for state in ({}, {"krbpasswordexpiration": "20200101000000Z"}):
        freeipa_server.people[SERVICE] |= state
        findings = FreeIpa(freeipa_settings(freeipa_server), lambda: datetime.now(UTC)).examine()
        commands |= {line for finding in findings for line in finding.remedy.splitlines() if line.startswith("ipa ")}
    assert len(commands) == 9
    assert [command for command in commands if command not in MANUAL] == []


def test_the_settings_of_the_manual_are_settings() -> None:
    example = MANUAL.partition("[[freeipa]]")[2].partition("[roles]")[0]
    named = {line.partition(" = ")[0] for line in example.strip().splitlines()}
    assert named <= {field.name for field in fields(FreeIpaSettings)}
    assert {"name", "urls", "user", "password"} <= named
