"""What `portal check` looks at in any LDAP directory: each server's encryption, the service account, the people."""

import secrets
from collections.abc import Generator, Iterator

from connectors.capabilities import Finding, Severity
from connectors.errors import ConnectorError, Obstacle
from connectors.ldap.clocks import examine_clock, examine_times
from connectors.ldap.dialect import Dialect
from connectors.ldap.entry import Entry
from connectors.ldap.link import Link, Lost
from connectors.ldap.opener import TlsFailed, connect
from connectors.ldap.people import People
from connectors.ldap.requests import Change
from connectors.ldap.results import INVALID_CREDENTIALS, SIZE_LIMIT_EXCEEDED, SUCCESS, obstacle_of
from connectors.ldap.settings import LdapSettings

_PAGE = 500
_PAGES = 3  # more than the 500 entries most servers stop at, and quickly read


def examine(settings: LdapSettings, dialect: Dialect, people: People) -> Iterator[Finding]:
    """Yield findings; nothing is changed. Each server is tried, the rest is asked of the first that takes changes."""
    inside: list[tuple[bool, Link]] = []
    try:
        for url in settings.urls:
            try:
                link = connect(settings, url)
                yield Finding(
                    severity=Severity.OK, subject="connection", message=f"{url}: reached, encryption verified"
                )
                if (yield from _sign_in(settings, link)):
                    inside.append(((yield from _takes_changes(settings, link)), link))
                    yield from examine_clock(link, dialect.clock())
            except Lost as lost:
                yield _unreachable(settings, url, lost)
        if not inside:
            return
        if not any(takes for takes, _ in inside):
            yield _no_changes(settings)
        best = next((link for takes, link in inside if takes), inside[0][1])
        yield from _look_closer(settings, dialect, people, best)
    finally:
        for _, link in inside:
            link.close()


def _look_closer(settings: LdapSettings, dialect: Dialect, people: People, service: Link) -> Iterator[Finding]:
    try:
        if settings.person_dn:
            yield from _try_template(settings, service)
            return
        for base in settings.people_bases:
            yield from _look_around(settings, dialect, people, service, base)
    except (Lost, ConnectorError) as error:
        yield Finding(severity=Severity.FAULT, subject="search", message=f"the directory went away: {error}")


def _takes_changes(settings: LdapSettings, link: Link) -> Generator[Finding, None, bool]:
    """Whether the server is no read-only copy, tried out by taking away from our own entry what it does not have."""
    if not settings.bind_dn:
        return True
    nonsense = secrets.token_urlsafe(24).encode()
    reply = link.modify(settings.bind_dn, {"description": [(Change.DELETE, [nonsense])]})
    if obstacle_of(reply) is not Obstacle.READ_ONLY:
        return True
    message = f"{link.url}: a read-only copy; people are read here when no other server answers"
    yield Finding(severity=Severity.OK, subject="server", message=message)
    return False


def _no_changes(settings: LdapSettings) -> Finding:
    return Finding(
        severity=Severity.FAULT,
        subject="server",
        message="no server that answers takes changes, so nothing can be reset, unlocked or extended",
        remedy="urls: name the server the copies follow as well, or give this one write access.",
    )


def _unreachable(settings: LdapSettings, url: str, lost: Lost) -> Finding:
    if not isinstance(lost, TlsFailed):
        remedy = f"Is the server running, and does a firewall let this machine reach {url}?"
        return Finding(severity=Severity.FAULT, subject="connection", message=str(lost), remedy=remedy)
    if "mismatch" in str(lost) or "not valid for" in str(lost):
        remedy = "urls: use a name that stands in the server's certificate."
    elif "StartTLS refused" in str(lost):
        remedy = "Give the server a certificate (slapd: TLSCertificateFile, TLSCertificateKeyFile), or use ldaps://."
    else:
        trusted = settings.ca_file or "the system's authorities"
        remedy = f"ca_file: name the PEM file of the authority that signed the server's certificate (now: {trusted})."
    return Finding(severity=Severity.FAULT, subject="TLS", message=str(lost), remedy=remedy)


