"""Looks everything over before a person finds out: database, record, directories, mail, actions. Changes nothing."""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from audit.keys import KeyFileRefused, load_key
from connectors import inbox
from connectors.capabilities import Examined, Finding, SeesGroups, Severity
from connectors.errors import ConnectorError
from connectors.findings import fault, fine, say, warning
from connectors.timestamp_authority import TimestampAuthority
from portal.actions import ACTIONS
from portal.parts import Parts
from portal.record.feeds import Feed, feeds_of
from portal.schema import is_current
from portal.tables import factor, ticket


@dataclass(frozen=True)
class Area:
    """Something that is looked over by itself."""

    name: str  # of a directory its own
    title: str
    look: Callable[[], Iterator[Finding]]


def areas(parts: Parts) -> list[Area]:
    """Everything there is to look at, in the order in which it is told."""
    connectors = [
        Area(name, say("Connector %(name)s", name=name), connector.examine)
        for name, connector in parts.connectors.all_able_to(Examined)
    ]
    receivers = [
        Area("", say("Receiver %(name)s", name=feed.settings.name), _looked_at(parts, feed)) for feed in feeds_of(parts)
    ]
    providers = [
        Area("", say("Identity provider %(name)s", name=name), provider.examine)
        for name, provider in parts.providers.by_name.items()
    ]
    return [
        Area("", say("Database"), lambda: _database(parts)),
        Area("", say("Record"), lambda: _record(parts)),
        *connectors,
        *receivers,
        *providers,
        *(
            [Area("", say("Mail to the service desk"), lambda: _mail_in(parts))]
            if parts.settings.mail_in.address
            else []
        ),
        Area("", say("Passwords"), parts.leaks.examine),
        Area("", say("Actions"), lambda: _actions(parts)),
        Area("", say("Hooks"), lambda: _hooks(parts)),
        Area("", say("Recovery"), lambda: _recovery(parts)),
        Area("", say("Roles and names"), lambda: _between_directories(parts)),
    ]


def examine(parts: Parts) -> Iterator[tuple[str, Finding]]:
    """Findings with the title of what was looked at."""
    for area in areas(parts):
        yield from ((area.title, finding) for finding in area.look())


def by_severity(findings: Iterable[Finding]) -> list[Finding]:
    """The worst first."""
    return sorted(findings, key=lambda finding: list(Severity).index(finding.severity), reverse=True)


def _database(parts: Parts) -> Iterator[Finding]:
    try:
        current = is_current(parts.database)
    except SQLAlchemyError as error:
        yield fault(
            say("connection"),
            say("cannot be opened (%(error)s)", error=type(error).__name__),
            "Is the address in `database` right?",
        )
        return
    if current:
        yield fine(say("tables"), say("are those of this version"))
        yield from _secret_key(parts)
    else:
        yield fault(say("tables"), say("are missing or older than this version"), "portal db upgrade")


def _secret_key(parts: Parts) -> Iterator[Finding]:
    """Whether it opens what was sealed last; nothing where nothing was."""
    newest = {
        "ticket": select(ticket.c.content).order_by(ticket.c.number.desc()),
        "factor": select(factor.c.secret).where(factor.c.secret.is_not(None)),
    }
    with parts.database.read() as db:
        found = {purpose: db.execute(query.limit(1)).scalar() for purpose, query in newest.items()}
    try:
        for purpose, sealed in found.items():
            if sealed:
                parts.keys.open(purpose, sealed)
    except ValueError:
        words = say("is not the one the database was written with: factors, tickets and shifts cannot be read")
        yield fault(say("secret key"), words, "secret_key")


def _record(parts: Parts) -> Iterator[Finding]:
    yield from _sealed(parts)
    if wanted := parts.settings.anchors.timestamp:
        yield from TimestampAuthority(wanted.url, wanted.ca_file).examine()
    own = parts.settings.audit.signing_key
    if own is None:
        yield fine(say("signing key"), say("is kept by a sealer with settings of its own"))
        return
    try:
        load_key(own)
    except (OSError, KeyFileRefused) as error:
        yield fault(say("signing key"), str(error), f"portal audit new-key {own}")
    else:
        yield fine(say("signing key"), say("can be read"))


def _sealed(parts: Parts) -> Iterator[Finding]:
    """What the sealer has said last; nothing before it has ever run."""
    try:
        said, allowed = parts.sealed.word(), parts.sealed.allows_changes()
    except SQLAlchemyError:  # told with the database
        return
    if said and said.refused:
        yield fault(say("sealer"), say("the record is no longer what was signed"), "docs/record.md")
    elif not allowed:
        yield fault(say("sealer"), say("has signed nothing for too long, so nothing is changed"), "portal sealer")
    elif said:
        yield fine(say("sealer"), say("signs what the record grows by"))


def _looked_at(parts: Parts, feed: Feed) -> Callable[[], Iterator[Finding]]:
    return lambda: _receiver(parts, feed)


