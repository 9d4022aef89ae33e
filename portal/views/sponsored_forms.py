"""The forms for those one answers for: what is wanted for whom, and the same once more after it was shown."""

from collections.abc import Iterator
from datetime import date
from typing import Self

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

MOST = 200  # people at a time


class PlanForm(FlaskForm):
    until = DateField(
        _l("New last day"),
        [Optional()],
        description=_l("The next page shows for each person whether the rules allow it. Nothing is changed yet."),
    )
    reason = TextAreaField(
        _l("Your reason"),
        [
            InputRequired(_l("Say why: the people concerned and the auditors read it.")),
            Length(max=1000, message=_l("That is longer than 1000 characters.")),
        ],
        description=_l("The people concerned and the auditors read it."),
        render_kw={"rows": 2},
    )

    @property
    def chosen(self) -> list[str]:
        """Ids of the accounts that were ticked, each once."""
        return list(dict.fromkeys(request.form.getlist("person")))[:MOST]

    def fits(self, decision: str, today: date) -> bool:
        """Whether everything is there that this wish needs."""
        fine = self.validate()
        if not self.chosen:
            self.form_errors.append(_("Choose at least one person."))
            fine = False
        if decision == "extend" and not self.until.errors and (self.until.data is None or self.until.data < today):
            self.until.errors = [_("Choose a day that is still to come.")]
            fine = False
        return fine


class SureForm(FlaskForm):
    decision = HiddenField()
    until = HiddenField()
    reason = HiddenField(validators=[InputRequired(), Length(max=1000)])

    @classmethod
    def of(cls, form: PlanForm, decision: str) -> Self:
        until = form.until.data.isoformat() if form.until.data else ""
        return cls(formdata=None, decision=decision, until=until, reason=form.reason.data)

    @property
    def day(self) -> date | None:
        try:
            return date.fromisoformat(self.until.data or "")
        except ValueError:
            return None

    @property
    def shown(self) -> dict[str, date]:
        """Whom the page has shown with which end: each as its last day and its id."""
        return dict(list(self._shown())[:MOST])

    def _shown(self) -> Iterator[tuple[str, date]]:
        for line in request.form.getlist("shown"):
            day, _, account_id = line.partition(" ")
            try:
                yield account_id, date.fromisoformat(day)
            except ValueError:
                continue
