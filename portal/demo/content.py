"""The demo directory's entries: the organisation, its password policies, the portal's account, people, groups."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from string import ascii_lowercase

from portal.demo import people
from portal.demo.people import BASE, DemoPerson

Record = tuple[str, Mapping[str, Sequence[str]]]  # a DN, and values by attribute name

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FOR_GOOD = "000001010000Z"
_AGED = timedelta(days=120)  # how long ago people whose password has expired last changed it
_VISITING = timedelta(days=200)  # long enough for their sponsors to be asked whether they still need the account
_CONTRACTS = {
    "carl": timedelta(days=12),
    "kirsten": timedelta(days=3),
    "petra": timedelta(days=9),
    "pavel": timedelta(days=9),
    "wanda": timedelta(days=20),
}

_PHONES = {"lars": "+47 55 50 10 31", "nora": "+47 55 50 10 32"}  # numbers the service desk calls back

_SENT_ON: Mapping[str, dict[str, list[str]]] = {  # whose mail goes elsewhere from the start
    "einar@nordvik.example": {
        "mailForwardingAddress": ["bob@nordvik.example", "einar@hjemme.example"],
        "mailForwardingKeepCopy": ["TRUE"],
    },
    "ida@nordvik.example": {"mailForwardingAddress": ["jonas@nordvik.example"], "mailForwardingKeepCopy": ["TRUE"]},
    "jonas@nordvik.example": {"mailForwardingAddress": ["ida@nordvik.example"], "mailForwardingKeepCopy": ["TRUE"]},
}

_NEARLY_FULL = ("einar", "leila")  # whose mailbox has little room left

_BORROWERS = ("alice", "bob", "einar", "hedda", "ida", "runa")  # who has an account of the library, too

_LISTS = (  # name, address, what it is, owner, members, what it is for
    ("Canteen", "canteen", "open", "hedda", ("hedda", "bob", "alice"), "What there is to eat"),
    ("Choir", "choir", "open", "ida", ("ida", "jonas"), "Rehearsals and concerts"),
    ("Library news", "library-news", "open", "bob", ("bob", "einar", "siobhan"), "New books, and when it is closed"),
    ("Heads of department", "heads", "closed", "hedda", ("hedda", "signe"), "For those who lead one"),
    ("Emergency response", "emergency", "closed", "tor", ("tor", "yusuf", "gunnar"), "Who comes when it burns"),
    ("Library desk", "library", "box", "selma", ("selma", "einar"), "Questions to the library"),
    ("Admissions", "admissions", "box", "hedda", ("hedda",), "Applications from all over the world"),
)

_DEFAULT_POLICY = {
    "pwdAttribute": "userPassword",
    "pwdMinLength": "12",
    "pwdInHistory": "5",
    "pwdMinAge": "0",
    "pwdMaxAge": "0",
    "pwdCheckQuality": "2",
    "pwdLockout": "TRUE",
    "pwdMaxFailure": "5",
    "pwdLockoutDuration": "0",  # until somebody unlocks
    "pwdFailureCountInterval": "900",
    "pwdMustChange": "TRUE",
    "pwdAllowUserChange": "TRUE",
    "pwdSafeModify": "FALSE",
    "pwdGraceAuthNLimit": "0",
}
_AGED_POLICY = {**_DEFAULT_POLICY, "pwdMaxAge": str(90 * 86400), "pwdExpireWarning": str(14 * 86400)}
_POLICIES = {
    "default": _DEFAULT_POLICY,
    "aged": {**_AGED_POLICY, "pwdGraceAuthNLimit": "3"},
    "aged-strict": _AGED_POLICY,
    "library": {**_DEFAULT_POLICY, "pwdMinLength": "16"},  # so that a rule of another system is seen
    "services": {"pwdAttribute": "userPassword", "pwdLockout": "FALSE"},  # or strangers could lock the portal out
}


def records(now: datetime) -> Iterator[Record]:
    """Every entry, parents first. Dates count from `now`."""
    yield BASE, {"objectClass": ["dcObject", "organization"], "dc": ["nordvik"], "o": [people.ORGANISATION]}
    for unit in ("people", "guests", "library", "groups", "lists", "services", "policies"):
        yield f"ou={unit},{BASE}", {"objectClass": ["organizationalUnit"], "ou": [unit]}
    for name, rules in _POLICIES.items():
        fixed = {"objectClass": ["device", "pwdPolicy"], "cn": [name]}
        yield f"cn={name},ou=policies,{BASE}", {**fixed, **{rule: [value] for rule, value in rules.items()}}
    yield (
        people.SERVICE_DN,
        {
            "objectClass": ["organizationalRole", "simpleSecurityObject"],
            "cn": ["portal"],
            "description": ["The portal's own account"],
            "userPassword": [people.SERVICE_PASSWORD],
            "pwdPolicySubentry": [f"cn=services,ou=policies,{BASE}"],
        },
    )
    for number, person in enumerate(people.EVERYBODY):
        yield person.dn, {**_about(person, number), **_standing(person, now)}
    for role, group in people.ROLE_GROUPS.items():
        members = [person.dn for person in people.PERSONS if role in person.roles]
        yield people.group_dn(role), {"objectClass": ["groupOfNames"], "cn": [group], "member": members}
    yield from map(_library_account, _BORROWERS)
    yield from _lists()


def _library_account(login: str) -> Record:
    person = people.BY_LOGIN[login]
    uid = f"{login}.library"
    return f"uid={uid},{people.LIBRARY_ACCOUNTS}", {
        "objectClass": ["inetOrgPerson"],
        "uid": [uid],
        "cn": [person.name],
        "sn": [person.surname],
        "userPassword": [person.password],
        "pwdPolicySubentry": [f"cn=library,ou=policies,{BASE}"],
    }


def _lists() -> Iterator[Record]:
    """Mailing lists that everybody may join, others whose owner is asked, and mailboxes used in common."""
    for name, address, category, owner, members, about in _LISTS:
        yield (
            f"cn={name},{people.LISTS}",
            {
                "objectClass": ["groupOfNames", "extensibleObject"],
                "cn": [name],
                "mail": [f"{address}@nordvik.example"],
                "businessCategory": [category],
                "description": [about],
                "owner": [people.BY_LOGIN[owner].dn],
                "member": [people.BY_LOGIN[login].dn for login in members],
            },
        )


def _about(person: DemoPerson, number: int) -> dict[str, list[str]]:
    about = {
        "objectClass": ["inetOrgPerson", "posixAccount", "shadowAccount"],
        "uid": [person.login],
        "cn": [person.name],
        "givenName": [person.given_name],
        "sn": [person.surname],
        "mail": [person.mail],
        "preferredLanguage": [person.language],
        "ou": [person.unit],
        "departmentNumber": [str(100 + sum(person.unit.encode()) % 900)],
        "employeeType": [person.kind],
        "uidNumber": [str(20000 + number)],
        "gidNumber": ["20000"],
        "homeDirectory": [f"/home/{person.login}"],
        "userPassword": [person.password],
    }
    if person.directory == people.DIRECTORY:
        used = "4812" if person.login in _NEARLY_FULL else str(200 + 37 * number % 3000)
        about |= {"mailQuota": ["5120"], "mailQuotaUsed": [used], "mailAlias": [f"{_plain(person)}@nordvik.example"]}
        about |= {"proxyAddresses": [f"SMTP:{person.mail}"]}
    about |= _SENT_ON.get(person.mail, {})
    if person.recovery_mail:
        about["mailAlternateAddress"] = [person.recovery_mail]
    if person.login in _PHONES:
        about["mobile"] = [_PHONES[person.login]]
    if person.sponsor:
        about["manager"] = [people.BY_LOGIN[person.sponsor].dn]
    if person.policy:
        about["pwdPolicySubentry"] = [f"cn={person.policy},ou=policies,{BASE}"]
    return about


def _plain(person: DemoPerson) -> str:
    """A longer local part for the same mailbox."""
    letters = "".join(letter for letter in person.surname.lower() if letter in ascii_lowercase)
    return f"{person.login}.{letters or person.kind}"


def _standing(person: DemoPerson, now: datetime) -> dict[str, list[str]]:
    aged = _AGED if "expired" in person.states else timedelta(days=30)
    standing = {"pwdChangedTime": [_time(now - aged)]}
    if "locked" in person.states:
        standing["pwdAccountLockedTime"] = [_time(now - timedelta(hours=1))]
        failures = [now - timedelta(hours=1, seconds=5 * count) for count in range(4, -1, -1)]
        standing["pwdFailureTime"] = [_time(moment) for moment in failures]
    if "disabled" in person.states:
        standing["pwdAccountLockedTime"] = [_FOR_GOOD]
    if "must_change" in person.states:
        standing["pwdReset"] = ["TRUE"]
    if "ended" in person.states:
        standing |= _end(now - timedelta(days=10))
    if "contractor" in person.states:
        standing |= _end(now + _CONTRACTS[person.login]) | {"createTimestamp": [_time(now - _VISITING)]}
    return standing


def _end(moment: datetime) -> dict[str, list[str]]:
    """The end of an account, at the start of a day: for the directory itself and for Unix machines."""
    day = (moment - _EPOCH).days
    return {"pwdEndTime": [_time(_EPOCH + timedelta(days=day))], "shadowExpire": [str(day)]}


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%SZ")
