"""How strong a password is, for the page where it is being typed. Keeps nothing, logs nothing, asks nobody."""

from flask import Blueprint, abort, jsonify, request, session
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.passwords.strength import strength_of
from portal.views import parts
from portal.web.forms import MOST_PASSWORD

views = Blueprint("strength", __name__, url_prefix="/password")


@views.post("/strength")
def estimate() -> ResponseReturnValue:
    """For somebody who is choosing one: signed in, or on the way in. The password comes in the body, never in a URL."""
    if not (current_user.is_authenticated or "must_change" in session or _proved()):
        abort(403)
    found = strength_of(request.form.get("new_password", "")[:MOST_PASSWORD])
    return jsonify(part=found.part, words=found.words)


def _proved() -> bool:
    walk = parts().walks.get(session.get("walk", ""))
    return walk is not None and bool(walk.proofs)