def _try_template(settings: LdapSettings, link: Link) -> Iterator[Finding]:
    """Somebody who does not exist must be told the same as somebody whose password is wrong."""
    dn = settings.person_dn.replace("{login}", f"nobody-{secrets.token_hex(4)}")
    reply = link.bind(dn, secrets.token_hex(8))
    if reply.code == INVALID_CREDENTIALS:
        yield Finding(severity=Severity.OK, subject="person_dn", message=f"the server takes names such as {dn}")
    else:
        yield Finding(
            severity=Severity.FAULT,
            subject="person_dn",
            message=f"binding as {dn} gives result {reply.code} {reply.message}, not a wrong password".rstrip(),
            remedy="person_dn: take the DN of anybody and write {login} in place of the login.",
        )


def _sign_in(settings: LdapSettings, link: Link) -> Generator[Finding, None, bool]:
    if not settings.bind_dn:
        yield Finding(
            severity=Severity.WARNING,
            subject="service account",
            message="there is none: people change the password they know; all else becomes a ticket",
        )
        return True
    reply = link.bind(settings.bind_dn, settings.bind_password)
    if reply.code == SUCCESS and reply.policy.error is None:
        yield Finding(severity=Severity.OK, subject="service account", message=f"{settings.bind_dn} signs in")
        return True
    reason = reply.policy.error.name.lower().replace("_", " ") if reply.policy.error is not None else reply.message
    yield Finding(
        severity=Severity.FAULT,
        subject="service account",
        message=f"{settings.bind_dn} may not sign in: result {reply.code} {reason}".rstrip(),
        remedy="bind_dn, bind_password: check them with ldapwhoami -D; the account needs a policy without expiry.",
    )
    return False


def _look_around(
    settings: LdapSettings, dialect: Dialect, people: People, service: Link, base: str
) -> Iterator[Finding]:
    entries: list[Entry] = []
    cookie = b""
    for _ in range(_PAGES):
        found = service.search(base, people.everybody, people.attributes, page=(_PAGE, cookie))
        entries += found.entries
        cookie = found.cookie
        if found.reply.code != SUCCESS or not cookie:
            break
    yield from _seen(dialect, base, entries, found.reply.code, complete=not cookie)
    yield from examine_times(entries, dialect.clock(), base)
    if settings.bind_dn:
        yield from dialect.examine(service, _sample(dialect, people, service, entries), base)


def _seen(dialect: Dialect, base: str, entries: list[Entry], code: int, *, complete: bool) -> Iterator[Finding]:
    settings = dialect.settings
    if code == SIZE_LIMIT_EXCEEDED:
        yield Finding(
            severity=Severity.WARNING,
            subject="size limit",
            message=f"{base}: the server stops after {len(entries)} entries; lists of people would not be complete",
            remedy=dialect.grant_to_list(),
        )
    elif code != SUCCESS or not entries:
        yield Finding(
            severity=Severity.FAULT,
            subject="people",
            message=f"{base}: nobody matches {settings.person_filter} (result {code})",
            remedy=dialect.grant_to_find(base),
        )
        return
    count = f"{len(entries)}" if complete else f"more than {len(entries)}"
    yield Finding(severity=Severity.OK, subject="people", message=f"{base}: {count} people")
    nameless = sum(not entry.text(settings.login_attribute) for entry in entries)
    if nameless:
        yield Finding(
            severity=Severity.WARNING,
            subject="people",
            message=f"{base}: {nameless} of them have no {settings.login_attribute} and cannot be found by name",
            remedy="login_attribute, person_filter: choose them so that they fit the same entries.",
        )


def _sample(dialect: Dialect, people: People, service: Link, entries: list[Entry]) -> Entry | None:
    """Somebody ordinary: rights are tried out on an entry whose state leaves nothing to take away."""
    ordinary = (e for e in entries if not any(map(e.values, dialect.marks)) and e.dn != dialect.settings.bind_dn)
    return next((entry for entry in ordinary if not people.account(service, entry).protected), None)
