"""Passwords for single programs: what there are, a new one, shown once, and away with one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import login_required
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from connectors.account import Account
from connectors.errors import ConnectorError
from connectors.mailbox import KeepsAppPasswords
from portal.actions.add_app_password import AddAppPassword
from portal.actions.remove_app_password import RemoveAppPassword
from portal.passwords.for_programs import app_password
from portal.results import Done
from portal.views import me, parts
from portal.views.mailbox import answer, mine, sure
from portal.views.own import is_proved, offered
from portal.views.sign_in import needs_fresh_proof
from portal.views.ways import key_of
from portal.web.forms import no_control_characters

views = Blueprint("app_passwords", __name__, url_prefix="/mailbox/app-passwords")


class NameForm(FlaskForm):
    label = StringField(
        _l("What is it for?"),
        [
            InputRequired(_l("Say what it is for, so that you know it again.")),
            Length(max=60, message=_l("That is longer than 60 characters.")),
            no_control_characters,
        ],
        description=_l("Such as Thunderbird on my laptop."),
    )


@dataclass(frozen=True, kw_only=True)
class Line:
    """One app password, as the page shows it."""

    name: str
    created: datetime | None
    used: datetime | None
    url: str | None  # to remove it


@views.get("")
@login_required
def index() -> ResponseReturnValue:
    account, connector = _account()
    try:
        there, silent = connector.app_passwords(account), False
    except ConnectorError:
        there, silent = (), True
    removable = offered(RemoveAppPassword, account)
    lines = [
        Line(
            name=one.name or _("Without a name"),
            created=one.created,
            used=one.used,
            url=url_for(".remove", key=key_of(one.id)) if removable else None,
        )
        for one in there
    ]
    add_url = url_for(".add") if connector.makes and offered(AddAppPassword, account) and not silent else None
    return render_template("mailbox/app_passwords.html", lines=lines, silent=silent, add_url=add_url)


@views.route("/add", methods=["GET", "POST"])
@login_required
def add() -> ResponseReturnValue:
    account, connector = _account()
    if not connector.makes or not offered(AddAppPassword, account):
        abort(404)
    if not is_proved(AddAppPassword):
        return needs_fresh_proof()
    form: Any = NameForm()
    if form.validate_on_submit():
        password, label = app_password(), form.label.data.strip()
        action = AddAppPassword(account_id=account.id, label=label, app_password=password)
        result = parts().desk.submit(me(), action, account)
        if not isinstance(result, Done):
            return answer(result, "app_passwords.index")
        return render_template(
            "mailbox/app_password_shown.html",
            password=password,
            label=label,
            address=account.mail or "",
            onward_url=url_for(".index"),
        )
    return render_template(
        "actions/ask.html",
        form=form,
        title=_("A new app password"),
        explanation=_(
            "For a mail program that cannot ask for your second proof. It opens your mailbox and nothing else."
        ),
        facts=[],
        submit=_("Make it"),
        deciders=[],
        cancel_url=url_for(".index"),
    ), 422 if form.errors else 200


@views.route("/<key>/remove", methods=["GET", "POST"])
@login_required
def remove(key: str) -> ResponseReturnValue:
    account, connector = _account()
    one = next((one for one in connector.app_passwords(account) if key_of(one.id) == key), None)
    if one is None or not offered(RemoveAppPassword, account):
        abort(404)
    return sure(
        account,
        RemoveAppPassword(account_id=account.id, password_id=one.id, label=one.name),
        title=_("Remove this app password?"),
        explanation=_("The program that uses it cannot open your mailbox any more."),
        facts=[(_("App password"), one.name)] if one.name else [],
        submit=_("Remove it"),
        back="app_passwords.index",
    )


def _account() -> tuple[Account, KeepsAppPasswords]:
    account = parts().accounts.read(me().account_id)
    mine(account)
    connector = parts().connectors.able_to(KeepsAppPasswords, account)
    if connector is None or not offered(RemoveAppPassword, account):
        abort(404)
    return account, connector
