"""What every template can use: who is signed in, where the tabs lead, dates in the person's words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import Flask, request, session, url_for
from flask_babel import format_date, get_locale, get_timezone
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from portal.identity import AUDITS, OPERATORS, STAFF
from portal.parts import Parts
from portal.settings.installation import Organisation
from portal.web.languages import OWN_NAMES


@dataclass(frozen=True)
class OrganisationWords:
    """The organisation as pages and mails name it, in the language of whoever reads."""

    own: Organisation
    home_url: str

    @property
    def name(self) -> str:
        return in_language(self.own.name)

    @property
    def phone(self) -> str:
        return self.own.phone

    @property
    def hours(self) -> str:
        return in_language(self.own.hours)

    @property
    def place(self) -> str:
        return in_language(self.own.place)


def in_language(words: str | Mapping[Any, str], language: str = "") -> str:
    """The words in this language, or the page's; in the first one there is if they are not written in it."""
    if isinstance(words, str):
        return words
    written = {str(tag): text for tag, text in words.items()}
    return written.get(language or str(get_locale()), next(iter(written.values()), ""))


def prepare(app: Flask, parts: Parts) -> None:
    settings = parts.settings
    organisation = OrganisationWords(settings.organisation, settings.base)
    app.extensions["organisation"] = organisation
    app.jinja_env.filters |= {
        "day": day,
        "in_language": in_language,
        "iso_day": lambda text: day(date.fromisoformat(text)),
        "iso_moment": lambda text: moment(datetime.fromisoformat(text), parts.clock()),
        "clock": clock_time,
        "moment": lambda m: moment(m, parts.clock()),
    }
    app.jinja_env.globals["static_url"] = lambda name: app.extensions["assets"].url(name)

    @app.context_processor
    def everywhere() -> dict[str, Any]:
        return {
            "language": str(get_locale()),
            "languages": [(tag, OWN_NAMES[tag], f"{_here()}?language={tag}") for tag in settings.languages],
            "theme": None,
            "organisation": organisation,
            "nav": _tabs(parts),
            "now": parts.clock(),
        }


def _here() -> str:
    """The present page if it can be opened again, otherwise the start."""
    rule = request.url_rule
    return request.path if rule and "GET" in (rule.methods or ()) else url_for("home.index")


APPROVALS, MAILBOX = "approvals.index", "mailbox.index"
TABS = (
    (_l("Account"), "account.index", frozenset[str]()),
    (_l("Sign-in and proofs"), "account.security", frozenset[str]()),
    (_l("Mailbox"), MAILBOX, frozenset[str]()),
    (_l("Tickets"), "tickets.index", frozenset[str]()),
    (_l("Approvals"), APPROVALS, frozenset[str]()),
    (_l("Queue"), "desk.index", STAFF),
    (_l("People"), "people.index", STAFF),
    (_l("Shifts"), "shifts.index", STAFF),
    (_l("Notices"), "notices.index", OPERATORS),
    (_l("Connections"), "connectors.index", frozenset({"admin"})),
    (_l("Log"), "log.index", AUDITS),
)


def _tabs(parts: Parts) -> list[tuple[str, str, str]]:
    """Title, address, and "page" if that is the present one, "true" if the present one lies below it."""
    if not getattr(current_user, "is_authenticated", False):
        return []
    tabs = [
        (str(title), url_for(endpoint))
        for title, endpoint, roles in TABS
        if (not roles or roles & current_user.roles)
        and (endpoint != APPROVALS or _decides(parts))
        and (endpoint != MAILBOX or parts.settings.mailboxes)
    ]
    here = request.script_root + request.path
    above = max((address for _title, address in tabs if f"{here}/".startswith(f"{address}/")), key=len, default="")
    return [
        (title, address, "" if address != above else "page" if here == address else "true") for title, address in tabs
    ]


def _decides(parts: Parts) -> bool:
    """The list is for those who answer for others or were asked, as few are. A database that failed is not asked."""
    if request.endpoint == APPROVALS or "sponsor" in current_user.roles:
        return True
    if getattr(session, "given_up", False):
        return False
    return parts.approvals.concern(current_user.account_id)


def day(value: date | datetime) -> str:
    """Tuesday 31 March 2026."""
    return _date(value, "EEEE d MMMM y")


def clock_time(value: datetime) -> str:
    """08:52, or 08.52 where it is written so."""
    local = value.astimezone(get_timezone())
    return local.strftime("%H:%M" if str(get_locale()) == "en" else "%H.%M")


def moment(value: datetime, now: datetime) -> str:
    """Today 08:52; tomorrow 09:40; 6 March 15:20; with the year if it is another one."""
    zone = get_timezone()
    local, today = value.astimezone(zone), now.astimezone(zone)
    if local.date() == today.date():
        return str(_("today %(time)s", time=clock_time(value)))
    if local.date() == today.date() + timedelta(days=1):
        return str(_("tomorrow %(time)s", time=clock_time(value)))
    return day_and_time(value, "d MMMM" if local.year == today.year else "d MMMM y")


def day_and_time(value: datetime, pattern: str = "d MMMM") -> str:
    """6 March 15:20."""
    return str(_("%(day)s %(time)s", day=_date(value, pattern), time=clock_time(value)))


def _date(value: date | datetime, pattern: str) -> str:
    """The date by this pattern; Norwegian sets a point after the number of the day."""
    return str(format_date(value, pattern.replace("d ", "d. ") if str(get_locale()) == "nb" else pattern))
