"""What those who work on a ticket fill in. Several of these forms stand on one page: no two fields share a name."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length

from portal.tickets.queue_words import IMPACT_WORDS, URGENCY_WORDS
from portal.web.forms import decision_reason

WRITE = _l("Write something first.")
LONG = _l("That is longer than 4000 characters.")


class NoteForm(FlaskForm):
    text = TextAreaField(_l("Note"), [InputRequired(WRITE), Length(max=4000, message=LONG)], render_kw={"rows": 3})
    shown = BooleanField(_l("Show it to the requester and mail it"))


class DecideForm(FlaskForm):
    version = HiddenField()
    reason = decision_reason(
        _l("Reason, or what you did"), _l("Say why, or what you did: the requester and the auditors read it.")
    )


class AssignForm(FlaskForm):
    version = HiddenField()
    colleague = SelectField(_l("Colleague"), [InputRequired(_l("Choose a colleague."))])
    handover = TextAreaField(
        _l("Note for them"),
        [Length(max=4000, message=LONG)],
        description=_l("They read it first."),
        render_kw={"rows": 2},
    )


class PassOnForm(FlaskForm):
    version = HiddenField()
    queue = SelectField(_l("Queue"), [InputRequired(_l("Choose a queue."))])
    climb = TextAreaField(
        _l("Why, and what you have found out"),
        [InputRequired(WRITE), Length(max=4000, message=LONG)],
        description=_l("Whoever gets it reads it first."),
        render_kw={"rows": 2},
    )


class PriorityForm(FlaskForm):
    version = HiddenField()
    impact = SelectField(_l("Whom it concerns"), choices=list(IMPACT_WORDS.items()))
    urgency = SelectField(_l("How long it can wait"), choices=list(URGENCY_WORDS.items()))
    ground = TextAreaField(_l("Why"), [InputRequired(WRITE), Length(max=4000, message=LONG)], render_kw={"rows": 2})
