"""`portal init`: asks a few questions and writes a settings file with every setting explained."""

import secrets
from pathlib import Path
from urllib.parse import urlsplit

import click

from audit.keys import generate_key
from connectors.ldap.settings import LdapSettings
from portal.settings.directory_kinds import LDAP_DIRECTORIES
from portal.settings.manual import SECTIONS, Line, lines

DIRECTORY, IPA = "[directories]", "[freeipa]"  # sections of the file
UNSET = ("ticket_system", "anchors.timestamp")  # are there only where they are given
_NAMES = {title.rpartition(".")[2] for title in UNSET}
FREEIPA = "freeipa"
WITHOUT = "none"
KEPT_APART = '{ file = "secrets/ldap_password" }'


@click.command()
@click.argument("file", type=click.Path(path_type=Path), default=Path("portal.toml"))
@click.option("--url", prompt="The address people will use", default="https://account.example.org")
@click.option("--organisation", prompt="Name of the organisation")
@click.option("--kind", prompt="Kind of directory", type=click.Choice([*LDAP_DIRECTORIES, FREEIPA]), default="openldap")
@click.option("--address", "--ldap", help="Address of the directory.")
@click.option("--base", help="DN below which the people are; not for FreeIPA.")
@click.option("--bind", help="DN of the service account, or its login for FreeIPA.")
@click.option("--smtp", help="Mail server.")
def init(
    file: Path,
    url: str,
    organisation: str,
    kind: str,
    address: str | None,
    base: str | None,
    bind: str | None,
    smtp: str | None,
) -> None:
    """Write a settings file and the secrets beside it. Never overwrites anything."""
    folder = file.resolve().parent / "secrets"
    if file.exists() or folder.exists():
        raise click.ClickException(f"{file} or {folder} exists already; nothing was written")
    home, home_settings = _freeipa(address, bind) if kind == FREEIPA else _directory(kind, address, base, bind)
    smtp = smtp or click.prompt("Mail server", default="mail.example.org")
    folder.mkdir(mode=0o700)
    for name in ("secret_key", "audit_key"):
        _write_secret(folder / name, secrets.token_hex(32))
    _write_secret(folder / "ldap_password", "")
    generate_key(folder / "audit_signing.pem")
    host = urlsplit(url).hostname or "localhost"
    given = {
        "": {
            "public_url": f'"{url}"',
            "state": '"/var/lib/sparekey"',
            "database": '"sqlite:////var/lib/sparekey/portal.db"',
            "secret_key": '{ file = "secrets/secret_key" }',
        },
        "organisation": {"name": f'"{organisation}"'},
        "audit": {
            "origin": f'"{host}/audit"',
            "key": '{ file = "secrets/audit_key" }',
            "signing_key": f'"{folder / "audit_signing.pem"}"',
        },
        home: home_settings,
        "mail": {"host": f'"{smtp}"', "sender": f'"no-reply@{host}"'},
    }
    usual = LDAP_DIRECTORIES.get(kind, LdapSettings)
    sections = [(title, usual if title == DIRECTORY else section) for title, section in SECTIONS[:-1]]
    file.write_text("".join(_section(title, section, given.get(title, {})) for title, section in sections) + RULES)
    click.echo(f"Written: {file} and {folder}. Put the service account's password into {folder / 'ldap_password'},")
    click.echo(f"then: portal db upgrade --settings {file} && portal check --settings {file}")


