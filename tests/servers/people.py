"""The people, groups and policies in a throw-away directory, and the states somebody may be in."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from tests.servers.slapd_files import BASE, GROUPS, PEOPLE, POLICIES, SERVICE_DN

Attributes = Mapping[str, str | list[str]]
PASSWORD = "Passw0rd-of-old-1"


class State(StrEnum):
    """How an account stands when a test begins."""

    ORDINARY = "ordinary"
    LOCKED = "locked"  # an hour ago, by wrong passwords
    LAPSED = "lapsed"  # locked an hour ago under a policy whose locks last a minute
    DISABLED = "disabled"
    MUST_CHANGE = "must_change"
    EXPIRED = "expired"  # and no grace: does not sign in any more
    GRACE = "grace"  # expired, two sign-ins left
    EXPIRING = "expiring"  # within the time the policy warns of
    ENDED = "ended"  # shadowExpire, which the server itself overlooks
    STOPPED = "stopped"  # pwdEndTime, which it obeys
    YOUNG = "young"  # changed just now, and the policy has a least age
    CAREFUL = "careful"  # the policy wants the old password again with the new one
    FIXED = "fixed"  # the policy leaves no change to the person


_POLICIES: Mapping[str, Mapping[str, str]] = {
    "default": {"pwdLockout": "TRUE", "pwdMaxFailure": "5", "pwdFailureCountInterval": "900", "pwdMustChange": "TRUE"},
    "services": {"pwdLockout": "FALSE"},
    "lapsing": {"pwdLockout": "TRUE", "pwdMaxFailure": "5", "pwdLockoutDuration": "60"},
    "aging": {"pwdMaxAge": "86400", "pwdGraceAuthNLimit": "0"},
    "grace": {"pwdMaxAge": "86400", "pwdGraceAuthNLimit": "2"},
    "warning": {"pwdMaxAge": "864000", "pwdExpireWarning": "863999"},
    "young": {"pwdMinAge": "3600"},
    "careful": {"pwdSafeModify": "TRUE"},
    "fixed": {"pwdAllowUserChange": "FALSE"},
}


def _policy(name: str) -> str:
    return f"cn={name},{POLICIES}"


def _time(moment: datetime) -> str:
    return moment.strftime("%Y%m%d%H%M%SZ")


_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_STATES: Mapping[State, Callable[[datetime], Attributes]] = {
    State.ORDINARY: lambda now: {},
    State.LOCKED: lambda now: {"pwdAccountLockedTime": _time(now - _HOUR)},
    State.LAPSED: lambda now: {
        "pwdAccountLockedTime": _time(now - _HOUR),
        "pwdPolicySubentry": _policy("lapsing"),
    },
    State.DISABLED: lambda now: {"pwdAccountLockedTime": "000001010000Z"},
    State.MUST_CHANGE: lambda now: {"pwdReset": "TRUE"},
    State.EXPIRED: lambda now: _changed(now - 10 * _DAY, "aging"),
    State.GRACE: lambda now: _changed(now - 10 * _DAY, "grace"),
    State.EXPIRING: lambda now: _changed(now - 5 * _DAY, "warning"),
    State.ENDED: lambda now: {"shadowExpire": str(int(now.timestamp()) // 86400 - 10)},
    State.STOPPED: lambda now: {"pwdEndTime": _time(now - 10 * _DAY)},
    State.YOUNG: lambda now: _changed(now, "young"),
    State.CAREFUL: lambda now: {"pwdPolicySubentry": _policy("careful")},
    State.FIXED: lambda now: {"pwdPolicySubentry": _policy("fixed")},
}


def _changed(moment: datetime, policy: str) -> Attributes:
    return {"pwdChangedTime": _time(moment), "pwdPolicySubentry": _policy(policy)}


def person(login: str, *, state: State = State.ORDINARY, **attributes: str | list[str]) -> dict[str, str | list[str]]:
    """The attributes of one person; an attribute given as an empty text is left out."""
    entry: dict[str, str | list[str]] = {
        "objectClass": ["inetOrgPerson", "posixAccount", "shadowAccount", "sparekeyPerson"],
        "uid": login,
        "cn": login.capitalize(),
        "sn": login.capitalize(),
        "givenName": login.capitalize(),
        "uidNumber": "10000",
        "gidNumber": "10000",
        "homeDirectory": f"/home/{login}",
        "mail": f"{login}@example.org",
        "mailAlternateAddress": f"{login}@elsewhere.test",
        "userPassword": PASSWORD,
    }
    entry |= _STATES[state](datetime.now(UTC))
    entry |= attributes
    return {name: value for name, value in entry.items() if value != ""}


def dn_of(login: str) -> str:
    return f"uid={login},{PEOPLE}"


ORDINARY = ("alice", "bob", "carol", "dave", "erin")
_IN_STATES = {  # those that do not stand as their name says
    "locked": State.LOCKED, "adminlock": State.DISABLED, "mustchg": State.MUST_CHANGE, "expired": State.EXPIRED,
    "aged": State.GRACE, "ended": State.ENDED, "stopped": State.STOPPED,
}  # fmt: skip


def everybody() -> dict[str, Attributes]:
    """DN and attributes of the people a fresh directory holds."""
    people: dict[str, Attributes] = {dn_of(login): person(login) for login in ORDINARY}
    people |= {dn_of(login): person(login, state=state) for login, state in _IN_STATES.items()}
    in_five_days = str(int(datetime.now(UTC).timestamp()) // 86400 + 5)
    people[dn_of("contr")] = person(
        "contr", shadowExpire=in_five_days, employeeType="contractor", manager=dn_of("alice")
    )
    people[dn_of("nomail")] = person("nomail", mail="", mailAlternateAddress="")
    people[dn_of("bjorn")] = person(
        "bjorn", cn="Bjørn Åkesson", givenName="Bjørn", sn="Åkesson", preferredLanguage="nb"
    )
    people[dn_of("comma")] = person("comma", cn="Comma, Connie", sn="Comma", givenName="Connie")
    people[dn_of("xiaolong")] = person("xiaolong", cn="李 小龍", sn="李", givenName="小龍")
    people[f"cn=Ødegård\\, Åse,{PEOPLE}"] = person("odegard", cn="Ødegård, Åse", sn="Ødegård", givenName="Åse")
    return people


_GROUPS = {"coordinators": ("alice", "bob"), "auditors": ("carol",), "admins": ("dave",), "tier2": ("erin", "alice")}


def groups_of(login: str) -> list[str]:
    """DNs of the groups somebody is in from the beginning."""
    return [f"cn={name},{GROUPS}" for name, members in _GROUPS.items() if login in members]


def tree(service_password: str) -> dict[str, Attributes]:
    """DN and attributes of everything in a fresh directory, in the order to add it."""
    entries: dict[str, Attributes] = {
        BASE: {"objectClass": ["dcObject", "organization"], "dc": "example", "o": "Example"}
    }
    for unit in ("people", "groups", "services", "policies"):
        entries[f"ou={unit},{BASE}"] = {"objectClass": "organizationalUnit", "ou": unit}
    for name, rules in _POLICIES.items():
        common = {"pwdAttribute": "userPassword", "pwdMinLength": "10", "pwdCheckQuality": "2", "pwdInHistory": "5"}
        entries[_policy(name)] = {"objectClass": ["device", "pwdPolicy"], "cn": name, **common, **rules}
    entries[SERVICE_DN] = {
        "objectClass": ["organizationalRole", "simpleSecurityObject"],
        "cn": "sparekey",
        "userPassword": service_password,
        "pwdPolicySubentry": _policy("services"),
    }
    return entries | everybody() | groups()


def groups() -> dict[str, Attributes]:
    """DN and attributes of the groups there are from the beginning."""
    return {
        f"cn={name},{GROUPS}": {
            "objectClass": "groupOfNames",
            "cn": name,
            "member": [dn_of(login) for login in members],
        }
        for name, members in _GROUPS.items()
    }


def without_policies(entries: Mapping[str, Attributes]) -> dict[str, Attributes]:
    """The same for a server that has no notion of password policies."""
    return {
        dn: {name: value for name, value in attributes.items() if not name.startswith("pwd")}
        for dn, attributes in entries.items()
        if not dn.endswith(f",{POLICIES}")
    }
