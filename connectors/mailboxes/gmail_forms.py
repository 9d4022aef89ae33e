"""Gmail's settings as our words, and ours as Gmail's (https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.settings)."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

from connectors.mailbox import AppPassword, AutoReply, Forward, Quota, Source
from connectors.mailboxes.sieve_script import one_line, plain

DAYS = 4  # within which one sender gets one answer; it cannot be chosen: https://support.google.com/mail/answer/25922
COMPARED: Mapping[str, Any] = {"enableAutoReply": False, "restrictToDomain": False, "startTime": "", "endTime": ""}
"""What comes back as it was written; Gmail may mend a text."""

_MIB = 1024 * 1024
_CRITERIA = ("from", "to", "subject", "query")


def vacation(reply: AutoReply | None) -> dict[str, Any]:
    """All fields: what is left out is cleared."""
    if reply is None:
        return {"enableAutoReply": False}
    times = {"startTime": reply.starts, "endTime": reply.ends}
    return {
        "enableAutoReply": True,
        "responseSubject": one_line(reply.subject),
        "responseBodyPlainText": plain(reply.text),
        "restrictToContacts": False,
        "restrictToDomain": reply.inside_only,
        **{name: str(int(at.timestamp() * 1000)) for name, at in times.items() if at},
    }


def reply_in(found: Mapping[str, Any], now: datetime) -> AutoReply | None:
    """None for one that is off, or over."""
    ends = _moment(found.get("endTime"))
    if not found.get("enableAutoReply") or (ends and ends <= now):
        return None
    return AutoReply(
        subject=found.get("responseSubject", ""),
        text=found.get("responseBodyPlainText") or _text_of(found.get("responseBodyHtml", "")),
        inside_only=bool(found.get("restrictToDomain")),
        starts=_moment(found.get("startTime")),
        ends=ends,
        days=DAYS,
    )


def forwards_in(
    forwarding: Mapping[str, Any],
    targets: Iterable[Mapping[str, Any]],
    filters: Iterable[Mapping[str, Any]],
    source: Source,
) -> tuple[Forward, ...]:
    """The one forward of the whole mailbox, those that wait for their target, and those of the person's own filters."""
    found = []
    if forwarding.get("enabled"):
        keeps = forwarding.get("disposition") != "trash"
        found.append(Forward(target=forwarding["emailAddress"], keep_copy=keeps, source=source))
    found += [
        Forward(target=one["forwardingEmail"], source=source, unconfirmed=True)
        for one in targets
        if one.get("verificationStatus") != "accepted"
    ]
    for one in filters:
        action = one.get("action", {})
        if action.get("forward"):
            keeps = "TRASH" not in action.get("addLabelIds", ())
            rule = _criteria(one.get("criteria", {}))
            found.append(Forward(target=action["forward"], keep_copy=keeps, source=Source.FILTER, rule=rule))
    return tuple(found)


def quota_in(report: Mapping[str, Any]) -> Quota | None:
    """MB as the report counts them; None for a day without one."""
    parameters = [one for part in report.get("usageReports", ()) for one in part.get("parameters", ())]
    told = {one["name"]: int(one.get("intValue", 0)) * _MIB for one in parameters}
    used, limit = told.get("accounts:gmail_used_quota_in_mb"), told.get("accounts:total_quota_in_mb")
    return Quota(used=used, limit=limit or None) if used is not None else None


def app_password_in(found: Mapping[str, Any]) -> AppPassword:
    return AppPassword(
        id=str(found["codeId"]),
        name=str(found.get("name", "")),
        created=_second(found.get("creationTime")),
        used=_second(found.get("lastTimeUsed")),
    )


def _criteria(criteria: Mapping[str, Any]) -> str:
    """As people write it into Gmail's search."""
    named = [f"{name}:{criteria[name]}" for name in _CRITERIA if criteria.get(name)]
    return " ".join([*named, *(["has:attachment"] if criteria.get("hasAttachment") else [])])


def _moment(milliseconds: str | None) -> datetime | None:
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC) if milliseconds and milliseconds != "0" else None


def _second(seconds: str | None) -> datetime | None:
    return datetime.fromtimestamp(int(seconds), UTC) if seconds and seconds != "0" else None


class _Text(HTMLParser):
    """What is left of markup without it."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("br", "p", "div") and self.pieces:
            self.pieces.append("\n")


def _text_of(html: str) -> str:
    parser = _Text()
    parser.feed(html)
    parser.close()
    return "".join(parser.pieces).strip()
