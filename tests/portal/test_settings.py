"""Settings: all mistakes together, secrets from files, no unsafe start."""

import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from connectors.capabilities import SetsPassword
from connectors.ldap.active_directory_settings import ActiveDirectorySettings
from portal.assembly import assemble
from portal.cli import main
from portal.settings.file import SettingsError, load
from portal.settings.manual import SECTIONS, lines, markdown


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A settings file as `portal init` writes it."""
    target = tmp_path / "portal.toml"
    answers = ["https://account.example.org", "Nordvik", "", "ldaps://ldap.example.org", "ou=people,dc=example,dc=org"]
    given = "\n".join([*answers, "cn=portal,dc=example,dc=org", "mail.example.org", ""])
    result = CliRunner().invoke(main, ["init", str(target)], input=given)
    assert result.exit_code == 0, result.output
    (tmp_path / "secrets" / "ldap_password").write_text("a-password-of-its-own\n")
    return target


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_what_init_writes_can_be_read(file: Path) -> None:
    settings = load(file)
    assert settings.base == "https://account.example.org"
    assert settings.rules["reset_password"].channels == 2
    assert settings.ldap[0].bind_password == "a-password-of-its-own"


def test_init_writes_the_settings_of_a_freeipa(tmp_path: Path) -> None:
    given = "\n".join(["", "Nordvik", "freeipa", "https://ipa1.example.org", "", "", ""])
    result = CliRunner().invoke(main, ["init", str(tmp_path / "portal.toml")], input=given)
    assert result.exit_code == 0, result.output
    (tmp_path / "secrets" / "ldap_password").write_text("a-password-of-its-own\n")
    settings = load(tmp_path / "portal.toml")
    assert (settings.directories, settings.freeipa[0].user) == ((), "sparekey")
    assert settings.freeipa[0].password == "a-password-of-its-own"
    assert [name for name, _ in assemble(settings).connectors.all_able_to(SetsPassword)] == ["main"]


def test_init_writes_the_settings_of_a_directory_without_a_service_account(tmp_path: Path) -> None:
    given = "\n".join(["", "Nordvik", "", "", "", "none", "", "", ""])
    result = CliRunner().invoke(main, ["init", str(tmp_path / "portal.toml")], input=given)
    assert result.exit_code == 0, result.output
    directory = load(tmp_path / "portal.toml").ldap[0]
    assert (directory.bind_dn, directory.person_dn) == ("", "uid={login},ou=people,dc=example,dc=org")


def test_a_choice_of_directories_needs_words_for_each(file: Path) -> None:
    change(file, "# ask_directory = false", "ask_directory = true")
    with pytest.raises(SettingsError, match="label"):
        load(file)


def test_init_writes_the_settings_of_an_active_directory(tmp_path: Path) -> None:
    given = "\n".join(["", "Nordvik", "active-directory", "ldaps://dc1.ad.example.org", "OU=People,DC=ad", "", "", ""])
    result = CliRunner().invoke(main, ["init", str(tmp_path / "portal.toml")], input=given)
    assert result.exit_code == 0, result.output
    (tmp_path / "secrets" / "ldap_password").write_text("a-password-of-its-own\n")
    assert '# login_attribute = "sAMAccountName"' in (tmp_path / "portal.toml").read_text()
    (directory,) = load(tmp_path / "portal.toml").ldap
    assert isinstance(directory, ActiveDirectorySettings)
    assert directory.people_bases == ("OU=People,DC=ad",)


def test_two_homes_of_one_name_and_none_at_all_are_refused(file: Path) -> None:
    text = file.read_text()
    more = '\n[[freeipa]]\nname = "main"\nurls = ["https://ipa1.example.org"]\nuser = "u"\npassword = "p"\n'
    file.write_text(text + more)
    with pytest.raises(SettingsError, match="name of its own"):
        load(file)
    before, _, after = text.partition("[[directories]]")
    file.write_text(before + after[after.index("\n[mail]") :])
    with pytest.raises(SettingsError, match="at least one"):
        load(file)


def test_init_explains_every_setting(file: Path) -> None:
    text = file.read_text()
    for title, section in SECTIONS[:-1]:
        for line in lines(section):
            if line.default == "{}" or line.name == "ticket_system":
                continue  # a table of its own
            assert " ".join(line.meaning.split()) in text, f"{title}.{line.name}"


def test_init_never_overwrites(file: Path) -> None:
    before = file.read_text()
    result = CliRunner().invoke(main, ["init", str(file)], input="\n" * 9)
    assert result.exit_code != 0
    assert file.read_text() == before


def test_the_secrets_init_makes_are_for_the_owner_only(file: Path) -> None:
    assert {p.stat().st_mode & 0o077 for p in (file.parent / "secrets").iterdir()} == {0}


def test_all_mistakes_are_told_together(file: Path) -> None:
    change(file, '"https://account.example.org"', '"http://account.example.org"')
    change(file, "[passwords]", "[passwords]\nmin_length = 3\ncolour = 1")
    (file.parent / "secrets" / "audit_key").unlink()
    with pytest.raises(SettingsError) as mistakes:
        load(file)
    for part in ("audit.key", "passwords.min_length", "passwords.colour"):
        assert part in str(mistakes.value)


@pytest.mark.parametrize("url", ["http://account.example.org", "ftp://account.example.org", "https://x.example/path"])
def test_a_public_address_that_is_not_safe_is_refused(file: Path, url: str) -> None:
    change(file, '"https://account.example.org"', f'"{url}"')
    with pytest.raises(SettingsError, match="public_url"):
        load(file)


def test_a_secret_everybody_can_read_is_refused(file: Path) -> None:
    (file.parent / "secrets" / "secret_key").chmod(0o644)
    with pytest.raises(SettingsError, match="chmod o-rwx"):
        load(file)


@pytest.mark.parametrize("secret", ["", "short", "change-me-change-me-change-me-change-me"])
def test_a_missing_or_example_key_is_refused(file: Path, secret: str) -> None:
    (file.parent / "secrets" / "secret_key").write_text(secret)
    with pytest.raises(SettingsError, match="secret_key"):
        load(file)


def test_ldap_in_clear_is_refused(file: Path) -> None:
    change(file, '["ldaps://ldap.example.org"]', '["ldap://ldap.example.org"]\nstarttls = false')
    with pytest.raises(SettingsError, match="in clear"):
        load(file)


def test_the_environment_overrides_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_LOG_LEVEL", "debug")
    monkeypatch.setenv("PORTAL_PASSWORDS__MIN_LENGTH", "20")
    settings = load(file)
    assert (settings.log_level, settings.passwords.min_length) == ("debug", 20)


def test_a_secret_is_not_shown_when_settings_are_printed(file: Path) -> None:
    settings = load(file)
    assert settings.secret_key not in repr(settings)
    assert "a-password-of-its-own" not in repr(settings)


def test_commands_tell_mistakes_without_a_traceback(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["check", "--settings", str(tmp_path / "none.toml")])
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_the_manual_is_the_one_the_settings_print() -> None:
    written = Path(__file__).parents[2] / "docs" / "settings.md"
    assert written.read_text().endswith(markdown()), "write it anew: portal settings > docs/settings.md"


def test_the_sample_is_toml(file: Path) -> None:
    assert tomllib.loads(file.read_text())["audit"]["origin"] == "account.example.org/audit"
