"""What `portal check` looks at in Active Directory: the domain, the service account, and each right it needs.

Nothing is tried out: the server tells which attributes we may write (`allowedAttributesEffective`), and the access list
of somebody's entry whether we may reset.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from connectors.capabilities import Finding, Severity
from connectors.ldap import filetime, own_data
from connectors.ldap.active_directory_grants import RESET_PASSWORD, Trustee, domain_name, schema_guid
from connectors.ldap.active_directory_groups import TOKEN_GROUPS, privileged, sid
from connectors.ldap.active_directory_policy import Policies, domain_dn
from connectors.ldap.entry import Entry
from connectors.ldap.link import Link
from connectors.ldap.requests import Filter, all_of, equals, written
from connectors.ldap.security_descriptor import DACL_ONLY, holds
from connectors.ldap.settings import LdapSettings

_ACTIVE_DIRECTORY = "1.2.840.113556.1.4.800"  # a capability (MS-ADTS, LDAP_CAP_ACTIVE_DIRECTORY_OID)
_POLICY_HINTS = "1.2.840.113556.1.4.2239"  # a control
_STATE = (
    "objectGUID", "uSNChanged", "userAccountControl", "msDS-User-Account-Control-Computed", "pwdLastSet",
    "accountExpires",
)  # fmt: skip
_WRITTEN = {
    "lockoutTime": "unlock, neither by itself nor with a reset",
    "pwdLastSet": "ask for a new password",
    "accountExpires": "extend accounts",
    "userAccountControl": "disable accounts",
}
_PAGE = 500
_NAMED = 5  # people named in one finding


@dataclass(frozen=True, kw_only=True)
class _Us:
    """The service account as the server sees it."""

    entry: Entry
    token: frozenset[bytes]
    trustee: Trustee


def examine(
    settings: LdapSettings, service: Link, sample: Entry | None, base: str, policies: Policies
) -> Iterator[Finding]:
    yield from _server(service)
    us = _ourselves(service)
    if us is None:
        yield _fault("service account", f"{settings.bind_dn}: its own entry cannot be read", "")
        return
    yield from _service_account(us)
    yield from _policies(settings, service, base, policies, us.trustee)
    if sample:
        yield from _rights(settings, service, sample.dn, base, us)
    else:
        message = f"{base}: nobody to look at; all are privileged, or their groups (tokenGroups) cannot be read"
        yield _warning("right to read the state", message, us.trustee.read(base))
    yield from _protected(settings, service, base)


def _server(service: Link) -> Iterator[Finding]:
    root = next(iter(service.read("", ("supportedCapabilities", "supportedControl")).entries), None)
    offered = root.texts("supportedCapabilities", "supportedControl") if root else ()
    if _ACTIVE_DIRECTORY not in offered:
        yield _fault("kind", "the server is no Active Directory", 'kind: as in kind = "openldap".')
    elif _POLICY_HINTS not in offered:
        yield _warning(
            "history",
            "the server has no control for it (Samba): a reset may bring back a password that was used before",
            "Nothing can be set for this. Changes with the old password do mind the history.",
        )


def _ourselves(service: Link) -> _Us | None:
    """Found by the first identifier in our own token: we may have signed in by a DN or by another name."""
    root = service.read("", (TOKEN_GROUPS,)).entries
    token = tuple(map(bytes, root[0].values(TOKEN_GROUPS))) if root else ()
    names = ("sAMAccountName", "accountExpires", "msDS-UserPasswordExpiryTimeComputed")
    found = service.search(domain_dn(service), equals("objectSid", token[0]), names).entries if token else ()
    if not found:
        return None
    login = found[0].text("sAMAccountName")
    trustee = Trustee(login=login, name=f"{login}@{domain_name(found[0])}", sid=sid(token[0]))
    return _Us(entry=found[0], token=frozenset(token), trustee=trustee)


def _service_account(us: _Us) -> Iterator[Finding]:
    subject, trustee = "service account", us.trustee
    ends = {
        "its password expires": filetime.moment(us.entry.number("msDS-UserPasswordExpiryTimeComputed")),
        "it ends": filetime.moment(us.entry.number("accountExpires")),
    }
    for what, at in ends.items():
        if at:
            message = f"{trustee.name}: {what} on {at.date()}, and then nobody can be helped"
            yield _warning(subject, message, trustee.never_expires())
    if privileged(Entry(us.entry.dn, {TOKEN_GROUPS.lower(): tuple(us.token)})):
        message = f"{trustee.name} is in a group such as Domain Admins, which is far too much"
        yield _warning(subject, message, "Take it out, and give it the rights in docs/active-directory.md instead.")


def _policies(
    settings: LdapSettings, service: Link, base: str, policies: Policies, trustee: Trustee
) -> Iterator[Finding]:
    subject, policy = "password rules", policies.of(service, "")
    if policy is None:
        message = "the domain's password rules cannot be read, so people cannot be told them before they choose"
        yield _warning(subject, message, trustee.read_policies(domain_dn(service)))
    else:
        told = f"{policy.dn}: at least {policy.min_length} characters, {policy.history} old passwords remembered"
        yield Finding(severity=Severity.OK, subject=subject, message=told)
    page = service.search(base, _everybody(settings), ("msDS-ResultantPSO",), page=(_PAGE, b""))
    psos = dict.fromkeys(entry.text("msDS-ResultantPSO") for entry in page.entries)
    hidden = [dn for dn in psos if dn and policies.of(service, dn) is None]
    if hidden:
        message = f"fine-grained rules cannot be read, so those they bind are not told them: {'; '.join(hidden)}"
        yield _warning(subject, message, trustee.read_policies(hidden[0].partition(",")[2]))


def _rights(settings: LdapSettings, service: Link, dn: str, base: str, us: _Us) -> Iterator[Finding]:
    wanted = (*_STATE, TOKEN_GROUPS, "allowedAttributesEffective", "nTSecurityDescriptor")
    entry = next(iter(service.read(dn, wanted, controls=(DACL_ONLY,)).entries), Entry(dn, {}))
    hidden = [name for name in (*_STATE, TOKEN_GROUPS) if not entry.values(name)]
    subject, grant = "right to read the state", us.trustee.read(base)
    if hidden:
        yield _fault(subject, f"{base}: {', '.join(hidden)} cannot be read", grant)
    else:
        yield _good(subject, f"{base}: locks, ends and groups are seen")
    subject = "right to reset passwords"
    if holds(bytes(next(iter(entry.values("nTSecurityDescriptor")), b"")), us.token, RESET_PASSWORD):
        yield _good(subject, f"{base}: may reset")
    else:
        yield _fault(subject, f"{base}: may not set passwords", us.trustee.reset(base))
    writable = {name.lower() for name in entry.texts("allowedAttributesEffective")}
    own = dict.fromkeys(own_data.attributes(settings), "let people change their own data")
    for name, purpose in (_WRITTEN | own).items():
        if name.lower() in writable:
            yield _good(f"right to write {name}", f"{base}: granted")
        else:
            remedy = us.trustee.write(base, name, schema_guid(service, name))
            yield _fault(f"right to write {name}", f"{base}: may not {purpose}", remedy)


def _protected(settings: LdapSettings, service: Link, base: str) -> Iterator[Finding]:
    marked = all_of(_everybody(settings), equals("adminCount", "1"))
    entries = service.search(base, marked, (settings.login_attribute,), page=(_PAGE, b"")).entries
    if not entries:
        return
    names = ", ".join(entry.text(settings.login_attribute) for entry in entries[:_NAMED])
    more = f" and {len(entries) - _NAMED} more" if len(entries) > _NAMED else ""
    yield _good("protected", f"{base}: never changed here, because they are or were privileged: {names}{more}")
    for entry in entries[:_NAMED]:
        token = service.read(entry.dn, (TOKEN_GROUPS,)).entries
        if token and token[0].values(TOKEN_GROUPS) and not privileged(token[0]):
            yield _warning(
                "protected",
                f"{entry.dn} has adminCount=1, but is in no privileged group any more: a mark left behind",
                f'Set-ADObject "{entry.dn}" -Clear adminCount; dsacls "{entry.dn}" /P:N /resetDefaultDACL',
            )


def _everybody(settings: LdapSettings) -> Filter:
    return written(settings.person_filter)


def _good(subject: str, message: str) -> Finding:
    return Finding(severity=Severity.OK, subject=subject, message=message)


def _fault(subject: str, message: str, remedy: str) -> Finding:
    return Finding(severity=Severity.FAULT, subject=subject, message=message, remedy=remedy)


def _warning(subject: str, message: str, remedy: str) -> Finding:
    return Finding(severity=Severity.WARNING, subject=subject, message=message, remedy=remedy)
