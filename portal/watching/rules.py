"""The rules: each looks at one new entry and at what went before, and may find something that needs a look."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from audit.event import is_account
from portal.settings.record import Watching

RESETS = ("password_reset", "password_change_required", "factor_remove", "unlock", "enable")  # what opens an account
NEW_PASSWORDS = ("password_reset", "password_change")
WELL_KNOWN = 30  # entries an alert names


class Seen(NamedTuple):
    """What a rule needs of an entry; persons are pseudonyms."""

    number: int
    time: datetime
    kind: str
    outcome: str | None
    actor: str
    subject: str | None
    ticket: str = ""
    approved: bool = False


class Found(NamedTuple):
    """Something to look at: by which rule, what makes it the same thing again, whom it is about, and the entries."""

    rule: str
    key: str
    whom: str | None
    entries: Sequence[int]


class Past(Protocol):
    """What the record holds, for the rules."""

    def by(self, actor: str, kinds: Sequence[str], since: datetime, until: int) -> list[Seen]:
        """What somebody did for others, up to this entry, newest first."""

    def about(self, subject: str, kinds: Sequence[str], since: datetime, until: int) -> list[Seen]:
        """What happened to somebody, up to this entry, newest first."""

    def of_ticket(self, ticket: str, until: int) -> list[Seen]:
        """What is on record about a ticket, up to this entry, newest first."""

    def privileged(self, subject: str) -> bool:
        """Whether somebody has a role here, or is protected in the directory. Raises what directories raise."""


Rule = Callable[[Seen, Past, Watching, ZoneInfo], Iterator[Found]]


def many_resets(entry: Seen, past: Past, settings: Watching, zone: ZoneInfo) -> Iterator[Found]:
    """One person opens the accounts of many others within a short time."""
    if entry.kind not in RESETS or entry.outcome != "success" or not _for_another(entry):
        return
    since = entry.time - timedelta(minutes=settings.many_resets_minutes)
    acts = [one for one in past.by(entry.actor, RESETS, since, entry.number) if one.outcome == "success"]
    people = {one.subject for one in acts}
    if len(people) > settings.many_resets:
        day = entry.time.astimezone(zone).date()
        yield Found("many_resets", f"{entry.actor}/{day}", entry.actor, [one.number for one in acts])


def reset_at_night(entry: Seen, past: Past, settings: Watching, zone: ZoneInfo) -> Iterator[Found]:
    """Somebody with rights of his own gets a new password at night."""
    if entry.kind not in NEW_PASSWORDS or entry.outcome != "success" or entry.subject is None:
        return
    local = entry.time.astimezone(zone).time()
    first, last = settings.night
    asleep = first <= local or local < last if first > last else first <= local < last
    if asleep and past.privileged(entry.subject):
        yield Found("reset_at_night", str(entry.number), entry.subject, [entry.number])


def reset_then_forward(entry: Seen, past: Past, settings: Watching, zone: ZoneInfo) -> Iterator[Found]:
    """A new password, and soon after all mail goes outside: what whoever has stolen an account does."""
    if entry.kind != "forward_outside_set" or entry.outcome != "success" or entry.subject is None:
        return
    since = entry.time - timedelta(hours=settings.forward_hours)
    resets = past.about(entry.subject, ("password_reset",), since, entry.number)
    done = [one.number for one in resets if one.outcome == "success"]
    if done:
        yield Found("reset_then_forward", str(entry.number), entry.subject, [entry.number, *done])


def own_approval(entry: Seen, past: Past, settings: Watching, zone: ZoneInfo) -> Iterator[Found]:
    """Somebody agreed to what he gets himself: no rule of the portal allows it, so it was got round."""
    if entry.kind == "approval_decided" and entry.approved and entry.actor == entry.subject:
        yield Found("own_approval", f"ticket/{entry.ticket}", entry.actor, [entry.number])
        return
    if not entry.ticket or entry.outcome != "success" or entry.subject is None or entry.kind.startswith("ticket_"):
        return
    if entry.kind == "approval_decided" or entry.kind == "alert":
        return
    decided = [one for one in past.of_ticket(entry.ticket, entry.number) if one.approved]
    own = [one.number for one in decided if one.actor == entry.subject]
    if own:
        yield Found("own_approval", f"ticket/{entry.ticket}", entry.subject, [entry.number, *own])


RULES: Mapping[str, Rule] = {
    "many_resets": many_resets,
    "reset_at_night": reset_at_night,
    "reset_then_forward": reset_then_forward,
    "own_approval": own_approval,
}
GAP = "gap"  # found by the watcher itself: entries that are not there


def _for_another(entry: Seen) -> bool:
    return is_account(entry.actor) and entry.subject is not None and entry.actor != entry.subject
