"""Sign out here, and where one signed in, too; and the address at which providers say that somebody has."""

from hmac import compare_digest

from flask import Blueprint, abort, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user, logout_user

from connectors.errors import Unavailable
from connectors.oidc.results import Refusal
from portal.sign_in.signing_out import TooOften
from portal.views import me, parts, source
from portal.views.signed_in import record

views = Blueprint("sign_out", __name__)
machines = Blueprint("sign_out_by_provider", __name__)  # each message is signed


@views.post("/sign-out")
def leave() -> ResponseReturnValue:
    """The session here ends in any case; the provider's is the person's to end."""
    said = session.get("provider")
    if current_user.is_authenticated:
        record("logout", me())
    logout_user()
    session.clear()
    provider = parts().providers.get(said["name"]) if said else None
    if not said or not provider:
        return render_template("signed_out.html", why=None, elsewhere=None)
    back = url_for(".back", provider=provider.settings.name)
    farewell = parts().sign_out.farewell(provider, said, back=back, language=str(get_locale()))
    session["left"] = {"provider": provider.settings.name, "state": farewell.state}
    session.rotate()  # type: ignore[attr-defined]
    return render_template("signed_out.html", why=None, elsewhere=farewell)


@views.get("/sign-out/<provider>")
def back(provider: str) -> ResponseReturnValue:
    """From the provider, once one has signed out there. Whoever comes some other way is told no more than is so."""
    if current_user.is_authenticated:
        return redirect(url_for("account.index"))
    left = session.pop("left", None)
    found = parts().providers.get(provider) or abort(404)
    why, state = None, request.args.get("state", "")
    if left and left["provider"] == provider and compare_digest(left["state"].encode(), state.encode()):
        why = _(
            "You are signed out here and, unless you chose to stay, at %(provider)s. On a shared computer, close the "
            "browser too.",
            provider=found.settings.title,
        )
    return render_template("signed_out.html", why=why, elsewhere=None)


@machines.post("/sign-out/backchannel/<provider>")
def told(provider: str) -> ResponseReturnValue:
    """OpenID Connect Back-Channel Logout 1.0, 2.5 and 2.8."""
    found = parts().providers.get(provider) or abort(404)
    try:
        answer = parts().sign_out.told(found, request.form.get("logout_token", ""), source=source())
    except Unavailable:
        return jsonify(error="temporarily_unavailable"), 400
    match answer:
        case TooOften(again_at=again_at):
            seconds = max(1, int((again_at - parts().clock()).total_seconds()))
            return jsonify(error="slow_down"), 429, {"Retry-After": str(seconds)}
        case Refusal(fault=fault):
            return jsonify(error="invalid_request", error_description=str(fault)), 400
    return "", 200
