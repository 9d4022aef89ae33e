"""More time for somebody who calls: the dates they could choose from themselves, asked for in their name."""

from flask import abort, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.actions.extend_account import ExtendAccount
from portal.callers.acting import EXTEND, acting_for, offered_here
from portal.callers.views import answer, open_for, views
from portal.views import parts
from portal.views.extending import dates_form, offered_to, what_follows
from portal.views.guards import for_staff

__all__ = ["views"]


@views.route("/<int:number>/caller/extend", methods=["GET", "POST"])
@for_staff
def extend(number: int) -> ResponseReturnValue:
    account = open_for(number)
    found = offered_to(account)
    if found is None or EXTEND not in [deed.name for deed in offered_here(account, ())]:
        abort(404)
    form = dates_form(found)
    if form.validate_on_submit():
        action = ExtendAccount.from_form(form, account.id)
        return answer(number, account, action, parts().desk.submit(acting_for(number, account), action, account))
    return render_template(
        ExtendAccount.template,
        form=form,
        title=_("More time for %(name)s", name=account.name),
        explanation=_("Asked for in their name, after the check. Who decides is the same as always."),
        facts=[],
        cancel_url=url_for(".caller", number=number),
        login=account.login,
        **what_follows(account, found),
    ), 422 if form.errors else 200
