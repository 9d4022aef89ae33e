"""What each class of OCSF events must have besides what all of them have."""

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, NamedTuple

from audit.checkpoints import Checkpoint
from audit.event import ANONYMOUS, SYSTEM, EntryRefused, Event
from audit.kinds import FACTOR_TYPES, KINDS, OTHER, PRODUCT, USER
from audit.notes import BadNote, VerifierKey

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:#-]{0,63}")


class Blinded(NamedTuple):
    """An event's personal values as they may be written: pseudonyms, keyed hashes, digests of disclosures."""

    actor: str
    subject: str | None
    session: str
    source: str
    object: str
    digests: Sequence[str]


def code(value: str) -> str:
    """The value if it may be written in clear; raises EntryRefused for anything that could be free text."""
    if not _CODE.fullmatch(value):
        raise EntryRefused("what is written in clear must be a code, not free text")
    return value


def user(uid: str) -> dict[str, object]:
    """A user object: a pseudonym, the portal itself or somebody unknown."""
    return {"type_id": {SYSTEM: 3, ANONYMOUS: 0}.get(uid, 1), "uid": uid}


def factor(name: str) -> dict[str, object]:
    """One way to prove who one is."""
    type_id = FACTOR_TYPES.get(name, OTHER)
    return {"factor_type": code(name), "factor_type_id": type_id}


def _account(body: dict[str, Any], event: Event, blinded: Blinded) -> None:
    if blinded.subject is None:
        raise EntryRefused(f"{event.kind} happens to an account")
    body["user"] = user(blinded.subject)
    if event.kind.startswith("factor_") and not event.factors:
        raise EntryRefused(f"{event.kind} names a factor")
    change = _change(event)
    if change:
        body["unmapped"]["change"] = change


def _authentication(body: dict[str, Any], event: Event, blinded: Blinded) -> None:
    body["user"] = user(blinded.subject or blinded.actor)
    body["service"] = {"name": PRODUCT}


def _group(body: dict[str, Any], event: Event, blinded: Blinded) -> None:
    if blinded.subject is None or not blinded.object:
        raise EntryRefused(f"{event.kind} names an account and a group")
    body["user"] = user(blinded.subject)
    body["group"] = {"uid": blinded.object}


def _web(body: dict[str, Any], event: Event, blinded: Blinded) -> None:
    resource: dict[str, Any] = {"name": "audit log"}
    if event.number is not None:
        resource["uid"] = str(_whole(event.number))
    if blinded.subject is not None:
        resource["data"] = {"subject": blinded.subject}
    body["web_resources"] = [resource]
    body["metadata"]["profiles"] = ["host"]  # the actor is there only with this profile


def _entity(body: dict[str, Any], event: Event, blinded: Blinded) -> None:
    kind = KINDS[event.kind]
    entity: dict[str, Any] = {"type_id": kind.entity_type}
    if blinded.subject is not None:
        entity["user"] = user(blinded.subject)
    if kind.entity:
        entity["type"] = kind.entity
    uid = _entity_uid(event, blinded)
    if uid:
        entity["uid"] = uid
    elif blinded.subject is None:
        entity["name"] = kind.entity or "Mailbox"
    data = _change(event) | _statement(event)
    if data:
        entity["data"] = data
    if event.decision:
        body["comment"] = code(event.decision)
    body["entity"] = entity


def _entity_uid(event: Event, blinded: Blinded) -> str | None:
    entity_type = KINDS[event.kind].entity_type
    if entity_type == USER:
        if blinded.subject is None:
            raise EntryRefused(f"{event.kind} happens to an account")
        return None
    if event.kind == "settings_changed":
        return code(event.attribute)
    if event.kind == "prune":
        return f"below {_whole(event.number or 0)}"
    if entity_type == OTHER and event.ticket:
        return code(event.ticket)
    return blinded.object or blinded.subject


def _change(event: Event) -> dict[str, Any]:
    data: dict[str, Any] = {"attribute": code(event.attribute)} if event.attribute else {}
    if event.kind == "account_extend":
        data |= {"old": _day(event.old), "new": _day(event.new)}
    return data


def _statement(event: Event) -> dict[str, Any]:
    """What the log says of itself; it is read by programs, so nothing else can stand there."""
    if not event.statement:
        return {}
    try:
        if event.kind == "log_begun":
            return {"checkpoint": Checkpoint.parse(event.statement).text}
        if event.kind == "log_key_changed":
            return {"verifier_key": str(VerifierKey.parse(event.statement))}
    except BadNote as error:
        raise EntryRefused(str(error)) from None
    raise EntryRefused(f"{event.kind} says nothing of the log itself")


def _whole(number: object) -> int:
    if type(number) is not int or not 0 <= number < 2**53:
        raise EntryRefused("an entry's number is a whole number")
    return number


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        raise EntryRefused("an end date is written as year-month-day") from None


SHAPES: dict[int, Callable[[dict[str, Any], Event, Blinded], None]] = {
    3001: _account,
    3007: _account,
    3002: _authentication,
    3004: _entity,
    3006: _group,
    6001: _web,
}
