"""What an auditor asks for: the fields of the search, and what they mean to the record."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, SelectField, StringField
from wtforms.validators import Length, Optional, Regexp, ValidationError
from wtforms.widgets import DateTimeLocalInput, SearchInput

from audit.people import MOST_FOUND
from audit.search import Query
from portal.auditors.kinds import SENTENCES
from portal.auditors.names import Names
from portal.auditors.sentences import kind_title, result_words
from portal.web.forms import no_control_characters

FIELDS = ("person", "text", "since", "until", "actor", "kind", "result", "ticket", "source", "review")
ALWAYS_SHOWN = FIELDS[:4]
MINUTE = "%Y-%m-%dT%H:%M"
_TYPED = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
_SHORT = [Length(max=200, message=_l("That is too long.")), no_control_characters]


def _a_time(_form: Any, field: Field) -> None:
    try:
        moment_in(field.data or "", last=False)
    except ValueError:
        raise ValidationError(_l("Write it as year-month-day, and the time behind a T if you wish.")) from None


class SearchForm(FlaskForm):
    """Sent by GET, so that every view has an address of its own."""

    class Meta:
        csrf = False

    person = StringField(_l("Whom it is about"), _SHORT, render_kw=_TYPED, description=_l("Login or name"))
    text = StringField(
        _l("Words in a reason"),
        _SHORT,
        widget=SearchInput(),
        render_kw=_TYPED,
        description=_l("Whole words, all of them"),
    )
    since = StringField(_l("From"), [Optional(), _a_time], widget=DateTimeLocalInput())
    until = StringField(_l("Until"), [Optional(), _a_time], widget=DateTimeLocalInput())
    actor = StringField(_l("Who did it"), _SHORT, render_kw=_TYPED, description=_l("Login or name"))
    kind = SelectField(_l("What happened"), choices=[])
    result = SelectField(_l("Result"), choices=[])
    ticket = StringField(
        _l("Ticket"),
        [Optional(), Regexp(r"\s*[0-9]{1,12}\s*\Z", message=_l("A ticket has a number."))],
        render_kw=_TYPED,
    )
    source = StringField(_l("Network address"), _SHORT, render_kw=_TYPED)
    review = SelectField(_l("Review"), choices=[])

    def __init__(self, given: Mapping[str, str]) -> None:
        super().__init__(formdata=given)
        kinds = sorted((kind_title(kind), kind) for kind in SENTENCES)
        self.kind.choices = [("", _("Anything")), *((kind, title) for title, kind in kinds)]
        self.result.choices = [("", _("Any")), *result_words().items()]
        self.review.choices = [("", _("Any")), ("no", _("Not reviewed")), ("yes", _("Reviewed"))]
        for name in ("kind", "result", "review"):
            self[name].data = self[name].data or ""

    def filters(self) -> str:
        """What was asked for, as it stands in the page's address; the same for the same question."""
        given = {name: (self[name].data or "").strip() for name in FIELDS}
        return urlencode({name: value for name, value in given.items() if value})

    @property
    def more(self) -> bool:
        """Whether one of the fields that are folded away is used."""
        return any(self[name].data or self[name].errors for name in FIELDS if name not in ALWAYS_SHOWN)


@dataclass(frozen=True)
class Asked:
    """The query, and the one person it is about, if it is about one (a pseudonym)."""

    query: Query
    about: str | None = None


def ask(form: SearchForm, names: Names, zone: ZoneInfo, units: tuple[str, ...] | None) -> Asked:
    """What a form in order asks for; a name that fits nobody, or too many, becomes an error of its field."""
    about, by = (_people(form[name], names) for name in ("person", "actor"))
    reviewed = {"yes": True, "no": False}.get(form.review.data)
    query = Query(
        about=about or (),
        by=by or (),
        kinds=[form.kind.data] if form.kind.data else (),
        outcomes=[form.result.data] if form.result.data else (),
        ticket=str(int(form.ticket.data)) if form.ticket.data else "",
        source=(form.source.data or "").strip(),
        text=form.text.data or "",
        since=_aware(form.since, zone, last=False),
        until=_aware(form.until, zone, last=True),
        reviewed=reviewed,
        units=units,
    )
    if about == [] or by == []:
        query = replace(query, nobody=True)
    return Asked(query, about[0] if about and len(about) == 1 else None)


def _people(field: Field, names: Names) -> list[str] | None:
    """The pseudonyms a field means; None if nothing was typed."""
    if not (field.data or "").strip():
        return None
    found = names.find(field.data)
    if not found:
        field.errors = [_("The log knows nobody by that name, and nobody has tried it.")]
    if len(found) > MOST_FOUND:
        field.errors = [
            _("More than %(most)s people are called so. Type the login, or more of the name.", most=MOST_FOUND)
        ]
        return []
    return found


def moment_in(text: str, *, last: bool) -> datetime:
    """A day or a minute as typed, without a zone; of a day its end if it is the last one. Raises ValueError."""
    moment = datetime.fromisoformat(text.strip())
    if moment.tzinfo:
        raise ValueError("the time is the organisation's")
    return moment + timedelta(days=1) if last and len(text.strip()) == 10 else moment


def _aware(field: Field, zone: ZoneInfo, *, last: bool) -> datetime | None:
    if not field.data:
        return None
    moment = moment_in(field.data, last=last)
    field.data = moment.strftime(MINUTE)  # as the field shows it
    return moment.replace(tzinfo=zone)
