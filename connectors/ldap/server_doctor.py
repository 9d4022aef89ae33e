"""What `portal check` looks at on each LDAP server by itself: encryption, certificate, sign-in, clock, copies."""

import secrets
from collections.abc import Generator, Iterator, Sequence
from datetime import timedelta

from connectors.capabilities import Finding
from connectors.errors import Obstacle
from connectors.findings import fault, fine, say, warning
from connectors.ldap.clocks import examine_clock
from connectors.ldap.dialect import Dialect
from connectors.ldap.entry import Entry, dn_key
from connectors.ldap.link import Link, Lost
from connectors.ldap.opener import TlsFailed, connect
from connectors.ldap.people import People
from connectors.ldap.requests import Change
from connectors.ldap.results import INVALID_CREDENTIALS, SUCCESS, obstacle_of
from connectors.ldap.settings import LdapSettings

RENEW_WITHIN = timedelta(days=30)  # time enough for an authority that is run by hand


def enter(dialect: Dialect, url: str) -> Generator[Finding, None, tuple[bool, Link] | None]:
    """A connection on which we are signed in, and whether it takes changes; None if there is a fault instead."""
    try:
        link = connect(dialect.settings, url)
        yield fine(say("connection"), say("%(url)s: reached, encryption verified", url=url))
        yield from _certificate(dialect, link)
        if not (yield from _sign_in(dialect.settings, link)):
            link.close()
            return None
        takes_changes = yield from _takes_changes(dialect.settings, link)
        yield from examine_clock(link, dialect.clock())
    except Lost as lost:
        yield _unreachable(dialect.settings, url, lost)
        return None
    return takes_changes, link


def examine_equality(
    people: People, dialect: Dialect, links: Sequence[Link], sample: Sequence[Entry]
) -> Iterator[Finding]:
    """Equal servers serve the same: the same trees, and of the people looked at the same newest password."""
    best, *others = links
    contexts = _contexts(best)
    wanted = [(entry, dialect.identity_filter(dialect.identity(entry))) for entry in sample]
    changed = [dialect.state(best, entry).password_changed_at for entry in sample]
    for other in others:
        if missing := sorted(contexts - _contexts(other)):
            yield fault(
                say("server"),
                say("%(url)s: does not serve %(names)s", url=other.url, names="; ".join(missing)),
                "urls: name only servers that hold the same. Those of another directory belong under [[directories]].",
            )
            continue
        behind = 0
        for (entry, identity), newest in zip(wanted, changed, strict=True):
            found = other.read(entry.dn, people.attributes, identity).entries if identity else ()
            behind += not found or dialect.state(other, found[0]).password_changed_at != newest
        if behind:
            message = say(
                "%(url)s: %(count)s of the %(all)s people looked at are missing there or have another password",
                url=other.url, count=behind, all=len(sample),
            )  # fmt: skip
            yield warning(say("replication"), message, dialect.look_at_replication(other.url))
        else:
            yield fine(say("replication"), say("%(url)s: holds the same as %(best)s", url=other.url, best=best.url))


def no_changes() -> Finding:
    return fault(
        say("server"),
        say("no server that answers takes changes, so nothing can be reset, unlocked or extended"),
        "urls: name the server the copies follow as well, or give this one write access.",
    )


def try_template(settings: LdapSettings, link: Link) -> Iterator[Finding]:
    """Somebody who does not exist must be told the same as somebody whose password is wrong."""
    dn = settings.person_dn.replace("{login}", f"nobody-{secrets.token_hex(4)}")
    reply = link.bind(dn, secrets.token_hex(8))
    if reply.code == INVALID_CREDENTIALS:
        yield fine(say("person_dn"), say("the server takes names such as %(dn)s", dn=dn))
        return
    answer = f"{reply.code} {reply.message}".rstrip()
    message = say("binding as %(dn)s gives result %(answer)s, not a wrong password", dn=dn, answer=answer)
    remedy = "person_dn: take the DN of anybody and write {login} in place of the login."
    yield fault(say("person_dn"), message, remedy)


def _contexts(link: Link) -> set[str]:
    return {dn_key(dn) for entry in link.read("", ("namingContexts",)).entries for dn in entry.texts("namingContexts")}


def _certificate(dialect: Dialect, link: Link) -> Iterator[Finding]:
    encryption = link.encryption
    if encryption is None:
        return
    days = (encryption.ends - dialect.clock()).days
    subject, values = say("certificate"), {"url": link.url, "version": encryption.version, "days": days}
    if encryption.ends - dialect.clock() < RENEW_WITHIN:
        message = say("%(url)s: it ends in %(days)s days, and then nobody is let in over it", **values)
        yield warning(
            subject, message, f"Renew it. To see it: openssl x509 -noout -enddate -in CERTIFICATE ({link.url})"
        )
    else:
        yield fine(subject, say("%(url)s: %(version)s, good for %(days)s more days", **values))


def _takes_changes(settings: LdapSettings, link: Link) -> Generator[Finding, None, bool]:
    """Whether the server is no read-only copy, tried out by taking away from our own entry what it does not have."""
    if not settings.bind_dn:
        return True
    nonsense = secrets.token_urlsafe(24).encode()
    reply = link.modify(settings.bind_dn, {"description": [(Change.DELETE, [nonsense])]})
    if obstacle_of(reply) is not Obstacle.READ_ONLY:
        return True
    message = say("%(url)s: a read-only copy; people are read here when no other server answers", url=link.url)
    yield fine(say("server"), message)
    return False


def _unreachable(settings: LdapSettings, url: str, lost: Lost) -> Finding:
    said = str(lost)
    if not isinstance(lost, TlsFailed):
        remedy = f"Is the server running, and does a firewall let this machine reach {url}?"
        return fault(say("connection"), said, remedy)
    if "mismatch" in said or "not valid for" in said:
        remedy = "urls: use a name that stands in the server's certificate."
    elif "has expired" in said:
        remedy = "Renew the server's certificate, or that of the authority that signed it."
    elif "protocol version" in said or "UNSUPPORTED_PROTOCOL" in said:
        remedy = "Let the server speak TLS 1.2 or 1.3 (slapd: TLSProtocolMin 3.3)."
    elif "StartTLS refused" in said:
        remedy = "Give the server a certificate (slapd: TLSCertificateFile, TLSCertificateKeyFile), or use ldaps://."
    else:
        trusted = settings.ca_file or "the system's authorities"
        remedy = f"ca_file: name the PEM file of the authority that signed the server's certificate (now: {trusted})."
    return fault(say("TLS"), said, remedy)


def _sign_in(settings: LdapSettings, link: Link) -> Generator[Finding, None, bool]:
    subject = say("service account")
    if not settings.bind_dn:
        message = say("there is none: people change the password they know; all else becomes a ticket")
        yield warning(subject, message, "")
        return True
    reply = link.bind(settings.bind_dn, settings.bind_password)
    if reply.code == SUCCESS and reply.policy.error is None:
        yield fine(subject, say("%(dn)s signs in at %(url)s", dn=settings.bind_dn, url=link.url))
        return True
    reason = reply.policy.error.name.lower().replace("_", " ") if reply.policy.error is not None else reply.message
    message = say(
        "%(dn)s may not sign in at %(url)s: result %(answer)s",
        dn=settings.bind_dn, url=link.url, answer=f"{reply.code} {reason}".rstrip(),
    )  # fmt: skip
    remedy = "bind_dn, bind_password: check them with ldapwhoami -D; the account needs a policy without expiry."
    yield fault(subject, message, remedy)
    return False
