"""Writes the demo's settings file: an ordinary one, so that every other command works with it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from portal.demo import identity, people, secret_files

ORIGIN = "demo.nordvik.example/audit"
SERVICE_DESK = "service-desk@nordvik.example"

# Every action with what must have been proved for it: channels, and how many minutes ago at most.
_RULES: Mapping[str, tuple[int, int | None]] = {
    "reset_password": (2, None),
    "change_password": (1, None),
    "unlock_account": (1, None),
    "freeze_account": (1, None),
    "enable_account": (1, 5),
    "send_password_link": (1, 5),
    "take_back_extension": (1, None),
    "let_lapse": (1, None),
    "require_new_password": (1, 5),
    "ask_address_change": (1, 5),
    "cancel_address_change": (1, None),
    "set_recovery_mail": (1, None),
    "set_phone": (1, 5),
    "add_ssh_key": (1, 5),
    "remove_ssh_key": (1, None),
    "set_auto_reply": (1, None),
    "set_absence": (1, None),
    "remove_auto_reply": (1, None),
    "set_forwarding": (1, 5),
    "remove_forwarding": (1, None),
    "add_temporary_alias": (1, None),
    "remove_alias": (1, None),
    "share_mailbox": (1, 5),
    "forward_absent": (1, 5),
    "share_absent": (1, 5),
    "sign_out_absent": (1, 5),
    "end_share": (1, None),
    "leave_list": (1, None),
    "add_app_password": (1, 5),
    "remove_app_password": (1, None),
    "anything_else": (1, None),
    "confirm_factor": (1, 5),
    "rename_factor": (1, None),
    "switch_factor": (1, 5),
    "remove_factor": (1, 5),
    "link_provider": (1, 5),
    "unlink_provider": (1, 5),
    "close_session": (1, None),
    "close_sessions": (1, None),
    "sign_out_everywhere": (1, None),
    "give_access_pass": (2, 5),
}

# What the service desk does for callers, and how many points of their check it takes.
_CALLERS = {"unlock_account": 2, "freeze_account": 2, "require_new_password": 3, "send_password_link": 4}

_DOMAINS = f"""[[desk.domains]]
name = "mail"
title = {{ en = "Mail", nb = "E-post", sv = "E-post" }}
groups = ["{people.group_dn("tier2")}"]

[[desk.domains]]
name = "directory"
title = {{ en = "Directory", nb = "Katalogen", sv = "Katalogen" }}
kinds = ["no_right", "no_connector", "server_behind"]"""
_DUTY = """[shifts]
mail = ["sigrid@nordvik.example"]

[reviews]
months = 6
kinds = ["contractor", "visitor"]
hour = 0

[[extensions]]
presets = [30, 180, 365]
step_days = 365

[[extensions.terms]]
name = { en = "End of the spring term", nb = "Slutten av vårsemesteret", sv = "Vårterminens slut" }
day = "06-20"

[[extensions.terms]]
name = { en = "End of the autumn term", nb = "Slutten av høstsemesteret", sv = "Höstterminens slut" }
day = "12-20"
"""


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """Where everything listens that the portal needs, and where it is to listen itself."""

    portal_port: int
    ldap_url: str
    ldap_ca: Path
    smtp_port: int
    witness_url: str
    witness_key: str
    issuer: str

    @property
    def portal_url(self) -> str:
        """The portal's address; by name, since a security key works with none by number."""
        return f"http://localhost:{self.portal_port}"


def write_settings(state: Path, around: Surroundings) -> Path:
    """Write `portal.toml` and, where they are missing, the secrets beside it; return the file."""
    hidden = state / "secrets"
    for name in ("secret-key", "audit-key"):
        secret_files.ensure_secret(hidden / name)
    secret_files.ensure_secret(provider_secret(state))
    secret_files.write(hidden / "directory-password", people.SERVICE_PASSWORD.encode())
    secret_files.ensure_signing_key(signing_key(state))
    path = state / "portal.toml"
    secret_files.write(path, settings_toml(state, around).encode())
    return path


def signing_key(state: Path) -> Path:
    """The file of the key that signs the record."""
    return state / "secrets" / "audit-signing-key.pem"


def provider_secret(state: Path) -> Path:
    """The file of what the portal and the identity provider both know."""
    return state / "secrets" / "provider-secret"


def settings_toml(state: Path, around: Surroundings) -> str:
    """The text of the settings file. Secrets are named by their files, relative to the settings file."""
    return "\n\n".join((_portal(state, around), _outside(around), _roles(), _rules(), _DUTY.rstrip())) + "\n"


