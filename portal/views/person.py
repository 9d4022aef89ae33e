"""One person as the service desk sees them: how the account stands, open tickets, and what may be done for them."""

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from connectors.account import Account
from connectors.errors import AccountNotFound
from portal.actions.enable_account import EnableAccount
from portal.actions.require_new_password import RequireNewPassword
from portal.actions.set_absence import SetAbsence
from portal.results import Denied
from portal.tickets.facts import facts_of
from portal.tickets.words import facts_in_words, subject_of
from portal.views import me, parts
from portal.views.account import state_words
from portal.views.answers import result_page
from portal.views.belonging import label_of
from portal.views.guards import for_staff
from portal.views.kit_offer import STAFF, kit_offered
from portal.views.own import is_proved, offered
from portal.views.people import views
from portal.views.seen import account_seen, list_seen
from portal.views.sign_in import needs_fresh_proof
from portal.web.forms import no_control_characters, why_for_somebody


class FindForm(FlaskForm):
    claim = StringField(
        _l("User name or address"),
        [
            InputRequired(_l("Type a user name or an address.")),
            Length(max=256, message=_l("That is too long for a name.")),
            no_control_characters,
        ],
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )


class EnableForm(FlaskForm):
    reason = why_for_somebody()


@views.route("/find", methods=["GET", "POST"])
@for_staff
def find() -> ResponseReturnValue:
    """By POST, so that whom somebody looked for stands in no address and no server's log."""
    form = FindForm()
    found: list[tuple[Account, str]] = []
    silent: list[str] = []
    if form.validate_on_submit():
        looks = list(parts().accounts.look(form.claim.data))
        found = [(look.account, label_of(look.place.directory)) for look in looks if look.account]
        silent = [label_of(look.place.directory) for look in looks if look.down]
        if len(found) == 1 and not silent:
            return redirect(url_for(".person", account_id=found[0][0].id))
        if found:
            list_seen("those of one name")
        if not found and not silent:
            form.claim.errors = [_("Nobody goes by that name in any directory, or more than one person does.")]
    return render_template("desk/find.html", form=form, found=found, silent=silent), 422 if form.errors else 200


@views.get("/<path:account_id>")
@for_staff
def person(account_id: str) -> ResponseReturnValue:
    account = _account(account_id)
    account_seen(account, request.endpoint or "")
    with parts().database.read() as db:
        tickets = [t for t in parts().tickets.of(db, account.id) if t.is_open]
    for_them = account.id != me().account_id and offered(RequireNewPassword, account)
    absence_for_them = account.id != me().account_id and offered(SetAbsence, account)
    may_enable = account.id != me().account_id and account.state.disabled and offered(EnableAccount, account)
    return render_template(
        "desk/person.html",
        account=account,
        state=state_words(account.state),
        facts=facts_in_words(facts_of(account), parts().clock()),
        tickets=[(t.number, str(subject_of(t)), url_for("desk.ticket", number=t.number)) for t in tickets],
        enable_url=url_for(".enable", account_id=account.id) if may_enable else None,
        require_url=request.path if for_them else None,
        must_change=account.state.must_change,
        absence_url=url_for("people.absence", account_id=account.id) if absence_for_them else None,
        kit_url=url_for("people.kit", account_id=account.id)
        if account.id != me().account_id and kit_offered(STAFF, account)
        else None,
    )


@views.post("/<path:account_id>")
@for_staff
def require_new_password(account_id: str) -> ResponseReturnValue:
    account = _account(account_id)
    result = parts().desk.submit(me(), RequireNewPassword(account_id=account.id), account)
    if isinstance(result, Denied) and result.reason in ("fresh_proof", "more_proof"):
        return needs_fresh_proof()
    return result_page(
        result,
        account,
        title=_("A new password is asked for"),
        explanation=_("%(name)s has to choose one at the next sign-in, and gets a mail about it.", name=account.name),
        retry_url=url_for(".person", account_id=account.id),
        onward=(_("Back to %(name)s", name=account.name), url_for(".person", account_id=account.id)),
    )


@views.route("/<path:account_id>/enable", methods=["GET", "POST"])
@for_staff
def enable(account_id: str) -> ResponseReturnValue:
    """Whoever said "it was not me", or was switched off by mistake, is let in again."""
    account = _account(account_id)
    if account.id == me().account_id or not offered(EnableAccount, account):
        abort(404)
    back, form = url_for(".person", account_id=account.id), EnableForm()
    if not account.state.disabled:  # somebody was quicker
        return redirect(back)
    if not is_proved(EnableAccount):
        return needs_fresh_proof()
    if form.validate_on_submit():
        action = EnableAccount(account_id=account.id, reason=form.reason.data, done_by=me().name)
        return result_page(
            parts().desk.submit(me(), action, account),
            account,
            title=_("The account is switched on"),
            explanation=_("%(name)s gets a mail with your reason.", name=account.name),
            retry_url=back,
            onward=(_("Back to %(name)s", name=account.name), back),
        )
    return render_template(
        "desk/enable.html",
        form=form,
        title=_("Let %(name)s sign in again?", name=account.name),
        explanation=_(
            "Their password works again. Talk to them first: if somebody else knows it, ask for a new one as well."
        ),
        facts=facts_in_words(facts_of(account), parts().clock()),
        deciders=[],
        submit=_("Switch the account on"),
        cancel_url=back,
    ), 422 if form.errors else 200


def _account(account_id: str) -> Account:
    try:
        return parts().accounts.read(account_id)
    except AccountNotFound:
        abort(404)
