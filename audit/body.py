"""An entry's body: the event as OCSF writes it, in JSON with sorted keys and nothing personal in clear."""

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from audit.event import EntryRefused, Event, Outcome, Phase
from audit.kinds import KINDS, OTHER, PRODUCT
from audit.shapes import SHAPES, Blinded, code, factor, user

MOST_BYTES = 16 * 1024
_STATUS: dict[Outcome, int] = {"success": 1, "failure": 2, "pending": 99, "unknown": 0}
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


class Setting(NamedTuple):
    """What is the same for all entries of one log."""

    origin: str
    version: str
    schema: str


class Mark(NamedTuple):
    """What an entry says besides its event."""

    phase: Phase
    correlation: str
    outcome: Outcome = "pending"
    reason: str = ""
    recovered: bool = False


def compose(setting: Setting, event: Event, mark: Mark, blinded: Blinded, uid: str, time: int) -> dict[str, Any]:
    """The body of an event's entry; `time` is in milliseconds. Raises EntryRefused for what must not be written."""
    kind = KINDS[event.kind]
    type_uid = kind.type_uid(setting.schema)
    body: dict[str, Any] = {
        "activity_id": type_uid % 100,
        "actor": {"user": user(blinded.actor)},
        "category_uid": type_uid // 100_000,
        "class_uid": type_uid // 100,
        "metadata": {
            "log_name": setting.origin,
            "product": {"name": PRODUCT, "vendor_name": PRODUCT, "version": setting.version},
            "version": setting.schema,
        },
        "src_endpoint": {"uid": blinded.source or "local"},
        "time": time,
        "type_uid": type_uid,
        "unmapped": {"kind": event.kind},
    }
    if body["activity_id"] == OTHER:
        body["activity_name"] = event.kind.replace("_", " ").capitalize()
    if blinded.session:
        body["actor"]["session"] = {"uid": blinded.session}
    if event.ticket:
        body["unmapped"]["ticket"] = code(event.ticket)
    if event.sha256:
        body["unmapped"]["sha256"] = code(event.sha256)
    if event.factors and type_uid // 100 in (3001, 3002, 3007):
        body["auth_factors"] = [factor(name) for name in event.factors]
    SHAPES[type_uid // 100](body, event, blinded)
    if blinded.digests:
        body["unmapped"]["_sd"] = sorted(blinded.digests)
        body["unmapped"]["_sd_alg"] = "sha-256"
    return stamp(body, mark, uid)


def stamp(body: dict[str, Any], mark: Mark, uid: str) -> dict[str, Any]:
    """Write into a body which entry it is (uid), of which attempt, and how that ended."""
    body["metadata"]["uid"] = uid
    body["metadata"]["correlation_uid"] = mark.correlation
    body["severity_id"] = 2 if mark.outcome == "failure" else 1
    body["status_id"] = _STATUS[mark.outcome]
    body["status"] = mark.outcome.capitalize()
    if mark.reason:
        body["status_code"] = code(mark.reason)
    body["unmapped"]["phase"] = mark.phase
    if mark.recovered:
        body["unmapped"]["recovered"] = True
    return body


def encode(body: dict[str, Any]) -> bytes:
    """The bytes of a body: sorted keys, no spaces, integers only. Raises EntryRefused if it cannot be an entry."""
    _require_plain(body.values())
    encoded = _encode(body).encode()
    if len(encoded) > MOST_BYTES:
        raise EntryRefused(f"an entry has at most {MOST_BYTES} bytes")
    return encoded


def index_row(body: dict[str, Any]) -> dict[str, Any]:
    """What the index holds of a body, without its number."""
    phase = body["unmapped"]["phase"]
    return {
        "time": body["metadata"]["logged_time"],
        "type_uid": body["type_uid"],
        "kind": body["unmapped"]["kind"],
        "phase": phase,
        "outcome": None if phase == "intent" else body["status"].lower(),
        "actor": body["actor"]["user"]["uid"],
        "subject": _subject(body),
        "correlation": body["metadata"]["correlation_uid"],
    }


def _subject(body: dict[str, Any]) -> str | None:
    user = body.get("user") or body.get("entity", {}).get("user")
    if user:
        return str(user["uid"])
    resources = body.get("web_resources") or [{}]
    return resources[0].get("data", {}).get("subject")


def _require_plain(values: Iterable[object]) -> None:
    for value in values:
        kind = type(value)
        if kind is str:
            continue
        if kind is dict:
            _require_plain(value.values())  # type: ignore[attr-defined]
        elif kind is list:
            _require_plain(value)  # type: ignore[arg-type]
        elif kind is int:
            if abs(value) >= 2**53:  # type: ignore[arg-type]
                raise EntryRefused("a number in an entry is below 2**53")
        elif kind is not bool:
            raise EntryRefused(f"an entry holds texts and integers, not {kind.__name__}")
