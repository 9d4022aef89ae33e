"""What `portal check` looks at in Active Directory: the domain, the service account, and each right it needs.

Nothing is tried out: the server tells which attributes we may write (`allowedAttributesEffective`), and the access list
of somebody's entry whether we may reset.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from connectors.access import EnablesAccount
from connectors.capabilities import (
    Capability,
    DisablesAccount,
    Finding,
    RequiresPasswordChange,
    SetsEndDate,
    SetsPassword,
    UnlocksAccount,
)
from connectors.findings import fault, fine, say, warning
from connectors.ldap import filetime, own_data
from connectors.ldap.active_directory_grants import RESET_PASSWORD, Trustee, domain_name, schema_guid
from connectors.ldap.active_directory_groups import TOKEN_GROUPS, privileged, sid
from connectors.ldap.active_directory_policy import Policies, domain_dn
from connectors.ldap.entry import Entry
from connectors.ldap.link import Link
from connectors.ldap.requests import Filter, all_of, any_of, equals, written
from connectors.ldap.samples import over
from connectors.ldap.security_descriptor import DACL_ONLY, holds
from connectors.ldap.service_account_doctor import never_written
from connectors.ldap.settings import LdapSettings

_ACTIVE_DIRECTORY = "1.2.840.113556.1.4.800"  # a capability (MS-ADTS, LDAP_CAP_ACTIVE_DIRECTORY_OID)
_POLICY_HINTS = "1.2.840.113556.1.4.2239"  # a control
_STATE = (
    "objectGUID", "uSNChanged", "userAccountControl", "msDS-User-Account-Control-Computed", "pwdLastSet",
    "accountExpires",
)  # fmt: skip
_WRITTEN = {
    "lockoutTime": say("unlock, neither by itself nor with a reset"),
    "pwdLastSet": say("ask for a new password"),
    "accountExpires": say("extend accounts"),
    "userAccountControl": say("disable accounts"),
}
_CAPABILITIES: Mapping[str, tuple[type[Capability], ...]] = {
    "lockoutTime": (UnlocksAccount,),
    "pwdLastSet": (RequiresPasswordChange,),
    "accountExpires": (SetsEndDate,),
    "userAccountControl": (DisablesAccount, EnablesAccount),
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
    settings: LdapSettings, service: Link, samples: Sequence[Entry], base: str, policies: Policies
) -> Iterator[Finding]:
    yield from _server(service)
    us = _ourselves(service)
    if us is None:
        yield fault(
            say("service account"), say("%(bind_dn)s: its own entry cannot be read", bind_dn=settings.bind_dn), ""
        )
        return
    yield from _service_account(us)
    yield from _policies(settings, service, base, policies, us.trustee)
    yield from over(samples, lambda sample: _rights(settings, service, sample.dn, base, us))
    if not samples:
        message = say(
            "%(base)s: nobody to look at; all are privileged, or their groups (tokenGroups) cannot be read", base=base
        )
        yield warning(say("right to read the state"), message, us.trustee.read(base))
    yield from _protected(settings, service, base, us)


def _server(service: Link) -> Iterator[Finding]:
    root = next(iter(service.read("", ("supportedCapabilities", "supportedControl")).entries), None)
    offered = root.texts("supportedCapabilities", "supportedControl") if root else ()
    if _ACTIVE_DIRECTORY not in offered:
        yield fault(say("kind"), say("the server is no Active Directory"), 'kind: as in kind = "openldap".')
    elif _POLICY_HINTS not in offered:
        yield warning(
            say("history"),
            say("the server has no control for it (Samba): a reset may bring back a password that was used before"),
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
    subject, trustee = say("service account"), us.trustee
    ends = {
        say("its password expires"): filetime.moment(us.entry.number("msDS-UserPasswordExpiryTimeComputed")),
        say("it ends"): filetime.moment(us.entry.number("accountExpires")),
    }
    for what, at in ends.items():
        if at:
            message = say(
                "%(name)s: %(what)s on %(day)s, and then nobody can be helped",
                name=trustee.name,
                what=what,
                day=at.date(),
            )
            yield warning(subject, message, trustee.never_expires())
    if privileged(Entry(us.entry.dn, {TOKEN_GROUPS.lower(): tuple(us.token)})):
        message = say("%(name)s is in a group such as Domain Admins, which is far too much", name=trustee.name)
        yield warning(subject, message, "Take it out, and give it the rights in docs/active-directory.md instead.")


def _policies(
    settings: LdapSettings, service: Link, base: str, policies: Policies, trustee: Trustee
) -> Iterator[Finding]:
    subject, policy = say("password rules"), policies.of(service, "")
    if policy is None:
        message = say("the domain's password rules cannot be read, so people cannot be told them before they choose")
        yield warning(subject, message, trustee.read_policies(domain_dn(service)))
    else:
        told = say(
            "%(dn)s: at least %(min_length)s characters, %(history)s old passwords remembered",
            dn=policy.dn,
            min_length=policy.min_length,
            history=policy.history,
        )
        yield fine(subject, told)
    page = service.search(base, _everybody(settings), ("msDS-ResultantPSO",), page=(_PAGE, b""))
    psos = dict.fromkeys(entry.text("msDS-ResultantPSO") for entry in page.entries)
    hidden = [dn for dn in psos if dn and policies.of(service, dn) is None]
    if hidden:
        message = say(
            "fine-grained rules cannot be read, so those they bind are not told them: %(names)s",
            names="; ".join(hidden),
        )
        yield warning(subject, message, trustee.read_policies(hidden[0].partition(",")[2]))


def indexed(service: Link, attributes: Sequence[str]) -> frozenset[str] | None:
    """The first bit of searchFlags (MS-ADTS, 2.2.10). Everybody may read the schema."""
    root = service.read("", ("schemaNamingContext",)).entries
    schema = root[0].text("schemaNamingContext") if root else ""
    wanted = any_of(*(equals("lDAPDisplayName", name) for name in attributes))
    entries = service.search(schema, wanted, ("lDAPDisplayName", "searchFlags")).entries
    names = (entry.text("lDAPDisplayName").lower() for entry in entries if (entry.number("searchFlags") or 0) & 1)
    return frozenset(names) if entries else None


def _rights(settings: LdapSettings, service: Link, dn: str, base: str, us: _Us) -> Iterator[Finding]:
    wanted = (*_STATE, TOKEN_GROUPS, "allowedAttributesEffective")
    entry = next(iter(service.read(dn, wanted).entries), Entry(dn, {}))
    hidden = [name for name in (*_STATE, TOKEN_GROUPS) if not entry.values(name)]
    subject, grant = say("right to read the state"), us.trustee.read(base)
    if hidden:
        message = say("%(base)s: %(names)s cannot be read", base=base, names=", ".join(hidden))
        yield fault(subject, message, grant, base=base, stops=tuple(chain.from_iterable(_CAPABILITIES.values())))
    else:
        yield fine(subject, say("%(base)s: locks, ends and groups are seen", base=base))
    subject = say("right to reset passwords")
    if _may_reset(service, dn, us):
        yield fine(subject, say("%(base)s: may reset", base=base))
    else:
        message = say("%(base)s: may not set passwords", base=base)
        yield fault(subject, message, us.trustee.reset(base), base=base, stops=(SetsPassword,))
    writable = {name.lower() for name in entry.texts("allowedAttributesEffective")}
    own = dict.fromkeys(own_data.attributes(settings), say("let people change their own data"))
    able = {**_CAPABILITIES, **{name: (one,) for name, one in own_data.capabilities(settings).items()}}
    for name, purpose in (_WRITTEN | own).items():
        subject = say("right to write %(name)s", name=name)
        if name.lower() in writable:
            yield fine(subject, say("%(base)s: granted", base=base))
        else:
            remedy = us.trustee.write(base, name, schema_guid(service, name))
            message = say("%(base)s: may not %(purpose)s", base=base, purpose=purpose)
            yield fault(subject, message, remedy, base=base, stops=able[name])
    never = [name for name in never_written(settings) if name.lower() in writable]
    if never:
        message = say("%(base)s: may write %(names)s, which it never needs", base=base, names=", ".join(never))
        remedy = f'# see where it comes from, and take "write" away there\ndsacls "{base}"'
        yield warning(say("too much power"), message, remedy)


def _may_reset(service: Link, dn: str, us: _Us) -> bool:
    entries = service.read(dn, ("nTSecurityDescriptor",), controls=(DACL_ONLY,)).entries
    descriptor = bytes(next(iter(entries[0].values("nTSecurityDescriptor")), b"")) if entries else b""
    return holds(descriptor, us.token, RESET_PASSWORD)


def _protected(settings: LdapSettings, service: Link, base: str, us: _Us) -> Iterator[Finding]:
    marked = all_of(_everybody(settings), equals("adminCount", "1"))
    entries = service.search(base, marked, ("1.1",), page=(_PAGE, b"")).entries
    if not entries:
        return
    message = say(
        "%(base)s: %(count)s are never changed here: they are or were privileged", base=base, count=len(entries)
    )
    yield fine(say("protected"), message)
    tokens = {e.dn: next(iter(service.read(e.dn, (TOKEN_GROUPS,)).entries), e) for e in entries[:_NAMED]}
    former = [dn for dn, token in tokens.items() if token.values(TOKEN_GROUPS) and not privileged(token)]
    if former:
        message = say(
            "%(base)s: %(count)s with adminCount=1 are in no privileged group any more: a mark left behind",
            base=base, count=len(former),
        )  # fmt: skip
        lines = (f'Set-ADObject "{dn}" -Clear adminCount; dsacls "{dn}" /P:N /resetDefaultDACL' for dn in former)
        yield warning(say("protected"), message, "\n".join(lines))
    reset = [dn for dn in tokens if dn not in former and _may_reset(service, dn, us)]
    if reset and not privileged(Entry("", {TOKEN_GROUPS.lower(): tuple(us.token)})):  # of that it is told already
        message = say(
            "%(base)s: may set passwords of %(count)s privileged people, whom the portal never changes: too much",
            base=base, count=len(reset),
        )  # fmt: skip
        remedy = "\n".join(f'dsacls "{dn}" /R "{us.trustee.name}"' for dn in reset)
        yield warning(say("right over the protected"), message, remedy)


def _everybody(settings: LdapSettings) -> Filter:
    return written(settings.person_filter)
