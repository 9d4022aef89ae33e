"""What `portal check` looks at in OpenLDAP: the overlay, the policy, and each right of the service account.

Rights are tried out by changes that fail whatever the rights are, but for want of the right they fail differently:
deleting a value that is not there gives noSuchAttribute (16) with the right and insufficientAccessRights (50) without.
"""

import secrets
from collections.abc import Iterator, Sequence

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
from connectors.ldap import own_data, ppolicy
from connectors.ldap.link import Link
from connectors.ldap.policies import Policy
from connectors.ldap.requests import Change, equals
from connectors.ldap.results import INSUFFICIENT_ACCESS, NO_SUCH_ATTRIBUTE
from connectors.ldap.service_account_doctor import examine_power
from connectors.ldap.settings import LdapSettings

_PASSWORD_MODIFY = "1.3.6.1.4.1.4203.1.11.1"  # noqa: S105  (an object identifier)
_NEVER = "19700101000000Z"
_STATE = (  # what is read of an account's state, and a value it does not have
    ("pwdAccountLockedTime", _NEVER), ("pwdReset", "FALSE"), ("pwdChangedTime", _NEVER), ("pwdEndTime", _NEVER),
    ("pwdStartTime", _NEVER), ("shadowExpire", "-99"), ("pwdFailureTime", _NEVER),
)  # fmt: skip
_WRITTEN = (
    ("pwdAccountLockedTime", _NEVER, say("unlock and disable"), (UnlocksAccount, DisablesAccount, EnablesAccount)),
    (
        "pwdReset",
        "FALSE",
        say("ask for a new password, and take that back where the server does so by itself"),
        (RequiresPasswordChange,),
    ),
    ("shadowExpire", "-99", say("extend accounts"), (SetsEndDate,)),
    ("pwdEndTime", _NEVER, say("extend accounts"), (SetsEndDate,)),
)


def examine_server(service: Link) -> Iterator[Finding]:
    root = service.read("", ("supportedControl", "supportedExtension")).entries
    offered = root[0].texts("supportedControl", "supportedExtension") if root else ()
    if ppolicy.OID not in offered:
        yield fault(
            say("password policy"),
            say("the server keeps no password policy: nobody is ever locked, and no refusal has a reason"),
            "moduleload ppolicy\noverlay ppolicy\nppolicy_default cn=default,ou=policies,dc=example,dc=org",
        )
    if _PASSWORD_MODIFY not in offered:
        yield fault(
            say("password modify"), say("the server does not offer the password-modify operation (RFC 3062)"), ""
        )


def examine_policy(policy: Policy) -> Iterator[Finding]:
    if not policy.dn:
        yield warning(
            say("password rules"),
            say("no password policy can be read, so people cannot be told the rules before they choose"),
            "default_policy_dn: name the policy everybody has; the service account must be able to read it.",
        )
        return
    told = say(
        "%(dn)s: at least %(min_length)s characters, %(history)s old passwords remembered",
        dn=policy.dn,
        min_length=policy.min_length,
        history=policy.history,
    )
    yield fine(say("password rules"), told)
    if not policy.locks:
        yield warning(
            say("lock"),
            say("%(dn)s lacks pwdLockout: accounts cannot be disabled either", dn=policy.dn),
            "pwdLockout: TRUE",
        )
    if policy.min_age:
        hours = policy.min_age.total_seconds() / 3600
        yield warning(
            say("password rules"),
            say(
                "%(dn)s: whoever changed a password less than %(hours)s h ago cannot reset it when forgotten",
                dn=policy.dn,
                hours=f"{hours:g}",
            ),
            "pwdMinAge: 0",
        )


def examine_rights(settings: LdapSettings, service: Link, dn: str, base: str, policy: Policy) -> Iterator[Finding]:
    hidden = [name for name, value in _STATE if service.compare(dn, name, value).code == INSUFFICIENT_ACCESS]
    if hidden:
        remedy = grant(settings, base, hidden, "read")
        yield fault(
            say("right to read the state"),
            say("%(base)s: %(names)s cannot be read", base=base, names=", ".join(hidden)),
            remedy,
        )
    else:
        yield fine(say("right to read the state"), say("%(base)s: locks and ends are seen", base=base))
    yield from _password_right(settings, service, dn, base, policy)
    for name, value, purpose, stops in _WRITTEN:
        reply = service.modify(dn, {name: [(Change.DELETE, [value.encode()])]})
        if reply.code == NO_SUCH_ATTRIBUTE:
            yield fine(
                say("right to write %(name)s", name=name), say("%(base)s: may %(purpose)s", base=base, purpose=purpose)
            )
        else:
            message = say(
                "%(base)s: may not %(purpose)s (result %(code)s %(message)s)",
                base=base,
                purpose=purpose,
                code=reply.code,
                message=reply.message,
            )
            yield fault(
                say("right to write %(name)s", name=name),
                message,
                grant(settings, base, [name], "write"),
                base=base,
                stops=stops,
            )
    yield from own_data.examine(settings, service, dn, base, lambda name: grant(settings, base, [name], "write"))
    yield from examine_power(settings, service, dn, base, lambda names: grant(settings, base, names, "read"))


