"""Where an account's own system keeps people signed in: end all of that, or get in once without the password."""

from typing import Any

from flask import abort, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required
from flask_wtf import FlaskForm

from connectors.account import Account
from portal.action import Action
from portal.actions.give_access_pass import GiveAccessPass
from portal.actions.sign_out_everywhere import SignOutEverywhere
from portal.results import Denied, Result
from portal.views import me, parts
from portal.views.account import views
from portal.views.answers import result_page
from portal.views.belonging import label_of
from portal.views.own import is_proved, offered
from portal.views.sign_in import needs_fresh_proof


def access_urls(account: Account) -> dict[str, str | None]:
    """Where to go for what this person's system can do, None for what it cannot; and what the system is called."""
    return {
        "system": label_of(account.directory),
        "everywhere_url": url_for("account.sign_out_everywhere") if offered(SignOutEverywhere, account) else None,
        "pass_url": url_for("account.access_pass") if offered(GiveAccessPass, account) else None,
    }


@views.route("/security/everywhere", methods=["GET", "POST"])
@login_required
def sign_out_everywhere() -> ResponseReturnValue:
    account = _able(SignOutEverywhere)
    form = FlaskForm()
    if form.validate_on_submit():
        result = parts().desk.submit(me(), SignOutEverywhere(account_id=account.id), account)
        return _answer(
            result,
            title=_("You are signed out everywhere"),
            explanation=_("It takes a few minutes to reach every device. Then each asks for your password again."),
        )
    return _asked(
        form,
        title=_("Sign out everywhere?"),
        explanation=_(
            "Every device and program that is signed in to %(system)s with your account has to sign in again: mail on "
            "your phone, too. Your password stays as it is: if somebody else knows it, choose a new one as well.",
            system=label_of(account.directory),
        ),
        submit=_("Sign out everywhere"),
    )


@views.route("/security/pass", methods=["GET", "POST"])
@login_required
def access_pass() -> ResponseReturnValue:
    account = _able(GiveAccessPass)
    if not is_proved(GiveAccessPass):
        return needs_fresh_proof()
    form = FlaskForm()
    if form.validate_on_submit():
        result = parts().desk.submit(me(), GiveAccessPass(account_id=account.id), account)
        given = getattr(result, "given", None)
        if given is None:
            return _answer(result)
        return render_template(
            "account/access_pass_shown.html",
            access_pass=given.value,
            ends=given.ends,
            login=account.login,
            onward_url=url_for("account.security"),
        )
    return _asked(
        form,
        title=_("Get a pass for one sign-in?"),
        explanation=_(
            "For when your phone or key is lost and %(system)s asks for it: the pass lets you in once, within an hour, "
            "so that you can set up a new one. You see it once, and nobody else does. An older pass stops working.",
            system=label_of(account.directory),
        ),
        submit=_("Show me the pass"),
    )


def _able(action: type[Action]) -> Account:
    account = parts().accounts.read(me().account_id)
    if not offered(action, account):
        abort(404)
    return account


def _asked(form: FlaskForm, **texts: str) -> ResponseReturnValue:
    cancel_url = url_for("account.security")
    return render_template("actions/ask.html", form=form, facts=[], deciders=[], cancel_url=cancel_url, **texts)


def _answer(result: Result, **texts: Any) -> ResponseReturnValue:
    if isinstance(result, Denied) and result.reason in ("fresh_proof", "more_proof"):
        return needs_fresh_proof()
    back = url_for("account.security")
    return result_page(result, None, retry_url=back, onward=(_("Back to sign-in and proofs"), back), **texts)
