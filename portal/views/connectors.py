"""What the doctor found, for administrators: the same as `portal check` prints, and a button to look again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from connectors.capabilities import Finding, Severity
from connectors.findings import Sentence
from portal.actions import ACTIONS
from portal.doctor.checkup import Checkup, Looked
from portal.doctor.doctor import by_severity
from portal.doctor.reach import reach
from portal.views import parts
from portal.views.guards import for_administrators

views = Blueprint("connectors", __name__, url_prefix="/desk/connectors")
STATES = {  # severity: look and words of its tag
    Severity.FAULT: ("no", _l("Cannot work")),
    Severity.WARNING: ("wait", _l("Look at it")),
    Severity.OK: ("done", _l("In order")),
}


@dataclass(frozen=True, kw_only=True)
class Line:
    state: str
    words: str
    subject: str
    message: str
    remedy: str


@dataclass(frozen=True, kw_only=True)
class Group:
    """One thing that was looked at."""

    title: str
    looked: bool
    wrong: list[Line]
    fine: list[Line]


@dataclass(frozen=True, kw_only=True)
class Served:
    """The people below one base, and titles of what can be done for them."""

    directory: str
    base: str
    works: list[str]
    by_people: list[str]
    broken: list[str]


@views.get("")
@for_administrators
def index() -> ResponseReturnValue:
    latest = Checkup(parts()).latest()
    ended = [one.done for one in latest if one.done]
    severities = [finding.severity for one in latest for finding in one.findings]
    return render_template(
        "desk/connectors.html",
        groups=[_group(one) for one in latest],
        served=_served(latest) if len(ended) == len(latest) else [],
        looked=len(ended),
        all=len(latest),
        at=max(ended, default=None),
        faults=severities.count(Severity.FAULT),
        warnings=severities.count(Severity.WARNING),
        again_url=url_for(".check_again"),
    )


@views.post("")
@for_administrators
def check_again() -> ResponseReturnValue:
    Checkup(parts()).begin()
    return redirect(url_for(".index"))


def in_words(text: str) -> str:
    """A finding's sentence in the language of the page; what a server said itself stays as it is."""
    if not isinstance(text, Sentence):
        return text
    values = {name: in_words(value) if isinstance(value, str) else value for name, value in text.values.items()}
    return str(gettext(text.words)) % values


def _group(one: Looked) -> Group:
    lines = [(finding.severity, _line(finding)) for finding in by_severity(one.findings)]
    return Group(
        title=in_words(one.title),
        looked=one.done is not None,
        wrong=[line for severity, line in lines if severity is not Severity.OK],
        fine=[line for severity, line in lines if severity is Severity.OK],
    )


def _line(finding: Finding) -> Line:
    state, words = STATES[finding.severity]
    subject = ACTIONS[finding.subject].title if finding.subject in ACTIONS else in_words(finding.subject)
    return Line(
        state=state,
        words=str(words),
        subject=str(subject),
        message=in_words(finding.message),
        remedy=finding.remedy,
    )


def _served(latest: Iterable[Looked]) -> list[Served]:
    found = reach(parts(), {one.area: one.findings for one in latest if one.area})
    return [
        Served(
            directory=one.directory,
            base=one.base,
            works=_titles(one.works),
            by_people=_titles(one.by_people),
            broken=_titles(one.broken),
        )
        for one in found
    ]


def _titles(names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(str(ACTIONS[name].title) for name in names))  # two steps of one wish are one line