def _receiver(parts: Parts, feed: Feed) -> Iterator[Finding]:
    """Whether it can be reached, and how far behind it is."""
    yield from feed.to.examine()
    standing = feed.standing()
    if standing.waiting_since is None:
        yield fine(say("entries"), say("it was told of every entry"))
        return
    minutes = int((parts.clock() - standing.waiting_since).total_seconds() // 60)
    message = say("the oldest entry it was not told of is %(minutes)s minutes old", minutes=minutes)
    if minutes < feed.settings.behind_minutes:
        yield fine(say("entries"), message)
    else:
        yield warning(say("entries"), message, standing.error or "Does `portal worker` run?")


def _mail_in(parts: Parts) -> Iterator[Finding]:
    """Whether what people write arrives."""
    box = parts.settings.mail_in
    if box.host:
        yield from inbox.examine(box.host, box.port, box.user, box.password, box.folder, box.ca_file)
    else:
        yield fine(say("mailbox"), say("none is read; the mail server hands letters to `portal mail-in`"))


def _actions(parts: Parts) -> Iterator[Finding]:
    """Who would do what: the connector for each action that has a rule."""
    for name in parts.settings.rules:
        action = ACTIONS.get(name)
        if action is None:
            yield fault(name, say("there is no such action"), "Known: " + ", ".join(sorted(ACTIONS)))
            continue
        able = [n for n, _ in parts.connectors.all_able_to(action.needs)] if action.needs else []
        followers = parts.connectors.directories - parts.connectors.homes
        yield fine(name, _done_by([n for n in able if n not in followers], parts.connectors.homes))
    if missing := sorted(set(ACTIONS) - set(parts.settings.rules)):
        yield warning(say("not offered"), say("%(names)s (no rule)", names=", ".join(missing)), "")


def _hooks(parts: Parts) -> Iterator[Finding]:
    for hook in parts.settings.hooks:
        program = hook.command[0]
        if unknown := sorted(set(hook.actions) - set(ACTIONS)):
            known = "Known: " + ", ".join(sorted(ACTIONS))
            yield fault(hook.name, say("there is no such action: %(names)s", names=", ".join(unknown)), known)
        elif not os.access(program, os.X_OK):
            yield fault(
                hook.name, say("%(program)s cannot be run by this user", program=program), f"chmod a+rx {program}"
            )
        else:
            yield fine(hook.name, f"{hook.when} {', '.join(hook.actions) or '*'}: {program}")


def _done_by(able: list[str], homes: frozenset[str]) -> str:
    if not able:
        return say("becomes a ticket for the service desk")
    done = say("done by %(names)s", names=", ".join(able))
    left = sorted(homes.difference(able)) if homes.intersection(able) else []
    return say("%(done)s; a ticket for people of %(names)s", done=done, names=", ".join(left)) if left else done


def _recovery(parts: Parts) -> Iterator[Finding]:
    rule = parts.settings.rules.get("reset_password")
    unknown = [f for f in parts.settings.recovery.factors if f not in parts.factors]
    if unknown:
        yield fault(
            say("factors"),
            say("unknown: %(names)s", names=", ".join(unknown)),
            "Known: " + ", ".join(sorted(parts.factors)),
        )
        return
    channels = {parts.factors[f].channel for f in parts.settings.recovery.factors}
    if rule and len(channels) < rule.channels:
        yield fault(
            say("channels"),
            say(
                "the rule asks for %(channels)s, the factors offered have only %(count)s",
                channels=rule.channels,
                count=len(channels),
            ),
            "Offer more in recovery.factors, or lower rules.reset_password.channels.",
        )
    else:
        yield fine(say("channels"), say("%(count)s independent ones are offered", count=len(channels)))
    if not parts.settings.desk.mail:
        yield warning(
            say("service desk"), say("nobody is told of new tickets"), '[desk]\nmail = ["servicedesk@example.org"]'
        )


def _between_directories(parts: Parts) -> Iterator[Finding]:
    """What no directory can tell by itself: groups that give roles, and names that two of them claim."""
    homes = parts.connectors.homes
    seeing = [(name, one) for name, one in parts.connectors.all_able_to(SeesGroups) if name in homes]
    all_see = len(seeing) == len(parts.settings.homes)
    for role, groups in parts.settings.roles.items():
        for group in groups:
            if any(_has(connector, group) for _, connector in seeing):
                yield fine(say("roles"), say("%(role)s: %(group)s is there", role=role, group=group))
            elif all_see:
                message = say("%(role)s: %(group)s is in no directory, or cannot be read", role=role, group=group)
                yield warning(say("roles"), message, f'[roles]\n{role} = ["the DN of a group that is there"]')
    for setting in ("mail_domains", "realms"):
        claimed = Counter(name.casefold() for home in parts.settings.homes for name in getattr(home, setting))
        for name in (name for name, times in claimed.items() if times > 1):
            message = say(
                "%(name)s stands in %(setting)s of several directories, so all of these are asked for it",
                name=name, setting=setting,
            )  # fmt: skip
            yield warning(say("names"), message, f"{setting}: name {name} where its people live, and only there.")


def _has(connector: SeesGroups, group: str) -> bool:
    try:
        return connector.has_group(group)
    except ConnectorError:
        return True  # that it is down stands with the directory
