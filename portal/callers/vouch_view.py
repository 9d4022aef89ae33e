"""Whoever answers for a person says, signed in, whether it is they who talk to the service desk."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.callers.checks import Check
from portal.tickets.counter import NotAllowed
from portal.views import me, parts

views = Blueprint("vouch", __name__, url_prefix="/vouch")


@views.get("/<token>")
def ask(token: str) -> ResponseReturnValue:
    """Opening the link says nothing yet."""
    if not current_user.is_authenticated:
        return redirect(url_for("sign_in.index", next=request.path))
    check = _check(token)
    return _page(check, "" if check else "over"), 200 if check else 410


@views.post("/<token>")
def say(token: str) -> ResponseReturnValue:
    if not current_user.is_authenticated:
        return redirect(url_for("sign_in.index", next=request.path))
    check, decision = _check(token), request.form.get("decision")
    if check is None:
        return _page(None, "over"), 410
    if decision not in ("approve", "refuse"):
        abort(400)
    try:
        parts().front.checks.vouch(me(), check, it_is=decision == "approve")
    except NotAllowed:
        abort(403)
    return _page(check, "said")


def _page(check: Check | None, state: str) -> str:
    person = parts().accounts.read(check.account_id).name if check else ""
    return render_template("vouch.html", person=person, staff=check.names["staff"] if check else "", state=state)


def _check(token: str) -> Check | None:
    """The check of this link, if it waits for whoever is signed in; None once it is over."""
    check_id = parts().links.vouch_of(token)
    if check_id is None:
        abort(404)
    with parts().database.read() as db:
        check = parts().front.checks.get(db, check_id)
    if check and check.manager_id != me().account_id:
        abort(403)
    return check if check and "manager" not in check.given else None