RULES = """
# What it takes to be given an action. What has no rule is not offered.
[rules]
reset_password = { channels = 2 }
unlock_account = { channels = 1, caller_points = 2 }
change_password = { channels = 1 }
extend_account = { approval = "sponsor", caller_points = 3 }
take_back_extension = {}
let_lapse = {}
bridge_account = {}
freeze_account = { caller_points = 2 }
enable_account = { fresh_minutes = 5 }
send_password_link = { fresh_minutes = 5, caller_points = 4 }
require_new_password = { fresh_minutes = 5, caller_points = 3 }
confirm_factor = { fresh_minutes = 5 }
rename_factor = {}
switch_factor = { fresh_minutes = 5 }
remove_factor = { fresh_minutes = 5 }
link_provider = { fresh_minutes = 5 }
unlink_provider = { fresh_minutes = 5 }
close_session = {}
close_sessions = {}
sign_out_everywhere = { caller_points = 3 }
give_access_pass = { channels = 2, fresh_minutes = 5 }
ask_address_change = { fresh_minutes = 5 }
cancel_address_change = {}
set_recovery_mail = {}
set_phone = { fresh_minutes = 5 }
add_ssh_key = { fresh_minutes = 5 }
remove_ssh_key = {}
set_auto_reply = {}
set_absence = {}
remove_auto_reply = {}
set_forwarding = { fresh_minutes = 5 }
forward_outside = { fresh_minutes = 5, approval = "coordinators" }
remove_forwarding = {}
ask_alias = { approval = "coordinators" }
add_temporary_alias = {}
remove_alias = {}
ask_quota = { approval = "coordinators" }
share_mailbox = { fresh_minutes = 5 }
forward_absent = { fresh_minutes = 5 }
share_absent = { fresh_minutes = 5 }
sign_out_absent = { fresh_minutes = 5 }
ask_shared_box = { approval = "owner" }
end_share = {}
join_list = { approval = "owner" }
leave_list = {}
add_app_password = { fresh_minutes = 5 }
remove_app_password = {}
anything_else = {}

# Who is what: DNs of groups.
[roles]
# coordinator = ["cn=coordinators,ou=groups,dc=example,dc=org"]
# auditor = ["cn=auditors,ou=groups,dc=example,dc=org"]
"""


def _directory(kind: str, address: str | None, base: str | None, bind: str | None) -> tuple[str, dict[str, str]]:
    address = address or click.prompt("Address of the directory", default="ldaps://ldap.example.org")
    base = base or click.prompt("DN below which the people are", default="ou=people,dc=example,dc=org")
    bind = bind or click.prompt(
        f"DN of the service account, or {WITHOUT} if there is none", default="cn=portal,ou=services,dc=example,dc=org"
    )
    if bind == WITHOUT:
        usual = "{login}@example.org" if kind == "active-directory" else f"uid={{login}},{base}"
        person = click.prompt("What people bind as", default=usual)
        account = {"person_dn": f'"{person}"'}
    else:
        account = {"bind_dn": f'"{bind}"', "bind_password": KEPT_APART}
    return DIRECTORY, {
        "name": '"main"',
        "kind": f'"{kind}"',
        "urls": f'["{address}"]',
        **account,
        "people_bases": f'["{base}"]',
    }


def _freeipa(address: str | None, user: str | None) -> tuple[str, dict[str, str]]:
    address = address or click.prompt("Address of the directory", default="https://ipa1.example.org")
    user = user or click.prompt("Login of the service account", default="sparekey")
    return IPA, {"name": '"main"', "urls": f'["{address}"]', "user": f'"{user}"', "password": KEPT_APART}


def _section(title: str, section: type, given: dict[str, str]) -> str:
    head = f"\n[{title}]\n" if title else "# Settings of Sparekey. What stands behind # is the default.\n"
    optional = title.startswith("[") or title in UNSET
    if optional and not given:  # explained, but nothing that would count as an entry
        head = f"\n# [{title}]\n"
    return head + "".join(
        _setting(line, given) for line in lines(section) if line.default != "{}" and line.name not in _NAMES
    )


def _setting(line: Line, given: dict[str, str]) -> str:
    comment = f"# {' '.join(line.meaning.split())}\n"
    if line.name in given:
        return f"{comment}{line.name} = {given[line.name]}\n"
    return f"{comment}# {line.name} = {line.default or '…'}\n"


def _write_secret(path: Path, value: str) -> None:
    path.touch(mode=0o600)
    path.write_text(value + "\n")
