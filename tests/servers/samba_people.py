"""The people and groups in a throw-away Active Directory, in the same states as in the other directories."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.servers.people import PASSWORD, Attributes, State
from tests.servers.samba_files import BASE, GROUPS, PEOPLE, SERVICE_DN

_SECONDS_BEFORE_1970 = 11644473600
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_PSOS = f"CN=Password Settings Container,CN=System,{BASE}"
_NAMES = {"mailAlternateAddress": "otherMailbox", "cn": "displayName", "departmentNumber": "department"}


def filetime(moment: datetime) -> str:
    """As Active Directory counts: 100 ns since 1601."""
    return str((int(moment.timestamp()) + _SECONDS_BEFORE_1970) * 10**7)


@dataclass(frozen=True)
class Made:
    """What makes one person: the entry to add, groups to join, and what only the server itself may write."""

    entry: Attributes
    groups: Sequence[str] = ()
    below: Mapping[str, str] = field(default_factory=dict)


def dn_of(login: str, base: str = PEOPLE) -> str:
    return f"CN={login},{base}"


def quoted(password: str) -> bytes:
    """As the attribute unicodePwd takes it."""
    return f'"{password}"'.encode("utf-16-le")


def person(login: str, *, state: State = State.ORDINARY, **attributes: str | list[str]) -> Made:
    """One person; an attribute given as an empty text is left out. Names are those of the other directories."""
    entry: dict[str, Any] = {
        "objectClass": "user",
        "sAMAccountName": login,
        "userPrincipalName": f"{login}@ad.example.org",
        "displayName": login.capitalize(),
        "sn": login.capitalize(),
        "givenName": login.capitalize(),
        "mail": f"{login}@example.org",
        "otherMailbox": f"{login}@elsewhere.test",
        "unicodePwd": quoted(PASSWORD),
        "userAccountControl": "512",
    }
    groups, below = [], {}
    now = datetime.now(UTC)
    match state:
        case State.LOCKED:
            below = {"lockoutTime": filetime(now - _HOUR), "badPwdCount": "5", "badPasswordTime": filetime(now - _HOUR)}
        case State.LAPSED:
            groups = ["lapsing"]
            below = {"lockoutTime": filetime(now - _HOUR)}
        case State.DISABLED:
            entry["userAccountControl"] = "514"
        case State.MUST_CHANGE:
            entry["pwdLastSet"] = "0"
        case State.EXPIRED | State.GRACE:  # there is no grace
            groups = ["aging"]
            below = {"pwdLastSet": filetime(now - 60 * _DAY)}
        case State.EXPIRING:
            groups = ["aging"]
            below = {"pwdLastSet": filetime(now - 5 * _DAY)}
        case State.ENDED | State.STOPPED:  # the server obeys the one end it has
            entry["accountExpires"] = filetime(now - 10 * _DAY)
        case State.YOUNG:
            groups = ["young"]
        case State.ORDINARY:
            pass
        case _:
            raise ValueError(f"Active Directory knows no state {state}")
    entry |= {_NAMES.get(name, name): value for name, value in attributes.items()}
    return Made(
        {name: value for name, value in entry.items() if value != ""}, [f"CN={g},{GROUPS}" for g in groups], below
    )


_GROUPS = {"coordinators": ("alice", "bob"), "auditors": ("carol",), "admins": ("dave",), "tier2": ("erin", "alice")}
_POLICIES: Mapping[str, Mapping[str, str]] = {  # for the members of the group of the same name
    "aging": {"msDS-MaximumPasswordAge": "-8640000000000"},  # ten days; less than one means never to Samba
    "young": {"msDS-MinimumPasswordAge": "-36000000000"},  # an hour
    "lapsing": {"msDS-LockoutDuration": "-600000000", "msDS-LockoutObservationWindow": "-600000000"},  # a minute
}


def tree(service_password: str) -> dict[str, Attributes]:
    """DN and attributes of what a fresh domain lacks, in the order to add it."""
    entries: dict[str, Any] = {
        f"OU={unit},{BASE}": {"objectClass": "organizationalUnit"} for unit in ("People", "Groups", "Services")
    }
    entries[SERVICE_DN] = {
        "objectClass": "user",
        "sAMAccountName": "sparekey",
        "userPrincipalName": "sparekey@ad.example.org",
        "unicodePwd": quoted(service_password),
        "userAccountControl": "66048",  # and its password never expires
    }
    for login in ("alice", "bob", "carol", "dave", "erin"):
        entries[dn_of(login)] = person(login).entry
    for name, members in _GROUPS.items():
        entries[f"CN={name},{GROUPS}"] = {
            "objectClass": "group",
            "sAMAccountName": name,
            "member": [dn_of(login) for login in members],
        }
    for precedence, (name, rules) in enumerate(_POLICIES.items(), start=1):
        entries[f"CN={name},{GROUPS}"] = {"objectClass": "group", "sAMAccountName": name}
        entries[f"CN={name},{_PSOS}"] = policy(precedence, f"CN={name},{GROUPS}", rules)
    return entries


def policy(precedence: int, applies_to: str, rules: Mapping[str, str]) -> Attributes:
    """A fine-grained password policy that differs from the domain's in a few rules."""
    return {
        "objectClass": "msDS-PasswordSettings",
        "msDS-PasswordSettingsPrecedence": str(precedence),
        "msDS-PasswordReversibleEncryptionEnabled": "FALSE",
        "msDS-PasswordHistoryLength": "5",
        "msDS-PasswordComplexityEnabled": "TRUE",
        "msDS-MinimumPasswordLength": "10",
        "msDS-MinimumPasswordAge": "0",
        "msDS-MaximumPasswordAge": "-9223372036854775808",
        "msDS-LockoutThreshold": "5",
        "msDS-LockoutObservationWindow": "0",
        "msDS-LockoutDuration": "0",
        "msDS-PSOAppliesTo": applies_to,
        **rules,
    }
