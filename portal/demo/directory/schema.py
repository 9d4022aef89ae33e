"""The attribute types this directory knows: how values look, compare, and whether people see or set them."""

import re
from dataclasses import dataclass
from enum import Enum

from portal.demo.directory import names


class Syntax(Enum):
    """What values of an attribute look like, which also decides how two of them are compared."""

    TEXT = "text"  # letter case and runs of spaces do not count
    EXACT = "exact"
    NAME = "name"  # a DN
    INTEGER = "integer"
    TIME = "time"  # generalized time, always UTC
    BOOLEAN = "boolean"
    CONCEALED = "concealed"  # never leaves the directory and never takes part in a filter


@dataclass(frozen=True, kw_only=True)
class AttributeType:
    """One attribute type. `ordered` tells whether <= and >= mean anything for it."""

    name: str
    syntax: Syntax = Syntax.TEXT
    single: bool = False
    operational: bool = False
    fixed: bool = False  # kept by the server; nobody may write it
    ordered: bool = False


_TIME = re.compile(rb"\d{10}(\d\d(\d\d(\.\d{1,6})?)?)?Z")


def _types() -> dict[str, AttributeType]:
    made: list[AttributeType] = []

    def add(names_: str, syntax: Syntax = Syntax.TEXT, **how: bool) -> None:
        made.extend(AttributeType(name=name, syntax=syntax, **how) for name in names_.split())

    add("objectClass uid cn sn givenName displayName initials title mail mailAlternateAddress o ou telephoneNumber")
    add("mobile roomNumber description businessCategory employeeType departmentNumber homeDirectory loginShell")
    add("mailForwardingAddress mailAlias vacationMessage pwdAttribute proxyAddresses")
    add("vacationSubject", single=True)
    add("sshPublicKey", Syntax.EXACT)
    add("dc preferredLanguage employeeNumber", single=True)
    add("manager member owner secretary publicDelegates", Syntax.NAME)
    add("uidNumber gidNumber mailQuota mailQuotaUsed", Syntax.INTEGER, single=True, ordered=True)
    # nis.schema gives shadow attributes no ORDERING rule: a comparison by <= is undefined, as on the real server.
    add("shadowExpire shadowLastChange shadowMax shadowWarning", Syntax.INTEGER, single=True)
    add("mailForwardingKeepCopy vacationActive", Syntax.BOOLEAN, single=True)
    add("vacationStart vacationEnd", Syntax.TIME, single=True, ordered=True)
    add("pwdMinLength pwdInHistory pwdMinAge pwdMaxAge pwdCheckQuality pwdMaxFailure", Syntax.INTEGER, single=True)
    add("pwdLockoutDuration pwdFailureCountInterval pwdGraceAuthNLimit pwdExpireWarning", Syntax.INTEGER, single=True)
    add("pwdLockout pwdMustChange pwdAllowUserChange pwdSafeModify", Syntax.BOOLEAN, single=True)
    add("userPassword", Syntax.CONCEALED)
    add("pwdHistory", Syntax.CONCEALED, operational=True, fixed=True)
    add("pwdAccountLockedTime pwdEndTime", Syntax.TIME, single=True, operational=True, ordered=True)
    add("pwdReset", Syntax.BOOLEAN, single=True, operational=True)
    add("pwdPolicySubentry", Syntax.NAME, single=True, operational=True)
    add("pwdFailureTime pwdGraceUseTime", Syntax.TIME, operational=True, fixed=True, ordered=True)
    kept = {"operational": True, "fixed": True}
    add("createTimestamp modifyTimestamp pwdChangedTime", Syntax.TIME, single=True, ordered=True, **kept)
    add("entryUUID entryCSN", Syntax.TEXT, single=True, ordered=True, **kept)
    add("entryDN modifiersName", Syntax.NAME, single=True, **kept)
    add("memberOf", Syntax.NAME, **kept)
    return {one.name.lower(): one for one in made}


TYPES = _types()

# inetOrgPerson stands on organizationalPerson on person: a filter for any of them finds it.
SUPERIORS = {"inetorgperson": (b"organizationalPerson", b"person", b"top"), "account": (b"top",)}


def known(name: str | bytes) -> AttributeType | None:
    """The attribute type by any spelling of its name, or None; options such as ;lang-nb are not supported."""
    text = name.decode("ascii", "replace") if isinstance(name, bytes) else name
    return TYPES.get(text.lower())


def valid(kind: AttributeType, value: bytes) -> bool:
    """Whether a value may stand in this attribute."""
    match kind.syntax:
        case Syntax.INTEGER:
            return re.fullmatch(rb"-?(0|[1-9]\d{0,18})", value) is not None
        case Syntax.BOOLEAN:
            return value in {b"TRUE", b"FALSE"}
        case Syntax.TIME:
            return _TIME.fullmatch(value) is not None
        case Syntax.NAME:
            return folded(kind, value) is not None
        case Syntax.CONCEALED:
            return True
    return bool(value) and _is_text(value)


def folded(kind: AttributeType, value: bytes) -> bytes | int | names.Key | None:
    """The value in the form in which equal values are equal; None if it can equal nothing."""
    try:
        match kind.syntax:
            case Syntax.TEXT:
                return " ".join(value.decode().split()).casefold().encode()
            case Syntax.NAME:
                return names.key(value.decode())
            case Syntax.INTEGER:
                return int(value) if valid(kind, value) else None
    except ValueError:  # no UTF-8, no DN
        return None
    return value


def _is_text(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True
