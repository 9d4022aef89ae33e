"""One entry's facts and changes, label by label."""

from datetime import date
from typing import Any

from flask_babel import format_datetime, get_timezone
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from audit.body import index_row
from audit.event import ANONYMOUS, SYSTEM
from audit.reading import Entry
from portal.auditors.sentences import Wording
from portal.explaining.explain import CATALOGUE
from portal.factors import FACTORS
from portal.web.pages import day

ATTRIBUTES: dict[str, Any] = {
    "ends_on": _l("Last day of the account"),
    "recovery_mail": _l("Private address"),
    "phone": _l("Telephone number"),
    "ssh_key": _l("SSH key"),
    "provider": _l("Another sign-in"),
}


def facts_of(entry: Entry, wording: Wording) -> list[tuple[str, str]]:
    """What the entry says besides its sentence, as far as it was not erased."""
    row, event = index_row(entry.event), entry.event
    code = f"{CATALOGUE[entry.reason].title}" if entry.reason in CATALOGUE else entry.reason
    rows = [
        (_("When"), f"{day(entry.time.astimezone(get_timezone()))} {format_datetime(entry.time, 'HH:mm:ss ZZZZZ')}"),
        (_("Who did it"), _who(row["actor"], wording)),
        (_("Whom it is about"), _who(row["subject"], wording) if row["subject"] else ""),
        (_("Reason"), str(code)),
        (_("In their own words"), entry.disclosures.get("reason", "")),
        (_("What"), entry.disclosures.get("object", "")),
        (_("Network address"), entry.disclosures.get("source", "")),
        (_("Proofs"), ", ".join(_factor(given["factor_type"]) for given in event.get("auth_factors", []))),
        (_("Session"), event["actor"].get("session", {}).get("uid", "")),
        (
            _("Found out afterwards"),
            _("Yes: the directory was read back") if event["unmapped"].get("recovered") else "",
        ),
        (_("Numbers of the requests there"), entry.disclosures.get("requests", "")),
        (_("Attempt"), row["correlation"]),
        (_("Kind"), f"{entry.kind}, OCSF {row['type_uid']}"),
    ]
    known = ("reason", "object", "source", "old", "new", "requests")
    rows += [(name, value) for name, value in entry.disclosures.items() if name not in known]
    return [(label, value) for label, value in rows if value]


def changes_of(entry: Entry) -> list[tuple[str, str, str]]:
    """The attribute that changed, its old and its new value; empty where it had or got none."""
    change = entry.event.get("entity", {}).get("data") or entry.event["unmapped"].get("change") or {}
    old = str(change.get("old") or entry.disclosures.get("old", ""))
    new = str(change.get("new") or entry.disclosures.get("new", ""))
    attribute = str(change.get("attribute", ""))
    if entry.kind == "settings_changed" or not (old or new):
        return []
    return [(str(ATTRIBUTES.get(attribute, attribute)), _readable(old), _readable(new))]


def _who(pseudonym: str, wording: Wording) -> str:
    known = wording.known(pseudonym)
    name = wording.person(pseudonym)
    name = name[:1].upper() + name[1:]
    if pseudonym in (SYSTEM, ANONYMOUS):
        return name
    return f"{name} ({known.login})" if known else name


def _factor(name: str) -> str:
    return str(FACTORS[name].title) if name in FACTORS else name


def _readable(value: str) -> str:
    """An end date in words, anything else as it is."""
    try:
        return day(date.fromisoformat(value)) if value else ""
    except ValueError:
        return value