def may_reset(service: Link, dn: str) -> bool:
    nonsense = f"{{SSHA}}{secrets.token_urlsafe(24)}".encode()
    return service.modify(dn, {"userPassword": [(Change.DELETE, [nonsense])]}).code == NO_SUCH_ATTRIBUTE


def withhold(settings: LdapSettings, base: str, group: str) -> str:
    return (
        f'access to dn.subtree="{base}" filter="(memberOf={group})" attrs=userPassword\n'
        f'  by dn.exact="{settings.bind_dn}" none by * break\n'
        "# and the same for what else is written: docs/openldap.md, section 2"
    )


def indexed(service: Link) -> frozenset[str] | None:
    """From cn=config, which few let a service account read."""
    entries = service.search("cn=config", equals("objectClass", "olcDatabaseConfig"), ("olcDbIndex",)).entries
    lines = [line for entry in entries for line in entry.texts("olcDbIndex")]
    return frozenset(name.lower() for line in lines for name in line.split()[0].split(",")) if lines else None


def _password_right(settings: LdapSettings, service: Link, dn: str, base: str, policy: Policy) -> Iterator[Finding]:
    subject, enough = say("right to write userPassword"), grant(settings, base, ["userPassword"], "=wx")
    nonsense = f"{{SSHA}}{secrets.token_urlsafe(24)}".encode()
    deletes = (Change.DELETE, [nonsense])
    reply = service.modify(dn, {"userPassword": [deletes]})
    if reply.code != NO_SUCH_ATTRIBUTE:
        yield fault(
            subject,
            say(
                "%(base)s: may not set passwords (result %(code)s %(message)s)",
                base=base,
                code=reply.code,
                message=reply.message,
            ),
            enough,
            base=base,
            stops=(SetsPassword,),
        )
        return
    # The overlay looks whether the old password is right, but not where it takes us for a password administrator.
    managed = service.modify(dn, {"userPassword": [deletes, (Change.ADD, [nonsense])]}).code == NO_SUCH_ATTRIBUTE
    if managed and policy.dn:
        yield warning(
            subject, say("%(base)s: has the right to manage, so no rule holds for a reset: too much", base=base), enough
        )
    elif policy.wants_old:
        yield fault(
            subject,
            say("%(dn)s: wants the old password with the new one, also for a reset", dn=policy.dn),
            "pwdSafeModify: FALSE",
            base=base,
            stops=(SetsPassword,),
        )
    elif any(entry.values("userPassword") for entry in service.read(dn, ("userPassword",)).entries):
        yield warning(subject, say("%(base)s: can read the stored passwords, which it never needs", base=base), enough)
    else:
        yield fine(subject, say("%(base)s: may reset, under everybody's rules", base=base))


def grant_to_find(settings: LdapSettings, base: str) -> str:
    if settings.bind_dn:
        return f'access to dn.subtree="{base}" by dn.exact="{settings.bind_dn}" read by * break'
    names = ",".join(dict.fromkeys(("entry", "objectClass", settings.login_attribute, *settings.mail_attributes)))
    return f'access to dn.subtree="{base}" attrs={names} by anonymous read by * break\nor set person_dn.'


def grant(settings: LdapSettings, base: str, attributes: Sequence[str], right: str) -> str:
    """The access rule to put above all others, as slapd.conf(5) and as cn=config want it."""
    groups = "".join(f"(memberOf={group})" for group in settings.protected_groups if right != "read")
    people = f' filter="(!(|{groups}))"' if groups else ""  # over the protected it shall have no right
    by = f'by dn.exact="{settings.bind_dn}" {right} by * break'
    rule = f'to dn.subtree="{base}"{people} attrs={",".join(attributes)} {by}'
    return f"slapd.conf: access {rule}\ncn=config:  olcAccess: {{0}}{rule}"
