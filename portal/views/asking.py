"""Ask for any action. These two views serve all that a person asks for on a page of its own."""

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user, login_required
from flask_wtf import FlaskForm

from connectors.account import Account
from portal.actions import ACTIONS
from portal.actions.anything_else import AnythingElse
from portal.actions.change_password import ChangePassword
from portal.actions.extend_account import ExtendAccount
from portal.actions.unlock_account import UnlockAccount
from portal.results import Denied
from portal.tickets.words import subject_of
from portal.views import me, parts
from portal.views.answers import result_page, too_early
from portal.views.new_password import Choosing
from portal.views.sign_in import needs_fresh_proof
from portal.web.pages import day

views = Blueprint("asking", __name__, url_prefix="/ask")

# What has a page here; the others are buttons on the page of what they are about.
PAGES = (ChangePassword, UnlockAccount, ExtendAccount, AnythingElse)
WORDS = {
    ChangePassword.name: (_l("You need the one you have now."), "key", _l("Save the new password")),
    UnlockAccount.name: (_l("The password stays as it is."), "lock", _l("Unlock my account")),
    ExtendAccount.name: (_l("Choose a new last day, and say why."), "clock", _l("Send the request")),
    AnythingElse.name: (_l("You get a number, and people who answer."), "talk", _l("Send")),
}
DONE = {
    ChangePassword.name: _l("Your password is changed"),
    UnlockAccount.name: _l("Your account is unlocked"),
    ExtendAccount.name: _l("Your account is extended"),
}


@views.get("")
@login_required
def index() -> ResponseReturnValue:
    offered = [a for a in PAGES if parts().desk.offers(a)]
    lines = [(a.title, WORDS[a.name][0], WORDS[a.name][1], url_for(".ask", name=_kebab(a.name))) for a in offered]
    if ExtendAccount in offered:
        for_others = _l("See when their accounts end, and keep them longer.")
        lines.append((_l("People you answer for"), for_others, "person", url_for("sponsored.index")))
    return render_template("actions/index.html", actions=lines)


@views.route("/<name>", methods=["GET", "POST"])
def ask(name: str) -> ResponseReturnValue:
    action = ACTIONS.get(name.replace("-", "_"))
    if action not in PAGES or not parts().desk.offers(action) or "_" in name:
        abort(404)
    if not current_user.is_authenticated:
        return redirect(url_for("sign_in.index", next=request.path))
    account = me().as_account() if action.needs is None else parts().accounts.read(me().account_id)
    form = action.Form()
    choosing = Choosing(account) if "new_password" in form else None
    if choosing and choosing.possible_from:
        return too_early(choosing)
    same: list[tuple[int, str, str]] = []
    if choosing.submitted(form) if choosing else form.validate_on_submit():
        same = _asked_already(form) if action is AnythingElse and "anyway" not in request.form else []
        answer = None if same else submit(action, form, account, choosing)
        if answer is not None:
            return answer
    context = context_of(action.name, account) | (choosing.context() if choosing else {})
    if same:
        context |= {"same": same, "submit": _("No, it is something else")}
    status = 422 if form.errors else 409 if same else 200
    return render_template(action.template, form=form, **context), status


def _asked_already(form: FlaskForm) -> list[tuple[int, str, str]]:
    """Number, subject and page of one's own tickets that this is likely to be about."""
    with parts().database.read() as db:
        found = parts().service_desk.merging.asked_already(db, me().account_id, form.subject.data, form.text.data)
    return [(one.number, str(subject_of(one)), parts().links.ticket_path(one.number)) for one in found]


def submit(
    action: Any, form: FlaskForm, account: Account, choosing: Choosing | None = None
) -> ResponseReturnValue | None:
    """Hand it to the desk; None where the person can mend it on the same page."""
    if choosing and not choosing.accepts(form):
        return None
    wanted = action.from_form(form, account.id)
    until = wanted.until if isinstance(wanted, ExtendAccount) else None
    result = parts().desk.submit(me(), wanted, account if action.needs else None)
    if isinstance(result, Denied) and result.reason in ("fresh_proof", "more_proof"):
        return needs_fresh_proof()
    if choosing and choosing.mendable(form, result):
        return None
    return result_page(
        result,
        account,
        title=str(DONE.get(action.name, action.title)),
        explanation=_("Its last day is now %(day)s.", day=day(until)) if until else "",
        retry_url=request.path,
        onward=(_("Back to my account"), url_for("account.index")),
    )


def context_of(name: str, account: Account) -> dict[str, Any]:
    explanation, _drawing, submit = WORDS[name]
    return {
        "title": ACTIONS[name].title,
        "explanation": explanation,
        "submit": submit,
        "same": [],
        "facts": [],
        "deciders": [],
        "cancel_url": url_for("account.index"),
        "login": account.login,
    }


def _kebab(name: str) -> str:
    return name.replace("_", "-")
