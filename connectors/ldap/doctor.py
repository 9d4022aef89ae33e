"""What `portal check` looks at in any LDAP directory: its servers, then its schema and groups, then the people."""

from collections.abc import Generator, Iterator
from dataclasses import replace

from connectors.capabilities import Capability, Finding, Severity
from connectors.errors import ConnectorError
from connectors.findings import fault, fine, say, warning
from connectors.ldap import schema_doctor, server_doctor
from connectors.ldap.clocks import examine_times
from connectors.ldap.dialect import Dialect
from connectors.ldap.entry import Entry, dn_key
from connectors.ldap.link import Link, Lost
from connectors.ldap.people import People
from connectors.ldap.results import SIZE_LIMIT_EXCEEDED, SUCCESS
from connectors.ldap.samples import spread
from connectors.ldap.settings import LdapSettings

_PAGE = 500
_PAGES = 3  # more than the 500 entries most servers stop at, and quickly read
_MEMBER = ("member", "uniqueMember")
_MEMBERS = 3  # of a protected group, looked at in each base


def examine(settings: LdapSettings, dialect: Dialect, people: People) -> Iterator[Finding]:
    """Yield findings, each once; nothing is changed. What one server tells is asked of the first that takes changes."""
    inside: list[tuple[bool, Link]] = []
    findings = dict.fromkeys(_all(settings, dialect, people, inside))
    for finding in findings:
        yield finding if inside else _in_the_way(finding)


def _in_the_way(finding: Finding) -> Finding:
    """What keeps us out of every server keeps everything from being done."""
    return replace(finding, stops=(Capability,)) if finding.severity is Severity.FAULT else finding


def _all(
    settings: LdapSettings, dialect: Dialect, people: People, inside: list[tuple[bool, Link]]
) -> Iterator[Finding]:
    try:
        for url in settings.urls:
            if entered := (yield from server_doctor.enter(dialect, url)):
                inside.append(entered)
        if not inside:
            return
        if not any(takes for takes, _ in inside):
            yield server_doctor.no_changes()
        links = [link for _, link in sorted(inside, key=lambda each: not each[0])]
        yield from _look_closer(settings, dialect, people, links)
    except (Lost, ConnectorError) as error:
        yield fault(say("search"), say("the directory went away: %(error)s", error=error), "")
    finally:
        for _, link in inside:
            link.close()


def _look_closer(settings: LdapSettings, dialect: Dialect, people: People, links: list[Link]) -> Iterator[Finding]:
    service = links[0]
    if settings.person_dn:
        yield from server_doctor.try_template(settings, service)
        return
    samples: list[Entry] = []
    count = 0
    for base in settings.people_bases:
        entries = yield from _look_around(dialect, people, service, base)
        count += len(entries)
        if settings.bind_dn:
            chosen = spread(dialect, people, service, entries)
            yield from dialect.examine(service, chosen, base)
            yield from _protected(settings, dialect, service, base)
            samples += chosen
    if not settings.bind_dn:
        return
    yield from schema_doctor.examine(dialect, service, samples, count)
    yield from _groups(settings, service)
    if len(links) > 1:
        yield from server_doctor.examine_equality(people, dialect, links, samples)


def _look_around(dialect: Dialect, people: People, service: Link, base: str) -> Generator[Finding, None, list[Entry]]:
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
    return entries


def _seen(dialect: Dialect, base: str, entries: list[Entry], code: int, *, complete: bool) -> Iterator[Finding]:
    settings, subject = dialect.settings, say("people")
    if code == SIZE_LIMIT_EXCEEDED:
        message = say(
            "%(base)s: the server stops after %(count)s entries; lists of people would not be complete",
            base=base, count=len(entries),
        )  # fmt: skip
        yield warning(say("size limit"), message, dialect.grant_to_list())
    elif code != SUCCESS or not entries:
        message = say(
            "%(base)s: nobody matches %(wanted)s (result %(code)s)",
            base=base, wanted=settings.person_filter, code=code,
        )  # fmt: skip
        yield fault(subject, message, dialect.grant_to_find(base), base=base, stops=(Capability,))
        return
    if complete:
        yield fine(subject, say("%(base)s: %(count)s people", base=base, count=len(entries)))
    else:
        yield fine(subject, say("%(base)s: more than %(count)s people", base=base, count=len(entries)))
    nameless = sum(not entry.text(settings.login_attribute) for entry in entries)
    if nameless:
        message = say(
            "%(base)s: %(count)s of them have no %(name)s and cannot be found by name",
            base=base, count=nameless, name=settings.login_attribute,
        )  # fmt: skip
        remedy = "login_attribute, person_filter: choose them so that they fit the same entries."
        yield warning(subject, message, remedy)


def _groups(settings: LdapSettings, service: Link) -> Iterator[Finding]:
    """What is named and not there protects nobody, and no search tells."""
    named = {"groups_base": (settings.groups_base or "",), "protected_groups": settings.protected_groups}
    for setting, dns in (named | {"protected_dns": settings.protected_dns}).items():
        for dn in filter(None, dns):
            if service.read(dn, ("1.1",)).entries:
                continue
            message = say("%(name)s: %(dn)s is not there, or cannot be read", name=setting, dn=dn)
            yield fault(say("groups"), message, f"{setting}: correct it, or let {settings.bind_dn} read it.")


def _protected(settings: LdapSettings, dialect: Dialect, service: Link, base: str) -> Iterator[Finding]:
    """Over those the portal never changes it should have no right at all: whoever steals its password has them."""
    within = dn_key(base)
    for group in settings.protected_groups:
        entries = service.read(group, _MEMBER).entries
        members = entries[0].texts(*_MEMBER) if entries else ()
        below = [dn for dn in members if dn_key(dn).endswith(within)][:_MEMBERS]
        if any(dialect.may_reset(service, dn) for dn in below):
            message = say(
                "%(base)s: may set passwords of members of %(group)s, whom the portal never changes: too much",
                base=base, group=group,
            )  # fmt: skip
            yield warning(say("right over the protected"), message, dialect.withhold(base, group))
