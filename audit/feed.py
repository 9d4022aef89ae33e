"""Entries as others read them: the OCSF event with what may be known of the people in it, and where it stands."""

import json
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidTag
from sqlalchemy import Connection, select

from audit import pseudonyms, reading
from audit.event import is_account
from audit.keyring import Keyring
from audit.reading import Entry
from audit.store import bodies
from audit.tables import index, open_intents
from audit.tree import leaf_hash

_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode


class Stretch(NamedTuple):
    """Entries in the order of the record, and the number to go on from."""

    entries: list[Entry]
    next: int


def following(tx: Connection, keyring: Keyring, first: int, limit: int) -> Stretch:
    """What came true from entry `first` on, of at most `limit` entries; an intent says nothing that came true."""
    chosen = select(index.c.idx, index.c.phase).where(index.c.idx >= first).order_by(index.c.idx).limit(limit)
    rows = tx.execute(chosen).all()
    if not rows:
        return Stretch([], first)
    wanted = [row.idx for row in rows if row.phase != "intent"]
    return Stretch(_oldest_first(tx, keyring, wanted), rows[-1].idx + 1)


def dangling(tx: Connection, keyring: Keyring, after: int, older_than: int, limit: int) -> list[Entry]:
    """Intents behind entry `after` that still have no outcome although written before `older_than` (milliseconds)."""
    chosen = (
        select(open_intents.c.idx)
        .where(open_intents.c.idx > after, open_intents.c.time < older_than)
        .order_by(open_intents.c.idx)
        .limit(limit)
    )
    return _oldest_first(tx, keyring, list(tx.execute(chosen).scalars()))


def behind(tx: Connection, first: int) -> int | None:
    """When the oldest entry from `first` on was written, in milliseconds since 1970; None if there is none."""
    oldest = select(index.c.time).where(index.c.idx >= first).order_by(index.c.idx).limit(1)
    return tx.execute(oldest).scalar_one_or_none()


def names(tx: Connection, keyring: Keyring, found: Sequence[Entry]) -> dict[str, str]:
    """The accounts behind the pseudonyms of these entries, as far as nobody was erased."""
    met = {uid for entry in found for uid in _users(entry.event) if is_account(uid)}
    known = {uid: pseudonyms.account_of(tx, keyring, uid) for uid in met}
    return {uid: account for uid, account in known.items() if account}


def event_of(entry: Entry, accounts: Mapping[str, str], *, personal: bool) -> dict[str, Any]:
    """The event as OCSF. With `personal` also account ids, network address and whatever else was disclosed."""
    event: dict[str, Any] = json.loads(entry.body)
    origin = event["metadata"]["log_name"]
    event["unmapped"]["tlog"] = {"origin": origin, "index": entry.index, "leaf": leaf_hash(entry.body).hex()}
    if not personal:
        return event
    for user in _user_objects(event):
        if user["uid"] in accounts:
            user["uid_alt"] = accounts[user["uid"]]
    if entry.disclosures:
        event["unmapped"]["disclosed"] = dict(entry.disclosures)
    source = entry.disclosures.get("source", "")
    if _is_address(source):
        event["src_endpoint"]["ip"] = source
    return event


def event_without_names(entry: Entry) -> dict[str, Any]:
    """The same for whoever it is about: others stay pseudonyms."""
    return event_of(entry, {}, personal=True)


def in_json(event: Mapping[str, Any]) -> str:
    """One line, plain ASCII."""
    return _encode(event)


def in_cef(event: Mapping[str, Any]) -> str:
    """One line of ArcSight's Common Event Format ("CEF Implementation Standard", version 0)."""
    product, own = event["metadata"]["product"], event["unmapped"]
    users = {"s": event["actor"]["user"]}
    if subject := event.get("user") or event.get("entity", {}).get("user"):
        users["d"] = subject
    values = {
        "rt": event["time"],
        "externalId": event["metadata"]["uid"],
        "outcome": event["status"].lower(),
        "reason": event.get("status_code", ""),
        "src": event["src_endpoint"].get("ip", ""),
        **{f"{side}uid": user["uid"] for side, user in users.items()},
        **{f"{side}user": user.get("uid_alt", "") for side, user in users.items()},
        **_custom("cs1", "ticket", own.get("ticket", "")),
        **_custom("cs2", "correlation", event["metadata"]["correlation_uid"]),
        **_custom("cs3", "origin", own["tlog"]["origin"]),
        **_custom("cs4", "leaf", own["tlog"]["leaf"]),
        **_custom("cn1", "index", own["tlog"]["index"]),
        "msg": own.get("disclosed", {}).get("reason", ""),
    }
    head = (product["vendor_name"], product["name"], product["version"], str(event["type_uid"]), own["kind"])
    severity = 6 if event["status_id"] == 2 else 3
    extension = " ".join(f"{key}={_escaped(value)}" for key, value in values.items() if value not in ("", None))
    return f"CEF:0|{'|'.join(_in_head(part) for part in head)}|{severity}|{extension}"


def _custom(field: str, label: str, value: object) -> dict[str, object]:
    return {field: value, f"{field}Label": label} if value != "" else {}


def _in_head(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ").replace("\r", " ")


def _escaped(value: object) -> str:
    text = str(value).replace("\\", "\\\\").replace("=", "\\=")
    return text.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")


def _oldest_first(tx: Connection, keyring: Keyring, numbers: list[int]) -> list[Entry]:
    """Somebody who exchanges one personal value must not silence the rest: such an entry goes without its values."""
    if not numbers:
        return []
    try:
        return reading.read(tx, keyring, numbers)[::-1]
    except (reading.ForeignDisclosure, InvalidTag):
        if len(numbers) > 1:
            return [entry for number in numbers for entry in _oldest_first(tx, keyring, [number])]
        return [Entry(numbers[0], bodies(tx, numbers[0], 1)[0], {})]


def _users(event: Mapping[str, Any]) -> list[str]:
    return [str(user["uid"]) for user in _user_objects(event)]


def _user_objects(event: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = [event["actor"]["user"], event.get("user"), event.get("entity", {}).get("user")]
    return [user for user in found if user]


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
