"""What people ask for about their mailbox and others decide: one more address, more room."""

from datetime import timedelta
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask import Blueprint, abort, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import login_required
from flask_wtf import FlaskForm
from wtforms import DateField, Field, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from connectors.account import Account
from portal.action import Action
from portal.actions.add_temporary_alias import AddTemporaryAlias
from portal.actions.ask_alias import AskAlias
from portal.actions.ask_quota import GB, AskQuota
from portal.mailboxes.temporary_address import temporary_address
from portal.views import me, parts
from portal.views.mailbox import answer, mine
from portal.views.own import is_proved, offered
from portal.views.sign_in import needs_fresh_proof
from portal.web.forms import no_control_characters
from portal.web.pages import day

views = Blueprint("mailbox_wishes", __name__, url_prefix="/mailbox")
DAYS = (7, 30)  # offered beside the most the settings allow


def reason_field() -> TextAreaField:
    """Why it is wanted, for whoever decides."""
    return TextAreaField(
        _l("Why do you need it?"),
        [
            InputRequired(_l("Say why you need it: whoever decides reads that first.")),
            Length(max=1000, message=_l("That is longer than 1000 characters.")),
        ],
        description=_l("One sentence is enough. Whoever decides reads it, and it stays in the log."),
        render_kw={"rows": 3},
    )


def last_day_field() -> DateField:
    """Until when; what has one ends by itself."""
    return DateField(_l("Last day"), [Optional(), _not_over], description=_l("It ends by itself. Empty: it goes on."))


def _not_over(_form: Any, field: Field) -> None:
    if field.data and field.data < parts().today():
        raise ValidationError(_("That day is over."))


class AliasForm(FlaskForm):
    label = StringField(
        _l("The part before the @"),
        [
            InputRequired(_l("Type the part before the @.")),
            Length(max=64, message=_l("That is longer than an e-mail address can be.")),
            no_control_characters,
        ],
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )
    domain = SelectField(_l("The part behind it"), choices=[])
    reason = reason_field()


class TemporaryForm(FlaskForm):
    choice = RadioField(_l("How long?"), [InputRequired(_l("Choose how long."))], coerce=int, choices=[])


class QuotaForm(FlaskForm):
    choice = RadioField(_l("How large?"), [InputRequired(_l("Choose a size."))], coerce=int, choices=[])
    reason = reason_field()


@views.route("/addresses/add", methods=["GET", "POST"])
@login_required
def ask_alias() -> ResponseReturnValue:
    account = _account(AskAlias)
    if not is_proved(AskAlias):
        return needs_fresh_proof()
    form: Any = AliasForm()
    form.domain.choices = [(name, f"@{name}") for name in parts().settings.mailbox.domains_of(account)]
    if form.validate_on_submit():
        try:  # the domain is ours, and may be a name such as .local, which the world has not
            validate_email(
                f"{form.label.data.strip()}@example.org", check_deliverability=False, allow_smtputf8=False, strict=True
            )
        except EmailNotValidError:
            form.label.errors = [_("That cannot stand before the @. Use letters, digits, points and hyphens.")]
        else:
            address = f"{form.label.data.strip()}@{form.domain.data}".lower()
            action = AskAlias(account_id=account.id, address=address, reason=form.reason.data)
            return answer(parts().desk.submit(me(), action, account))
    return _page(form, _("One more address"), _("Mail to it arrives in your mailbox, beside your own address."))


@views.route("/addresses/temporary", methods=["GET", "POST"])
@login_required
def temporary() -> ResponseReturnValue:
    account, rules = _account(AddTemporaryAlias), parts().settings.mailbox
    if not is_proved(AddTemporaryAlias):
        return needs_fresh_proof()
    form: Any = TemporaryForm()
    last = {days: parts().today() + timedelta(days=days) for days in (*DAYS, rules.temporary_days)}
    form.choice.choices = [
        (days, _("Until %(day)s", day=day(end))) for days, end in sorted(last.items()) if days <= rules.temporary_days
    ]
    if form.validate_on_submit():
        action = AddTemporaryAlias(
            account_id=account.id,
            address=temporary_address(rules.domains_of(account)[0]),
            last_day=last[form.choice.data].isoformat(),
            zone=parts().settings.time_zone,
        )
        return answer(parts().desk.submit(me(), action, account))
    return _page(
        form,
        _("An address for a while"),
        _("For a form, a shop, a conference: an address that tells nothing of you and ends by itself."),
        _("Make the address"),
    )


@views.route("/size", methods=["GET", "POST"])
@login_required
def ask_quota() -> ResponseReturnValue:
    account = _account(AskQuota)
    if not is_proved(AskQuota):
        return needs_fresh_proof()
    form: Any = QuotaForm()
    quota = mine(account).mailbox.quota
    now = (quota.limit if quota else None) or 0
    form.choice.choices = [(n, f"{n} GB") for n in parts().settings.mailbox.quota_steps_gb if n * GB > now]
    if not form.choice.choices:
        abort(404)
    if form.validate_on_submit():
        action = AskQuota(account_id=account.id, gigabytes=form.choice.data, reason=form.reason.data)
        return answer(parts().desk.submit(me(), action, account))
    return _page(form, _("A larger mailbox"), _("You keep all your mail while this is decided."))


def _account(action: type[Action]) -> Account:
    account = parts().accounts.read(me().account_id)
    mine(account)
    if not offered(action, account):
        abort(404)
    return account


def _page(form: FlaskForm, title: str, explanation: str, submit: str = "") -> ResponseReturnValue:
    return render_template(
        "actions/ask.html",
        form=form,
        title=title,
        explanation=explanation,
        facts=[],
        submit=submit or _("Send the request"),
        deciders=[],
        cancel_url=url_for("mailbox.index"),
    ), 422 if form.errors else 200
