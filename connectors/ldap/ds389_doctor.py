"""What `portal check` looks at in 389 DS: the policy, and each right of the service account.

The server itself tells somebody's rights over an entry (control 1.3.6.1.4.1.42.2.27.9.5.2, "get effective rights"), so
nothing has to be tried out.
"""

from collections.abc import Iterator, Mapping, Sequence

from connectors.access import EnablesAccount
from connectors.capabilities import (
    DisablesAccount,
    Finding,
    RequiresPasswordChange,
    SetsEndDate,
    SetsPassword,
    UnlocksAccount,
)
from connectors.findings import fault, fine, say, warning
from connectors.ldap import own_data
from connectors.ldap.ds389_policies import ATTRIBUTES as POLICY_ATTRIBUTES
from connectors.ldap.ds389_policies import Policy
from connectors.ldap.entry import Entry, dn_key
from connectors.ldap.link import Link
from connectors.ldap.requests import control
from connectors.ldap.results import COMPARE_TRUE
from connectors.ldap.service_account_doctor import examine_power
from connectors.ldap.settings import LdapSettings

_EFFECTIVE_RIGHTS = "1.3.6.1.4.1.42.2.27.9.5.2"
_STATE = (
    "nsUniqueId", "entryusn", "modifyTimestamp", "pwdUpdateTime", "pwdPolicySubentry", "passwordExpirationTime",
    "passwordRetryCount", "retryCountResetTime", "accountUnlockTime", "nsAccountLock",
)  # fmt: skip
_RESET = ("userPassword", "passwordExpirationTime", "passwordRetryCount", "retryCountResetTime", "accountUnlockTime")


def examine_policy(settings: LdapSettings, service: Link, policy: Policy, dn: str) -> Iterator[Finding]:
    """Look at the policy read from that DN."""
    subject = say("password rules")
    if not policy.dn:
        message = say(
            "%(dn)s: the password policy cannot be read: nobody is told the rules, nor asked for a new password", dn=dn
        )
        names = ("objectClass", "cn", *POLICY_ATTRIBUTES)
        _, container, base = dn.partition("cn=nsPwPolicyContainer,")  # where dsconf puts all local policies
        yield fault(subject, message, grant(settings, container + base or dn, names, "read,search,compare"))
        return
    told = say(
        "%(dn)s: at least %(min_length)s characters, %(history)s old passwords remembered",
        dn=policy.dn,
        min_length=policy.min_length,
        history=policy.history,
    )
    yield fine(subject, told)
    if not policy.locks:
        yield warning(
            say("lock"),
            say("%(dn)s: passwords may be guessed without end", dn=policy.dn),
            _put(policy, "passwordLockout: on"),
        )
    if not policy.obeys_must_change:
        message = say("%(dn)s: the server overlooks who is asked for a new password", dn=policy.dn)
        yield warning(say("right to ask for a new password"), message, _put(policy, "passwordMustChange: on"))
    if not policy.keeps_change_time:
        message = say("%(dn)s: the server does not keep when a password was changed", dn=policy.dn)
        yield warning(say("state"), message, _put(policy, "passwordTrackUpdateTime: on"))
    if policy.min_age:
        hours = policy.min_age.total_seconds() / 3600
        message = say(
            "%(dn)s: whoever changed a password less than %(hours)s h ago cannot reset it when forgotten",
            dn=policy.dn,
            hours=f"{hours:g}",
        )
        yield warning(subject, message, _put(policy, "passwordMinAge: 0"))
    if policy.administrators and _is_one(settings.bind_dn, policy.administrators, service):
        message = say(
            "%(dn)s: passwordAdminDN makes %(bind_dn)s free of every rule: too much",
            dn=policy.dn,
            bind_dn=settings.bind_dn,
        )
        yield warning(say("right to write userPassword"), message, f"Take it out of {policy.administrators}.")