def _portal(state: Path, around: Surroundings) -> str:
    return f"""# Written by `portal demo` at each start; changes made here are lost.
public_url = {_text(around.portal_url)}
listen = {_text(f"127.0.0.1:{around.portal_port}")}
time_zone = "Europe/Oslo"
state = {_text(str(state))}
database = {_text(f"sqlite:///{state / 'portal.db'}")}
secret_key = {{ file = "secrets/secret-key" }}
log_level = "warning"

[organisation]
name = {_text(people.ORGANISATION)}
phone = "55 50 10 10"
hours = {{ en = "Monday to Friday 8 to 16", nb = "mandag til fredag 8–16", sv = "måndag till fredag 8–16" }}
place = {{ en = "the library, ground floor", nb = "biblioteket, første etasje", sv = "biblioteket, bottenvåningen" }}

[audit]
origin = {_text(ORIGIN)}
key = {{ file = "secrets/audit-key" }}
signing_key = {_text(str(signing_key(state)))}

[[sealer.witnesses]]
url = {_text(around.witness_url)}
key = {_text(around.witness_key)}

[passwords]
min_length = 12 # everybody here has a second factor
words = ["nordvik"]

[[siem]]
name = "archive"
url = {_text(f"file://{quote(str(state / 'record.log'))}")}

[desk]
mail = [{_text(SERVICE_DESK)}]

{_DOMAINS}

[limits] # here one machine plays everybody; an installation is better off with what is usual
walks_per_source = "5000 per 10 minutes"
walks_per_claim = "500 per 10 minutes"
tries_per_source = "5000 per 15 minutes"
mails_per_account = "200 per 15 minutes"
tickets_per_source = "1000 per hour\""""


def _directories(around: Surroundings) -> str:
    university = _directory(
        around,
        people.DIRECTORY,
        people.PEOPLE,
        label='{ en = "University", nb = "Universitetet", sv = "Universitetet" }',
        mail_domain="nordvik.example",
    )
    guests = _directory(
        around,
        people.GUEST_DIRECTORY,
        people.GUEST_PEOPLE,
        label='{ en = "Guests", nb = "Gjester", sv = "Gäster" }',
        mail_domain="guests.nordvik.example",
    )
    library = _directory(
        around,
        people.LIBRARY,
        people.LIBRARY_ACCOUNTS,
        label='{ en = "Library", nb = "Biblioteket", sv = "Biblioteket" }',
    )
    return f"""{university}

{guests}

{library}

[[passwords_also]]
of = {_text(people.DIRECTORY)}
system = {_text(people.LIBRARY)}
account = "{{login}}.library\""""


def _outside(around: Surroundings) -> str:
    return f"""{_directories(around)}

[[mailboxes]]
name = "mailboxes"
kind = "ldap"
directory = {_text(people.DIRECTORY)}
schema = "vacation"

# Beside it one attribute of Exchange's: who may write in whose name.
[[mailboxes]]
name = "delegates"
kind = "ldap"
directory = {_text(people.DIRECTORY)}
schema = "exchange"
without = ["forwards", "aliases", "quota"]

[[mailboxes]]
name = "lists"
kind = "groups"
directory = {_text(people.DIRECTORY)}
base = {_text(people.LISTS)}
lists = "(|(businessCategory=open)(businessCategory=closed))"
open_lists = "(businessCategory=open)"
boxes = "(businessCategory=box)"

[[providers]]
name = {_text(identity.NAME)}
title = {_text(identity.TITLE)}
issuer = {_text(around.issuer)}
client_id = {_text(identity.CLIENT)}
client_secret = {{ file = "secrets/provider-secret" }}

[mail]
host = "127.0.0.1"
port = {around.smtp_port}
security = "none"
sender = "no-reply@nordvik.example\""""


def _directory(around: Surroundings, name: str, base: str, *, label: str, mail_domain: str = "") -> str:
    return f"""[[directories]]
name = {_text(name)}
label = {label}
mail_domains = [{_text(mail_domain) if mail_domain else ""}]
kind = "openldap"
urls = [{_text(around.ldap_url)}]
ca_file = {_text(str(around.ldap_ca))}
bind_dn = {_text(people.SERVICE_DN)}
bind_password = {{ file = "secrets/directory-password" }}
people_bases = [{_text(base)}]
groups_base = {_text(f"ou=groups,{people.BASE}")}
default_policy_dn = {_text(f"cn=default,ou=policies,{people.BASE}")}
unit_attribute = "ou"
own_mail_attribute = "mailAlternateAddress"
phone_attribute = "mobile"
ssh_key_attribute = "sshPublicKey\""""


def _roles() -> str:
    lines = [f"{role} = [{_text(people.group_dn(role))}]" for role in people.ROLE_GROUPS]
    return "\n".join(("[roles]", *lines))


def _rules() -> str:
    lines = []
    for action, (channels, minutes) in _RULES.items():
        fresh = f", fresh_minutes = {minutes}" if minutes else ""
        caller = f", caller_points = {_CALLERS[action]}" if action in _CALLERS else ""
        lines.append(f"{action} = {{ channels = {channels}{fresh}{caller} }}")
    lines.append('extend_account = { approval = ["sponsor"], caller_points = 3 }')
    lines.append("bridge_account = {}")
    lines.append('forward_outside = { fresh_minutes = 5, approval = ["coordinators"] }')
    lines += [f'{action} = {{ approval = ["coordinators"] }}' for action in ("ask_alias", "ask_quota")]
    lines += [f'{action} = {{ approval = ["owner"] }}' for action in ("ask_shared_box", "join_list")]
    return "\n".join(("[rules]", *lines))


def _text(value: str) -> str:
    """A TOML basic string; for the characters that occur in names and paths JSON writes the same."""
    return json.dumps(value, ensure_ascii=False)
