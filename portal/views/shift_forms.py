"""The forms of the shift plan."""

from collections.abc import Iterable
from datetime import time, timedelta
from typing import Any, Self

from flask_babel import get_timezone
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, SelectField, SelectMultipleField, StringField, TimeField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput

from portal.duty.plan import Shift, Turn
from portal.tickets.queue_words import TIERS
from portal.views import parts
from portal.views.away import AwayForm
from portal.web.pages import clock_time, day

WEEKDAYS = (
    _l("Monday"),
    _l("Tuesday"),
    _l("Wednesday"),
    _l("Thursday"),
    _l("Friday"),
    _l("Saturday"),
    _l("Sunday"),
)
_NAME = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
_LENGTH = Length(max=256, message=_l("That is longer than 256 characters."))


class PlanShiftForm(FlaskForm):
    login = StringField(
        _l("Who?"), [InputRequired(_l("Name somebody.")), _LENGTH], description=_l("User name or address."),
        render_kw=_NAME,
    )  # fmt: skip
    queue = SelectField(_l("For which queue?"), choices=[SelectChoice(*one) for one in TIERS.items()])
    weekdays = SelectMultipleField(
        _l("On which days?"),
        [InputRequired(_l("Tick at least one day."))],
        coerce=int,
        choices=[SelectChoice(str(number), name) for number, name in enumerate(WEEKDAYS)],
        option_widget=CheckboxInput(),
    )
    starts = TimeField(_l("From"), [InputRequired(_l("Choose a time."))])
    ends = TimeField(
        _l("To"), [InputRequired(_l("Choose a time."))], description=_l("Not later than “From”: on the next day.")
    )
    first = DateField(_l("First day"), [InputRequired(_l("Choose a date."))])
    last = DateField(_l("Last day"), [Optional()], description=_l("Leave it empty if it goes on."))
    weeks = IntegerField(
        _l("Again after how many weeks?"),
        [InputRequired(_l("Type a number.")), NumberRange(1, 12, _l("From 1 to 12 weeks."))],
    )

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        first, last = self.first.data, self.last.data
        if first < parts().today():
            self.first.errors = [_l("Choose a day that is not over.")]
        elif last and last < first:
            self.last.errors = [_l("Choose a day that is not before the first.")]
        elif last and not any((first + timedelta(days=n)).weekday() in self.weekdays.data for n in _days(first, last)):
            self.weekdays.errors = [_l("None of these days lies between the first and the last day.")]
        return not self.errors

    def shift(self, account_id: str, name: str) -> Shift:
        return Shift(
            queue=self.queue.data,
            account_id=account_id,
            name=name,
            first=self.first.data,
            last=self.last.data,
            weeks=self.weeks.data,
            starts=self.starts.data,
            ends=self.ends.data,
        )


class HandForm(FlaskForm):
    login = StringField(_l("Who has it instead?"), [_LENGTH], description=_l("User name or address."), render_kw=_NAME)


class SwapForm(FlaskForm):
    wish = SelectField(_l("What do you want?"))

    @classmethod
    def among(cls, colleagues: Iterable[Turn]) -> Self:
        """Each colleague may take it, or swap it for one of these turns of theirs."""
        turns = list(colleagues)
        form = cls()
        takes = {turn.account_id: turn.name for turn in turns}
        taken, swapped = _("Somebody takes it"), _("Swap it for another")
        form.wish.choices = [
            *(SelectChoice(f"{one} ", name, optgroup=taken) for one, name in takes.items()),
            *(SelectChoice(_value(turn), f"{turn.name}, {span(turn)}", optgroup=swapped) for turn in turns),
        ]
        return form

    def chosen(self, colleagues: Iterable[Turn]) -> tuple[tuple[str, str], Turn | None]:
        """Whom to ask, and what for."""
        turns = list(colleagues)
        account_id, _, _back = self.wish.data.partition(" ")
        name = next(turn.name for turn in turns if turn.account_id == account_id)
        return (account_id, name), next((turn for turn in turns if _value(turn) == self.wish.data), None)


class SomebodyAwayForm(AwayForm):
    who = StringField(
        _l("Who is away?"), [InputRequired(_l("Name somebody.")), _LENGTH], description=_l("User name or address."),
        render_kw=_NAME,
    )  # fmt: skip


def span(turn: Turn) -> str:
    """The day and the hours."""
    return f"{day(turn.starts)}, {hours(turn)}"


def hours(turn: Any) -> str:
    """From when to when, of a turn or a gap."""
    first, last = (moment.astimezone(get_timezone()) for moment in (turn.starts, turn.ends))
    if first.time() == last.time() == time() and last.date() - first.date() == timedelta(days=1):
        return str(_("the whole day"))
    return f"{clock_time(first)}–{clock_time(last)}"


def _value(turn: Turn) -> str:
    return f"{turn.account_id} {turn.shift}/{turn.day.isoformat()}"


def _days(first: Any, last: Any) -> range:
    return range(min(7, (last - first).days + 1))