def examine_rights(settings: LdapSettings, service: Link, sample: Entry, base: str) -> Iterator[Finding]:
    wakes = ("lastLoginTime",) if sample.values("acctPolicySubentry") else ()
    written = {
        say("reset and unlock"): (_RESET, (SetsPassword, UnlocksAccount, RequiresPasswordChange)),
        say("disable"): (("nsAccountLock",), (DisablesAccount, EnablesAccount)),
        say("extend accounts"): ((settings.end_attribute, *wakes), (SetsEndDate,)),
    }
    wanted = (*_STATE, *(name for names, _ in written.values() for name in names))
    rights = _rights(settings, service, sample.dn, tuple(dict.fromkeys(wanted)))
    if not rights:
        message = say("%(base)s: the server does not tell rights, as every 389 Directory Server does", base=base)
        yield fault(say("server"), message, "kind: name the kind of directory that this is.")
        return
    if "r" in rights.get("entryusn", "") and not sample.values("entryusn"):
        yield warning(
            say("state"),
            say("%(base)s: after a crash it cannot always be told whether something was written", base=base),
            "dn: cn=USN,cn=plugins,cn=config\nchangetype: modify\nreplace: nsslapd-pluginEnabled\n"
            "nsslapd-pluginEnabled: on\n# then restart the instance",
        )
    if hidden := [name for name in _STATE if "r" not in rights.get(name.lower(), "")]:
        remedy = grant(settings, base, hidden, "read,search,compare")
        yield fault(
            say("right to read the state"),
            say("%(base)s: %(names)s cannot be read", base=base, names=", ".join(hidden)),
            remedy,
        )
    else:
        seen = say("%(base)s: locks and ends are seen", base=base)
        yield fine(say("right to read the state"), seen)
    for purpose, (names, stops) in written.items():
        subject = say("right to %(purpose)s", purpose=purpose)
        if missing := [name for name in names if "w" not in rights.get(name.lower(), "")]:
            message = say("%(base)s: %(names)s cannot be written", base=base, names=", ".join(missing))
            yield fault(subject, message, grant(settings, base, missing, "write"), base=base, stops=stops)
        else:
            yield fine(subject, say("%(base)s: may %(purpose)s", base=base, purpose=purpose))
    if "r" in rights.get("userpassword", ""):
        message = say(
            "%(base)s: %(bind_dn)s can read the stored passwords, which it never needs",
            base=base,
            bind_dn=settings.bind_dn,
        )
        yield warning(
            say("right to read userPassword"), message, "Leave userPassword out of the rule that lets it read."
        )
    yield from own_data.examine(settings, service, sample.dn, base, lambda name: grant(settings, base, [name], "write"))
    yield from examine_power(settings, service, sample.dn, base, lambda names: _deny(settings, base, names))


def may_reset(settings: LdapSettings, service: Link, dn: str) -> bool:
    return "w" in _rights(settings, service, dn, ("userPassword",)).get("userpassword", "")


def withhold(settings: LdapSettings, base: str, group: str) -> str:
    return _deny(settings, base, ("*",), f"(memberOf={group})")


def grant(settings: LdapSettings, dn: str, attributes: Sequence[str], rights: str) -> str:
    """The access control instruction to add, as LDIF."""
    subject = f'userdn="ldap:///{settings.bind_dn or "anyone"}"'
    names = " || ".join(attributes)
    groups = "".join(f"(memberOf={group})" for group in settings.protected_groups if rights == "write")
    people = f'(targetfilter="(!(|{groups}))")' if groups else ""  # over the protected it shall have no right
    aci = f'(targetattr="{names}"){people}(version 3.0; acl "Sparekey: {rights}"; allow ({rights}) {subject};)'
    return f"dn: {dn}\nchangetype: modify\nadd: aci\naci: {aci}"


def _deny(settings: LdapSettings, dn: str, attributes: Sequence[str], people: str = "") -> str:
    """A rule that denies wins over all that allow."""
    which = f'(targetattr="{" || ".join(attributes)}")' + (f'(targetfilter="{people}")' if people else "")
    aci = f'{which}(version 3.0; acl "Sparekey: never"; deny (write) userdn="ldap:///{settings.bind_dn}";)'
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
