"""How long an account may be kept: the dates somebody can ask for, worked out from the rules and the account alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from connectors.account import Account
from portal.action import Action
from portal.actions.bridge_account import BridgeAccount
from portal.actions.extend_account import ExtendAccount
from portal.actions.let_lapse import LetLapse
from portal.actions.take_back_extension import TakeBackExtension
from portal.settings.extension import Extension
from portal.settings.part import Words

Guard = Callable[[Action, Account, datetime], str | None]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One date that is offered: so many days from the day that counts, or the end of a term."""

    until: date
    days: int  # more than the account has now
    name: Words | None = None  # of a term


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What somebody may ask for today. All days are the last ones an account may be used."""

    ends_on: date
    counted_from: date
    earliest: date
    latest: date
    step_days: int
    total_until: date | None  # beyond this no extension reaches, however many there are
    choices: tuple[Choice, ...]


@dataclass(frozen=True, kw_only=True)
class NotNow:
    """Why nothing can be asked for, as a code the explainer knows, and from which day on it can."""

    reason: str
    opens_on: date | None = None


def offer(account: Account, extensions: Sequence[Extension], today: date) -> Offer | NotNow:
    """The dates for this account by the first rule that is for its kind."""
    rule = next((one for one in extensions if not one.kinds or account.kind in one.kinds), None)
    ends_on = account.state.ends_on
    if ends_on is None:
        return NotNow(reason="no_end_date")
    if rule is None:
        return NotNow(reason="extension_not_offered")
    opens_on = ends_on - timedelta(days=rule.ask_days)
    if today < opens_on:
        return NotNow(reason="extension_too_early", opens_on=opens_on)
    counted_from = max(ends_on, today) if rule.counted_from == "end" else today
    total_until = _total(account, rule)
    latest = counted_from + timedelta(days=rule.step_days)
    if total_until is not None:
        latest = min(latest, total_until)
    earliest = max(ends_on + timedelta(days=1), today)
    if latest < earliest:
        return NotNow(reason="extension_limit")
    return Offer(
        ends_on=ends_on,
        counted_from=counted_from,
        earliest=earliest,
        latest=latest,
        step_days=rule.step_days,
        total_until=total_until,
        choices=_choices(rule, ends_on, counted_from, earliest, latest),
    )


def guard(extensions: Sequence[Extension], zone: ZoneInfo) -> Guard:
    """What the desk asks before it does or passes on an extension: a page may be out of date, or not ours at all."""

    def unfit(action: Action, account: Account, now: datetime) -> str | None:
        if isinstance(action, TakeBackExtension | LetLapse):
            return None if account.state.ends_on == action.ends_on else "end_changed"
        if not isinstance(action, ExtendAccount | BridgeAccount):
            return None
        found = offer(account, extensions, now.astimezone(zone).date())
        if isinstance(found, NotNow):
            return found.reason
        return None if found.earliest <= action.until <= found.latest else "extension_too_far"

    return unfit


def _total(account: Account, rule: Extension) -> date | None:
    if rule.total_days is None or account.created_at is None:
        return None
    return account.created_at.date() + timedelta(days=rule.total_days)


def _choices(rule: Extension, ends_on: date, counted_from: date, earliest: date, latest: date) -> tuple[Choice, ...]:
    named: dict[date, Words | None] = {counted_from + timedelta(days=days): None for days in rule.presets}
    named |= {term.next_after(ends_on): term.name for term in rule.terms}
    named.setdefault(latest, None)
    return tuple(
        Choice(until=until, days=(until - ends_on).days, name=name)
        for until, name in sorted(named.items(), key=lambda one: one[0])
        if earliest <= until <= latest
    )
