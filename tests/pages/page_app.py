"""A small Flask application around the templates alone: same Jinja settings as the portal, invented addresses."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from flask import Flask
from flask_babel import Babel, gettext
from flask_wtf.csrf import CSRFProtect
from jinja2 import StrictUndefined

from portal.web.assets import Assets

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 3, 9, 8, 52, tzinfo=UTC)

# Every address the templates ask for by name; the portal's views carry the same names.
ENDPOINTS = {
    "mailbox.index": "/mailbox",
    "home.index": "/",
    "recover.identify": "/recover",
    "recover.login_name": "/recover/login-name",
    "sign_in.index": "/sign-in",
    "strength.estimate": "/password/strength",
    "sign_out.leave": "/sign-out",
    "account.index": "/account",
    "approvals.index": "/approvals",
    "sponsored.index": "/sponsored",
    "review.index": "/sponsored/review",
    "sponsored.sure": "/sponsored/sure",
    "sponsored.undo": "/sponsored/undo",
    "asking.index": "/ask",
    "people.find": "/desk/people/find",
    "people.person": "/desk/people/<path:account_id>",
    "account.security": "/account/security",
    "account.history": "/account/history",
    "desk.index": "/desk",
    "desk.several": "/desk/several",
    "desk.texts": "/desk/texts",
    "desk.save_view": "/desk/views/new",
    "desk.change_view": "/desk/views/<view_id>",
    "desk.remove_view": "/desk/views/<view_id>/remove",
    "desk.put_view_first": "/desk/views/<view_id>/first",
    "desk.ticket": "/desk/tickets/<int:number>",
    "new_ticket.new": "/desk/new",
    "ratings.index": "/desk/ratings",
    "aftercare.follow_up": "/desk/tickets/<int:number>/follow-up",
    "callers.caller": "/desk/tickets/<int:number>/caller",
    "callers.begin": "/desk/tickets/<int:number>/caller/begin",
    "callers.step": "/desk/tickets/<int:number>/caller/step",
    "callers.hear": "/desk/tickets/<int:number>/caller/code",
    "callers.do": "/desk/tickets/<int:number>/caller/do/<deed>",
    "callers.extend": "/desk/tickets/<int:number>/caller/extend",
    "connectors.index": "/desk/connectors",
    "shifts.index": "/desk/shifts",
    "handover.write": "/desk/shifts/handover",
    "approvals.away": "/approvals/away",
    "shift_plan.back": "/desk/shifts/absences/end",
    "copies.retry_all": "/desk/copies/retry",
    "own_record.file": "/account/history/file",
    "evidence.index": "/log/export",
    "evidence.begin": "/log/export/begin",
    "log.index": "/log",
    "log.alerts": "/log/alerts",
    "log.entry": "/log/<int:index>",
    "log.body": "/log/<int:index>/entry.json",
    "log.proof": "/log/<int:index>/proof",
    "log.reviewed": "/log/<int:index>/reviewed",
    "log.question": "/log/<int:index>/question",
    "log.save": "/log/searches",
    "log.remove": "/log/searches/<search_id>/remove",
}


def day(moment: datetime) -> str:
    return f"{moment:%A} {moment.day} {moment:%B %Y}"


def clock(moment: datetime) -> str:
    return f"{moment:%H:%M}"


def moment(when: datetime) -> str:
    if when.date() == NOW.date():
        return gettext("today %(time)s", time=clock(when))
    return f"{when.day} {when:%B %H:%M}"


def make_app(assets: Assets) -> Flask:
    app = Flask("pages", template_folder=str(ROOT / "templates"), static_folder=None)
    app.config.update(SECRET_KEY="only for pages", BABEL_DEFAULT_TIMEZONE="UTC")
    app.jinja_options = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    app.jinja_env.filters.update(
        day=day,
        iso_day=lambda text: day(datetime.fromisoformat(text)),
        in_language=lambda words: words if isinstance(words, str) else words["en"],
        clock=clock,
        moment=moment,
        iso_moment=lambda text: moment(datetime.fromisoformat(text)),
    )
    app.jinja_env.globals.update(static_url=assets.url)
    Babel(app)
    CSRFProtect(app)
    for endpoint, path in ENDPOINTS.items():
        app.add_url_rule(path, endpoint, lambda: "")
    return app


ORGANISATION = SimpleNamespace(
    name="Nordvik University",
    phone="55 50 10 10",
    hours="Monday to Friday 8 to 16",
    place="the library, ground floor",
    home_url="https://nordvik.example/",
)
LANGUAGES = [
    ("en", "English", "/language/en"),
    ("nb", "Norsk bokmål", "/language/nb"),
    ("sv", "Svenska", "/language/sv"),
]


@dataclass(frozen=True)
class Person:
    """What pages ask of `current_user`."""

    name: str = ""
    login: str = ""
    roles: frozenset[str] = frozenset()

    @property
    def is_authenticated(self) -> bool:
        return bool(self.login)


ALICE = Person("Alice Berg", "aliceb")
CAROL = Person("Carol Hansen", "carolh", frozenset({"coordinator"}))
AUDUN = Person("Audun Vik", "audun", frozenset({"auditor"}))
NOBODY = Person()
PEOPLE_TABS = [("Account", "/account", "page"), ("Tickets", "/tickets", ""), ("Approvals", "/approvals", "")]
LOG_TABS = [("Account", "/account", ""), ("Log", "/log", "page")]
DESK_TABS = [("Queue", "/desk", "true"), ("Account", "/account", "")]


def around(who: Person = NOBODY, theme: str | None = None) -> dict[str, Any]:
    """What the portal gives to every template."""
    tabs = {CAROL: DESK_TABS, ALICE: PEOPLE_TABS, AUDUN: LOG_TABS}.get(who, [])
    return {
        "current_user": who,
        "organisation": ORGANISATION,
        "language": "en",
        "languages": LANGUAGES,
        "theme": theme,
        "nav": tabs,
        "now": NOW,
    }


@contextmanager
def asked(app: Flask, **form: str) -> Iterator[None]:
    """Inside a request that posted these fields, or a plain GET."""
    with app.test_request_context("/", method="POST" if form else "GET", data=form or None):
        yield
