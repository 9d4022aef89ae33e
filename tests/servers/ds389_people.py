"""The states of `people.py` as 389 DS keeps them: attributes to put in after the entry was added."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from tests.servers import people
from tests.servers.people import Attributes, State
from tests.servers.slapd_files import POLICIES

_CLASSES = ["inetOrgPerson", "posixAccount", "shadowAccount", "mailRecipient", "nsAccount", "nsMemberOf"]
FOR_GOOD = "19700101000000Z"
"""As accountUnlockTime: never by itself. As passwordExpirationTime: must be changed."""

POLICIES_OF_STATES: Mapping[str, Mapping[str, str]] = {
    "lapsing": {"passwordLockout": "on", "passwordMaxFailure": "5", "passwordLockoutDuration": "60"},
    "for-good": {"passwordLockout": "on", "passwordMaxFailure": "5", "passwordUnlock": "off"},
    "grace": {"passwordExp": "on", "passwordMaxAge": "86400", "passwordGraceLimit": "2"},
    "warning": {"passwordExp": "on", "passwordMaxAge": "864000", "passwordWarning": "863999"},
    "young": {"passwordMinAge": "3600"},
    "fixed": {"passwordChange": "off"},
    "temporary": {"passwordMustChange": "on", "passwordTPRMaxUse": "1"},
    "kinds": {"passwordMinCategories": "3"},
    "strict": {
        "passwordMinDigits": "2", "passwordMinUppers": "1", "passwordMinLowers": "1", "passwordMinSpecials": "1",
        "passwordMinAlphas": "2", "passwordMaxRepeats": "2", "passwordMinCategories": "3",
    },
}  # fmt: skip
DORMANT_AFTER = timedelta(days=90)
INACTIVITY = f"cn=inactivity,{POLICIES}"


def policy(name: str) -> str:
    return f"cn={name},{POLICIES}"


def policies() -> dict[str, Attributes]:
    """DN and attributes of the local policies."""
    common = {"passwordCheckSyntax": "on", "passwordMinLength": "10", "passwordMinCategories": "1",
              "passwordHistory": "on", "passwordInHistory": "5", "passwordTrackUpdateTime": "on"}  # fmt: skip
    classes = ["top", "ldapSubEntry", "passwordPolicy"]
    found: dict[str, Attributes] = {
        policy(name): {"objectClass": classes, "cn": name, **common, **rules}
        for name, rules in POLICIES_OF_STATES.items()
    }
    found[INACTIVITY] = {
        "objectClass": ["top", "ldapSubEntry", "extensibleObject", "accountPolicy"],
        "cn": "inactivity",
        "accountInactivityLimit": str(int(DORMANT_AFTER.total_seconds())),
    }
    return found


def _time(moment: datetime) -> str:
    return moment.strftime("%Y%m%d%H%M%SZ")


_DAY = timedelta(days=1)
_STATES: Mapping[State, Callable[[datetime], Attributes]] = {
    State.ORDINARY: lambda now: {},
    State.LOCKED: lambda now: {"passwordRetryCount": "5", "accountUnlockTime": _time(now + _DAY)},
    State.LAPSED: lambda now: {
        "passwordRetryCount": "5",
        "accountUnlockTime": _time(now - timedelta(hours=1)),
        "pwdPolicySubentry": policy("lapsing"),
    },
    State.DISABLED: lambda now: {"nsAccountLock": "true"},
    State.MUST_CHANGE: lambda now: {"passwordExpirationTime": FOR_GOOD},
    State.EXPIRED: lambda now: {"passwordExpirationTime": _time(now - 10 * _DAY)},
    State.GRACE: lambda now: {
        "passwordExpirationTime": _time(now - 9 * _DAY),
        "pwdPolicySubentry": policy("grace"),
    },
    State.EXPIRING: lambda now: {
        "passwordExpirationTime": _time(now + 5 * _DAY),
        "passwordExpWarned": "1",
        "pwdPolicySubentry": policy("warning"),
    },
    State.ENDED: lambda now: {"shadowExpire": str(int(now.timestamp()) // 86400 - 10)},
    State.STOPPED: lambda now: {
        "acctPolicySubentry": INACTIVITY,
        "lastLoginTime": _time(now - DORMANT_AFTER - 10 * _DAY),
    },
    State.YOUNG: lambda now: {
        "passwordAllowChangeTime": _time(now + timedelta(hours=1)),
        "pwdPolicySubentry": policy("young"),
    },
    State.CAREFUL: lambda now: {"pwdPolicySubentry": policy("strict")},
    State.FIXED: lambda now: {"pwdPolicySubentry": policy("fixed")},
}


def person(login: str, **attributes: str | list[str]) -> Attributes:
    return people.person(login, **{"objectClass": _CLASSES, **attributes})


def marks(state: State) -> Attributes:
    """What makes the state; the server asks those for a new password whose entry an administrator added."""
    return {"passwordExpirationTime": [], **_STATES[state](datetime.now(UTC))}
