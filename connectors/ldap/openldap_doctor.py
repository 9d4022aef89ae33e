"""What `portal check` looks at in OpenLDAP: the overlay, the policy, and each right of the service account.

Rights are tried out by changes that fail whatever the rights are, but for want of the right they fail differently:
deleting a value that is not there gives noSuchAttribute (16) with the right and insufficientAccessRights (50) without.
"""

import secrets
from collections.abc import Iterator, Sequence

from connectors.capabilities import Finding, Severity
from connectors.ldap import own_data, ppolicy
from connectors.ldap.link import Link
from connectors.ldap.policies import Policy
from connectors.ldap.requests import Change
from connectors.ldap.results import INSUFFICIENT_ACCESS, NO_SUCH_ATTRIBUTE
from connectors.ldap.settings import LdapSettings

_PASSWORD_MODIFY = "1.3.6.1.4.1.4203.1.11.1"  # noqa: S105  (an object identifier)
_NEVER = "19700101000000Z"
_STATE = (  # what is read of an account's state, and a value it does not have
    ("pwdAccountLockedTime", _NEVER), ("pwdReset", "FALSE"), ("pwdChangedTime", _NEVER), ("pwdEndTime", _NEVER),
    ("pwdStartTime", _NEVER), ("shadowExpire", "-99"), ("pwdFailureTime", _NEVER),
)  # fmt: skip
_WRITTEN = (
    ("pwdAccountLockedTime", _NEVER, "unlock and disable"),
    ("pwdReset", "FALSE", "ask for a new password, and take back a must-change that the server sets by itself"),
    ("shadowExpire", "-99", "extend accounts"),
    ("pwdEndTime", _NEVER, "extend accounts"),
)


def examine_server(service: Link) -> Iterator[Finding]:
    root = service.read("", ("supportedControl", "supportedExtension")).entries
    offered = root[0].texts("supportedControl", "supportedExtension") if root else ()
    if ppolicy.OID not in offered:
        yield _fault(
            "password policy",
            "the server keeps no password policy: nobody is ever locked, and no refusal has a reason",
            "moduleload ppolicy\noverlay ppolicy\nppolicy_default cn=default,ou=policies,dc=example,dc=org",
        )
    if _PASSWORD_MODIFY not in offered:
        yield _fault("password modify", "the server does not offer the password-modify operation (RFC 3062)", "")


def examine_policy(policy: Policy) -> Iterator[Finding]:
    if not policy.dn:
        yield _warning(
            "password rules",
            "no password policy can be read, so people cannot be told the rules before they choose",
            "default_policy_dn: name the policy everybody has; the service account must be able to read it.",
        )
        return
    told = f"{policy.dn}: at least {policy.min_length} characters, {policy.history} old passwords remembered"
    yield Finding(severity=Severity.OK, subject="password rules", message=told)
    if not policy.locks:
        yield _warning("lock", f"{policy.dn} lacks pwdLockout: accounts cannot be disabled either", "pwdLockout: TRUE")
    if policy.min_age:
        hours = policy.min_age.total_seconds() / 3600
        yield _warning(
            "password rules",
            f"{policy.dn}: whoever changed a password less than {hours:g} h ago cannot reset it when forgotten",
            "pwdMinAge: 0",
        )


def examine_rights(settings: LdapSettings, service: Link, dn: str, base: str, policy: Policy) -> Iterator[Finding]:
    hidden = [name for name, value in _STATE if service.compare(dn, name, value).code == INSUFFICIENT_ACCESS]
    if hidden:
        remedy = grant(settings, base, hidden, "read")
        yield _fault("right to read the state", f"{base}: {', '.join(hidden)} cannot be read", remedy)
    else:
        yield Finding(
            severity=Severity.OK, subject="right to read the state", message=f"{base}: locks and ends are seen"
        )
    yield from _password_right(settings, service, dn, base, policy)
    for name, value, purpose in _WRITTEN:
        reply = service.modify(dn, {name: [(Change.DELETE, [value.encode()])]})
        if reply.code == NO_SUCH_ATTRIBUTE:
            yield Finding(severity=Severity.OK, subject=f"right to write {name}", message=f"{base}: may {purpose}")
        else:
            message = f"{base}: may not {purpose} (result {reply.code} {reply.message})"
            yield _fault(f"right to write {name}", message, grant(settings, base, [name], "write"))
    yield from own_data.examine(settings, service, dn, base, lambda name: grant(settings, base, [name], "write"))


def _password_right(settings: LdapSettings, service: Link, dn: str, base: str, policy: Policy) -> Iterator[Finding]:
    subject, enough = "right to write userPassword", grant(settings, base, ["userPassword"], "=wx")
    nonsense = f"{{SSHA}}{secrets.token_urlsafe(24)}".encode()
    deletes = (Change.DELETE, [nonsense])
    reply = service.modify(dn, {"userPassword": [deletes]})
    if reply.code != NO_SUCH_ATTRIBUTE:
        yield _fault(subject, f"{base}: may not set passwords (result {reply.code} {reply.message})", enough)
        return
    # The overlay looks whether the old password is right, but not where it takes us for a password administrator.
    managed = service.modify(dn, {"userPassword": [deletes, (Change.ADD, [nonsense])]}).code == NO_SUCH_ATTRIBUTE
    if managed and policy.dn:
        yield _warning(subject, f"{base}: has the right to manage, so no rule holds for a reset: too much", enough)
    elif policy.wants_old:
        yield _fault(
            subject, f"{policy.dn}: wants the old password with the new one, also for a reset", "pwdSafeModify: FALSE"
        )
    elif any(entry.values("userPassword") for entry in service.read(dn, ("userPassword",)).entries):
        yield _warning(subject, f"{base}: can read the stored passwords, which it never needs", enough)
    else:
        yield Finding(severity=Severity.OK, subject=subject, message=f"{base}: may reset, under everybody's rules")


def grant_to_find(settings: LdapSettings, base: str) -> str:
    if settings.bind_dn:
        return f'access to dn.subtree="{base}" by dn.exact="{settings.bind_dn}" read by * break'
    names = ",".join(dict.fromkeys(("entry", "objectClass", settings.login_attribute, *settings.mail_attributes)))
    return f'access to dn.subtree="{base}" attrs={names} by anonymous read by * break\nor set person_dn.'


def grant(settings: LdapSettings, base: str, attributes: Sequence[str], right: str) -> str:
    """The access rule to put above all others, as slapd.conf(5) and as cn=config want it."""
    rule = f'to dn.subtree="{base}" attrs={",".join(attributes)} by dn.exact="{settings.bind_dn}" {right} by * break'
    return f"slapd.conf: access {rule}\ncn=config:  olcAccess: {{0}}{rule}"


def _fault(subject: str, message: str, remedy: str) -> Finding:
    return Finding(severity=Severity.FAULT, subject=subject, message=message, remedy=remedy)


def _warning(subject: str, message: str, remedy: str) -> Finding:
    return Finding(severity=Severity.WARNING, subject=subject, message=message, remedy=remedy)
