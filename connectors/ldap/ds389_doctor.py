"""What `portal check` looks at in 389 DS: the policy, and each right of the service account.

The server itself tells somebody's rights over an entry (control 1.3.6.1.4.1.42.2.27.9.5.2, "get effective rights"), so
nothing has to be tried out.
"""

from collections.abc import Iterator, Mapping, Sequence

from connectors.capabilities import Finding, Severity
from connectors.ldap import own_data
from connectors.ldap.ds389_policies import ATTRIBUTES as POLICY_ATTRIBUTES
from connectors.ldap.ds389_policies import Policy
from connectors.ldap.entry import Entry, dn_key
from connectors.ldap.link import Link
from connectors.ldap.requests import control
from connectors.ldap.results import COMPARE_TRUE
from connectors.ldap.settings import LdapSettings

_EFFECTIVE_RIGHTS = "1.3.6.1.4.1.42.2.27.9.5.2"
_STATE = (
    "nsUniqueId", "entryusn", "modifyTimestamp", "pwdUpdateTime", "pwdPolicySubentry", "passwordExpirationTime",
    "passwordRetryCount", "retryCountResetTime", "accountUnlockTime", "nsAccountLock",
)  # fmt: skip
_RESET = ("userPassword", "passwordExpirationTime", "passwordRetryCount", "retryCountResetTime", "accountUnlockTime")


def examine_policy(settings: LdapSettings, service: Link, policy: Policy, dn: str) -> Iterator[Finding]:
    """Look at the policy read from that DN."""
    subject = "password rules"
    if not policy.dn:
        message = f"{dn}: the password policy cannot be read: nobody is told the rules, nor asked for a new password"
        names = ("objectClass", "cn", *POLICY_ATTRIBUTES)
        _, container, base = dn.partition("cn=nsPwPolicyContainer,")  # where dsconf puts all local policies
        yield _fault(subject, message, grant(settings, container + base or dn, names, "read,search,compare"))
        return
    told = f"{policy.dn}: at least {policy.min_length} characters, {policy.history} old passwords remembered"
    yield Finding(severity=Severity.OK, subject=subject, message=told)
    if not policy.locks:
        yield _warning(
            "lock", f"{policy.dn}: passwords may be guessed without end", _put(policy, "passwordLockout: on")
        )
    if not policy.obeys_must_change:
        message = f"{policy.dn}: the server overlooks who is asked for a new password"
        yield _warning("right to ask for a new password", message, _put(policy, "passwordMustChange: on"))
    if not policy.keeps_change_time:
        message = f"{policy.dn}: the server does not keep when a password was changed"
        yield _warning("state", message, _put(policy, "passwordTrackUpdateTime: on"))
    if policy.min_age:
        hours = policy.min_age.total_seconds() / 3600
        message = f"{policy.dn}: whoever changed a password less than {hours:g} h ago cannot reset it when forgotten"
        yield _warning(subject, message, _put(policy, "passwordMinAge: 0"))
    if policy.administrators and _is_one(settings.bind_dn, policy.administrators, service):
        message = f"{policy.dn}: passwordAdminDN makes {settings.bind_dn} free of every rule: too much"
        yield _warning("right to write userPassword", message, f"Take it out of {policy.administrators}.")


def examine_rights(settings: LdapSettings, service: Link, sample: Entry, base: str) -> Iterator[Finding]:
    wakes = ("lastLoginTime",) if sample.values("acctPolicySubentry") else ()
    written = {
        "reset and unlock": _RESET,
        "disable": ("nsAccountLock",),
        "extend accounts": (settings.end_attribute, *wakes),
    }
    wanted = (*_STATE, *(name for names in written.values() for name in names))
    rights = _rights(settings, service, sample.dn, tuple(dict.fromkeys(wanted)))
    if not rights:
        message = f"{base}: the server does not tell rights, as every 389 Directory Server does"
        yield _fault("server", message, "kind: name the kind of directory that this is.")
        return
    if "r" in rights.get("entryusn", "") and not sample.values("entryusn"):
        yield _warning(
            "state",
            f"{base}: after a crash it cannot always be told whether something was written",
            "dn: cn=USN,cn=plugins,cn=config\nchangetype: modify\nreplace: nsslapd-pluginEnabled\n"
            "nsslapd-pluginEnabled: on\n# then restart the instance",
        )
    if hidden := [name for name in _STATE if "r" not in rights.get(name.lower(), "")]:
        remedy = grant(settings, base, hidden, "read,search,compare")
        yield _fault("right to read the state", f"{base}: {', '.join(hidden)} cannot be read", remedy)
    else:
        seen = f"{base}: locks and ends are seen"
        yield Finding(severity=Severity.OK, subject="right to read the state", message=seen)
    for purpose, names in written.items():
        subject = f"right to {purpose}"
        if missing := [name for name in names if "w" not in rights.get(name.lower(), "")]:
            message = f"{base}: {', '.join(missing)} cannot be written"
            yield _fault(subject, message, grant(settings, base, missing, "write"))
        else:
            yield Finding(severity=Severity.OK, subject=subject, message=f"{base}: may {purpose}")
    if "r" in rights.get("userpassword", ""):
        message = f"{base}: {settings.bind_dn} can read the stored passwords, which it never needs"
        yield _warning("right to read userPassword", message, "Leave userPassword out of the rule that lets it read.")
    yield from own_data.examine(settings, service, sample.dn, base, lambda name: grant(settings, base, [name], "write"))


def grant(settings: LdapSettings, dn: str, attributes: Sequence[str], rights: str) -> str:
    """The access control instruction to add, as LDIF."""
    subject = f'userdn="ldap:///{settings.bind_dn or "anyone"}"'
    names = " || ".join(attributes)
    aci = f'(targetattr="{names}")(version 3.0; acl "Sparekey: {rights}"; allow ({rights}) {subject};)'
    return f"dn: {dn}\nchangetype: modify\nadd: aci\naci: {aci}"


def _rights(settings: LdapSettings, service: Link, dn: str, attributes: Sequence[str]) -> Mapping[str, str]:
    """The letters of the service account's rights to each attribute, in lower case; nothing if it is not told."""
    asked = (control(_EFFECTIVE_RIGHTS, f"dn: {settings.bind_dn}".encode()),)
    entries = service.read(dn, attributes, controls=asked).entries
    pairs = entries[0].text("attributeLevelRights").split(", ") if entries else []
    return {name.lower(): letters for name, colon, letters in (pair.partition(":") for pair in pairs) if colon}


def _is_one(dn: str, administrators: str, service: Link) -> bool:
    if dn_key(dn) == dn_key(administrators):
        return True
    members = ("member", "uniqueMember")
    return any(service.compare(administrators, name, dn).code == COMPARE_TRUE for name in members)


def _put(policy: Policy, line: str) -> str:
    return f"dn: {policy.dn}\nchangetype: modify\nreplace: {line.split(':', maxsplit=1)[0]}\n{line}"


def _fault(subject: str, message: str, remedy: str) -> Finding:
    return Finding(severity=Severity.FAULT, subject=subject, message=message, remedy=remedy)


def _warning(subject: str, message: str, remedy: str) -> Finding:
    return Finding(severity=Severity.WARNING, subject=subject, message=message, remedy=remedy)
