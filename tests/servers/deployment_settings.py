"""The settings file of an installation for tests, as an administrator would write it."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.servers.deployment import Deployment

PLENTY = """\
walks_per_source = "100000 per minute"
walks_per_claim = "100000 per minute"
tries_per_account = "100000 per minute"
tries_per_source = "100000 per minute"
mails_per_account = "100000 per minute"
tickets_per_source = "100000 per minute"
"""
_RULES = """\
reset_password = { channels = 2 }
unlock_account = { channels = 1 }
change_password = {}
freeze_account = {}
confirm_factor = { fresh_minutes = 5 }
rename_factor = {}
switch_factor = { fresh_minutes = 5 }
remove_factor = { fresh_minutes = 5 }
link_provider = { fresh_minutes = 5 }
close_session = {}
close_sessions = {}
ask_address_change = { fresh_minutes = 5 }
cancel_address_change = {}
set_recovery_mail = {}
set_phone = { fresh_minutes = 5 }
add_ssh_key = { fresh_minutes = 5 }
remove_ssh_key = {}
anything_else = {}
add_app_password = { fresh_minutes = 5 }
remove_app_password = {}
"""
_ORGANISATION = """\
name = "Nordvik"
phone = "55 50 10 10"
"""


def settings_toml(made: "Deployment") -> str:
    """The text of `portal.toml`; tables of `made.options` stand in place of those here, "" are the lines on top."""
    tables = {
        "": "",
        "organisation": _ORGANISATION,
        "audit": 'origin = "test.invalid/audit"\nkey = { file = "secrets/audit-key" }\n'
        f"signing_key = {_text(made.folder / 'secrets' / 'signing.pem')}\n",
        "[directories]": _directory(made),
        "mail": f'host = "127.0.0.1"\nport = {made.sink.port}\nsecurity = "none"\nsender = "no-reply@example.org"\n',
        "passwords": "min_length = 12\n",
        "desk": 'mail = ["desk@example.org"]\n',
        "roles": _roles(made),
        "rules": _RULES,
        "limits": PLENTY,
        **made.options,
    }
    return _top(made) + tables.pop("") + _written(tables)


def _top(made: "Deployment") -> str:
    return f"""\
public_url = {_text(made.url)}
listen = "127.0.0.1:{made.port}"
workers = 2
state = {_text(made.folder / "state")}
database = {_text(made.database_url)}
secret_key = {{ file = "secrets/secret-key" }}
"""


def _directory(made: "Deployment") -> str:
    server = made.directory
    port = made.directory_port or server.port
    return f"""\
name = "staff"
urls = ["ldap://127.0.0.1:{port}"]
ca_file = {_text(server.ca_file)}
bind_dn = {_text(server.service_dn)}
bind_password = {{ file = "secrets/directory-password" }}
people_bases = [{_text(server.people_base)}]
groups_base = {_text(server.groups_base)}
own_mail_attribute = "mailAlternateAddress"
phone_attribute = "mobile"
ssh_key_attribute = "sshPublicKey"
default_policy_dn = {_text(f"cn=default,ou=policies,{server.base}")}
"""


def _roles(made: "Deployment") -> str:
    groups = {"coordinator": "coordinators", "auditor": "auditors", "admin": "admins", "tier2": "tier2"}
    return "".join(f'{role} = ["cn={group},{made.directory.groups_base}"]\n' for role, group in groups.items())


def _written(tables: Mapping[str, str]) -> str:
    return "".join(f"\n[{name}]\n{lines}" for name, lines in tables.items())


def _text(value: object) -> str:
    """A TOML basic string."""
    return json.dumps(str(value), ensure_ascii=False)
