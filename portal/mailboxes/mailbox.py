"""A person's mailbox as all installations together know it. Changes and records nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from connectors import Connectors
from connectors.account import Account
from connectors.errors import AccountNotFound, ConnectorError
from connectors.mailbox import Mailbox, Quota, ReadsMailbox

UNITS = ("B", "kB", "MB", "GB", "TB")


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What there is; `silent`: installations that could not be asked, so that something may be missing."""

    mailbox: Mailbox
    silent: tuple[str, ...] = ()


class Mailboxes:
    def __init__(self, connectors: Connectors) -> None:
        self._connectors = connectors

    def known(self, account: Account) -> bool:
        """Whether any installation is for this person's mailbox."""
        return any(True for _ in self._readers(account))

    def of(self, account: Account) -> Seen | None:
        """The mailbox; None where no installation has one for this person."""
        found, silent = [], []
        for name, reader in self._readers(account):
            try:
                found.append(reader.read_mailbox(account))
            except AccountNotFound:
                continue
            except ConnectorError:
                silent.append(name)
        if not found and not silent:
            return None
        merged = Mailbox(address=account.mail or "")
        for one in found:
            merged = _together(merged, one)
        return Seen(mailbox=merged, silent=tuple(silent))

    def _readers(self, account: Account) -> Iterator[tuple[str, ReadsMailbox]]:
        return ((name, one) for name, one in self._connectors.all_able_to(ReadsMailbox) if one.serves(account))


def _together(one: Mailbox, other: Mailbox) -> Mailbox:
    a, b = one.quota or Quota(), other.quota or Quota()
    used = a.used if a.used is not None else b.used
    limit = a.limit if a.limit is not None else b.limit
    return replace(
        one,
        auto_reply=one.auto_reply or other.auto_reply,
        own_auto_reply=one.own_auto_reply or other.own_auto_reply,
        forwards=(*one.forwards, *other.forwards),
        aliases=tuple(dict.fromkeys((*one.aliases, *other.aliases))),
        quota=Quota(used=used, limit=limit) if used is not None or limit is not None else None,
        unread=one.unread or other.unread,
    )


def begins(day: str, zone: str) -> datetime | None:
    """The first moment of a day (ISO 8601) in a zone; None for none."""
    return datetime.combine(date.fromisoformat(day), time(), ZoneInfo(zone)) if day else None


def is_over(last_day: str, zone: str) -> datetime | None:
    """The first moment after a day (ISO 8601) in a zone; None for none."""
    return begins((date.fromisoformat(last_day) + timedelta(days=1)).isoformat(), zone) if last_day else None


def last_day(end: datetime | None, zone: str) -> date | None:
    """The day of which that moment is the end."""
    return (end.astimezone(ZoneInfo(zone)) - timedelta(seconds=1)).date() if end else None


def size(octets: int) -> str:
    """3.1 GB; whole numbers below ten are not rounded to none."""
    value, unit = float(octets), 0
    while value >= 1024 and unit < len(UNITS) - 1:
        value, unit = value / 1024, unit + 1
    return f"{value:.1f}".removesuffix(".0") + f" {UNITS[unit]}"
