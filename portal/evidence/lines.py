"""Entries as lines of a file: CSV for people, OCSF in JSON for programs."""

from collections.abc import Iterable, Sequence

from flask_babel import gettext as _
from sqlalchemy import Connection

from audit import feed
from audit.body import index_row
from audit.log import AuditLog
from audit.reading import Entry
from portal.auditors.details import changes_of
from portal.auditors.sentences import Wording
from portal.web.csv_lines import BEGIN, csv_line


def csv_head() -> str:
    return BEGIN + csv_line(
        [
            _("Number"), _("When (UTC)"), _("What happened"), _("Result"), _("Reason"), _("Who did it"), _("User name"),
            _("Whom it is about"), _("User name"), _("Ticket"), _("Network address"), _("In their own words"),
            _("Before"), _("After"), _("Kind"), _("Attempt"),
        ]
    )  # fmt: skip


def csv_rows(entries: Iterable[Entry], wording: Wording) -> Iterable[str]:
    for entry in entries:
        row = index_row(entry.event)
        line = wording.line(entry)
        actor, subject = wording.known(row["actor"]), wording.known(row["subject"])
        old, new = ("; ".join(change[at] for change in changes_of(entry)) for at in (1, 2))
        yield csv_line(
            [
                entry.index, f"{entry.time:%Y-%m-%d %H:%M:%S}", line.text, line.result, entry.reason,
                wording.person(row["actor"]), actor.login if actor else "",
                wording.person(row["subject"]) if row["subject"] else "", subject.login if subject else "",
                entry.event["unmapped"].get("ticket", ""), entry.disclosures.get("source", ""),
                entry.disclosures.get("reason", ""), old, new, entry.kind, row["correlation"],
            ]
        )  # fmt: skip


def json_rows(db: Connection, log: AuditLog, entries: Sequence[Entry]) -> Iterable[str]:
    """As a SIEM gets them: the event to the letter, with its place in the record and what may be known of people."""
    accounts = feed.names(db, log.keyring, entries)
    for entry in entries:
        yield feed.in_json(feed.event_of(entry, accounts, personal=True)) + "\n"
