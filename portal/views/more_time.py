"""The way back in for somebody whose account has ended: who it is is proved, and now somebody else has to agree.

Nothing is opened here: the wish goes to whoever answers for the account, who signs in for it.
"""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from connectors.errors import ConnectorError
from portal.actions.extend_account import ExtendAccount
from portal.explaining.reasons import reason_of
from portal.results import Failed
from portal.views import parts
from portal.views.extending import dates_form, offered_to, what_follows
from portal.views.recover import STEPS, page_of, present_walk, principal_of, proved_enough, status_of

views = Blueprint("more_time", __name__, url_prefix="/recover")


@views.route("/more-time", methods=["GET", "POST"])
def ask() -> ResponseReturnValue:
    walk = present_walk()
    if not proved_enough(walk):
        return redirect(url_for("recover.choose"))
    try:
        account = parts().accounts.read(walk.account_id or "")
    except ConnectorError as error:
        return page_of(walk, Failed(attempt="", reason=reason_of(error)), None)
    found = offered_to(account) if account.state.ended else None
    if found is None:
        return redirect(url_for("recover.password"))
    form = dates_form(found)
    if form.validate_on_submit():
        wish = ExtendAccount.from_form(form, account.id)
        return page_of(walk, parts().desk.submit(principal_of(walk, account), wish, account), account)
    context = what_follows(account, found)
    return render_template("recover/more_time.html", form=form, step=4, steps=STEPS, **context), status_of(form)
