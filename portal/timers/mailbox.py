"""A mailbox together with what is to come: days on which something ends by itself, and what has yet to begin."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from connectors.mailbox import Forward, Mailbox
from portal.actions.end_share import EndShare
from portal.actions.leave_list import LeaveList
from portal.actions.remove_alias import RemoveAlias
from portal.actions.remove_forwarding import RemoveForwarding
from portal.mailboxes.forwarding import Forwarding
from portal.timers.timers import Timer


@dataclass(frozen=True, kw_only=True)
class Ends:
    """When what ends by itself does so; addresses in small letters."""

    aliases: dict[str, datetime] = field(default_factory=dict)
    shares: dict[tuple[str, str, str], datetime] = field(default_factory=dict)  # by system, mailbox and person
    lists: dict[tuple[str, str], datetime] = field(default_factory=dict)  # by system and the list's id


def ends_of(timers: Iterable[Timer]) -> Ends:
    ends = Ends()
    for one in timers:
        match one.action:
            case RemoveAlias(address=address):
                ends.aliases[address.casefold()] = one.due
            case EndShare(box=box, who=who, system=system):
                ends.shares[system, box.casefold(), who.casefold()] = one.due
            case LeaveList(list_id=list_id, system=system):
                ends.lists[system, list_id.casefold()] = one.due
    return ends


def with_timers(mailbox: Mailbox, timers: Iterable[Timer]) -> Mailbox:
    """The same with forwards that wait, and with the ends of those whose mail system knows of none."""
    ends: dict[str, datetime] = {}
    waiting: list[Forward] = []
    for one in timers:
        match one.action:
            case RemoveForwarding(target=target):
                ends[target.casefold()] = one.due
            case Forwarding(target=target, keep_copy=keep_copy) as action if one.held:
                last = action.ends_at(action.details())
                waiting.append(Forward(target=target, keep_copy=keep_copy, starts=one.due, ends=last))
    begun = [replace(one, ends=one.ends or _end(one, ends)) for one in mailbox.forwards]
    to_come = (one for one in waiting if not any(other.goes_to(one.target) for other in begun))
    return replace(mailbox, forwards=(*begun, *to_come))


def _end(forward: Forward, ends: dict[str, datetime]) -> datetime | None:
    return next((end for target, end in ends.items() if forward.goes_to(target)), None)
