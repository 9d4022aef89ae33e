"""Looks everything over before a person finds out: database, record, directories, mail, actions. Changes nothing."""

import os
from collections.abc import Iterator

from sqlalchemy.exc import SQLAlchemyError

from audit.keys import KeyFileRefused, load_key
from connectors.capabilities import Examined, Finding, Severity
from portal.actions import ACTIONS
from portal.parts import Parts
from portal.schema import is_current


def examine(parts: Parts) -> Iterator[tuple[str, Finding]]:
    """Findings with the name of what was looked at."""
    yield from (("Database", f) for f in _database(parts))
    yield from (("Record", f) for f in _record(parts))
    for name, connector in parts.connectors.all_able_to(Examined):
        yield from ((f"Connector {name}", f) for f in connector.examine())
    yield from (("Passwords", f) for f in parts.leaks.examine())
    yield from (("Actions", f) for f in _actions(parts))
    yield from (("Hooks", f) for f in _hooks(parts))
    yield from (("Recovery", f) for f in _recovery(parts))


def _database(parts: Parts) -> Iterator[Finding]:
    try:
        current = is_current(parts.database)
    except SQLAlchemyError as error:
        yield _fault("connection", f"cannot be opened ({type(error).__name__})", "Is the address in `database` right?")
        return
    if current:
        yield _ok("tables", "are those of this version")
    else:
        yield _fault("tables", "are missing or older than this version", "portal db upgrade")


def _record(parts: Parts) -> Iterator[Finding]:
    try:
        load_key(parts.settings.audit.signing_key)
    except (OSError, KeyFileRefused) as error:
        yield _fault("signing key", str(error), f"portal audit new-key {parts.settings.audit.signing_key}")
    else:
        yield _ok("signing key", "can be read")


def _actions(parts: Parts) -> Iterator[Finding]:
    """Who would do what: the connector for each action that has a rule."""
    for name in parts.settings.rules:
        action = ACTIONS.get(name)
        if action is None:
            yield _fault(name, "there is no such action", "Known: " + ", ".join(sorted(ACTIONS)))
            continue
        able = [n for n, _ in parts.connectors.all_able_to(action.needs)] if action.needs else []
        yield _ok(name, _done_by(able, parts.connectors.directories))
    if missing := sorted(set(ACTIONS) - set(parts.settings.rules)):
        yield Finding(severity=Severity.WARNING, subject="not offered", message=", ".join(missing) + " (no rule)")


def _hooks(parts: Parts) -> Iterator[Finding]:
    for hook in parts.settings.hooks:
        program = hook.command[0]
        if unknown := sorted(set(hook.actions) - set(ACTIONS)):
            known = "Known: " + ", ".join(sorted(ACTIONS))
            yield _fault(hook.name, f"there is no such action: {', '.join(unknown)}", known)
        elif not os.access(program, os.X_OK):
            yield _fault(hook.name, f"{program} cannot be run by this user", f"chmod a+rx {program}")
        else:
            yield _ok(hook.name, f"{hook.when} {', '.join(hook.actions) or 'every action'}: {program}")


def _done_by(able: list[str], homes: frozenset[str]) -> str:
    if not able:
        return "becomes a ticket for the service desk"
    left = sorted(homes.difference(able)) if homes.intersection(able) else []
    return "done by " + ", ".join(able) + (f"; a ticket for people of {', '.join(left)}" if left else "")


def _recovery(parts: Parts) -> Iterator[Finding]:
    rule = parts.settings.rules.get("reset_password")
    unknown = [f for f in parts.settings.recovery.factors if f not in parts.factors]
    if unknown:
        yield _fault("factors", f"unknown: {', '.join(unknown)}", "Known: " + ", ".join(sorted(parts.factors)))
        return
    channels = {parts.factors[f].channel for f in parts.settings.recovery.factors}
    if rule and len(channels) < rule.channels:
        yield _fault(
            "channels",
            f"the rule asks for {rule.channels}, the factors offered have only {len(channels)}",
            "Offer more in recovery.factors, or lower rules.reset_password.channels.",
        )
    else:
        yield _ok("channels", f"{len(channels)} independent ones are offered")
    if not parts.settings.desk.mail:
        yield Finding(
            severity=Severity.WARNING,
            subject="service desk",
            message="nobody is told of new tickets",
            remedy='[desk]\nmail = ["servicedesk@example.org"]',
        )


def _ok(subject: str, message: str) -> Finding:
    return Finding(severity=Severity.OK, subject=subject, message=message)


def _fault(subject: str, message: str, remedy: str) -> Finding:
    return Finding(severity=Severity.FAULT, subject=subject, message=message, remedy=remedy)
