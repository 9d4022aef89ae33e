"""The demo's settings file: the portal takes it, and it offers everything."""

import stat
from pathlib import Path

import pytest

from portal.actions import ACTIONS
from portal.demo import people, settings_file
from portal.demo.settings_file import Surroundings
from portal.settings.file import load
from portal.settings.part import ROLES

WITNESS = "witness.example/w1+20324abe+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X"


@pytest.fixture
def written(tmp_path: Path) -> Path:
    around = Surroundings(
        portal_port=8080,
        ldap_url="ldap://127.0.0.1:1389",
        ldap_ca=tmp_path / 'a "quoted" ca.pem',
        smtp_port=1025,
        witness_url="http://127.0.0.1:1",
        witness_key=WITNESS,
        issuer="http://127.0.0.1:2",
    )
    return settings_file.write_settings(tmp_path, around)


def test_the_portal_takes_it_without_a_word(written: Path) -> None:
    loaded = load(written)
    assert (loaded.base, loaded.listen) == ("http://localhost:8080", "127.0.0.1:8080")
    assert loaded.ldap[0].bind_password == people.SERVICE_PASSWORD
    assert loaded.ldap[0].ca_file == written.parent / 'a "quoted" ca.pem'
    assert (loaded.mail.host, loaded.mail.port) == ("127.0.0.1", 1025)


def test_every_action_is_offered(written: Path) -> None:
    assert set(load(written).rules) == set(ACTIONS)


def test_every_role_has_its_group(written: Path) -> None:
    assert set(load(written).roles) == set(ROLES)


def test_only_the_owner_can_read_the_secrets_and_none_stands_in_the_settings(written: Path) -> None:
    secrets = list((written.parent / "secrets").iterdir())
    assert len(secrets) == 5
    for path in secrets:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.read_text().strip() not in written.read_text()


def test_a_second_start_keeps_the_secrets(written: Path) -> None:
    def kept() -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in (written.parent / "secrets").iterdir()}

    before = kept()
    around = Surroundings(
        portal_port=1,
        ldap_url="ldap://127.0.0.1:1",
        ldap_ca=written,
        smtp_port=1,
        witness_url="http://127.0.0.1:1",
        witness_key=WITNESS,
        issuer="http://127.0.0.1:2",
    )
    settings_file.write_settings(written.parent, around)
    assert kept() == before
