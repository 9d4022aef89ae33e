"""Sign-ins elsewhere that open an account: shown, linked and removed by its owner."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, abort, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required
from flask_wtf import FlaskForm

from connectors.oidc import Provider
from connectors.oidc.results import Identity
from portal.actions.link_provider import LinkProvider
from portal.actions.unlink_provider import UnlinkProvider
from portal.providers.links import Link
from portal.results import Done, Result
from portal.views import me, parts
from portal.views.account import views as account_views
from portal.views.answers import result_page
from portal.views.devices import FactorLine
from portal.views.sign_in import needs_fresh_proof
from portal.views.signed_in import is_fresh, own_path
from portal.web.pages import moment

views = Blueprint("providers", __name__)
GOOD_FOR = timedelta(minutes=15)  # how long a sign-in there waits for the account to be proved


def said_by(there: Provider, identity: Identity) -> dict[str, Any]:
    """What a session keeps of a sign-in there, on the server and sealed."""
    return {
        "name": there.settings.name,
        "title": there.settings.title,
        "issuer": identity.issuer,
        "subject": identity.subject,
        "sub": identity.sub,
        "shown": identity.shown,
        "sid": identity.sid,
        "id_token": identity.id_token,
        "overage": identity.overage,
        "roles": [],
    }


def link_action(said: Mapping[str, Any], account_id: str) -> LinkProvider:
    return LinkProvider(
        account_id=account_id,
        provider=said["title"],
        issuer=said["issuer"],
        subject=said["subject"],
        shown=said["shown"],
    )


@views.route("/sign-in/<provider>/link", methods=["GET", "POST"])
def link(provider: str) -> ResponseReturnValue:
    """Signed in there, and not known here yet: prove the account once, then say that the two belong together."""
    linking = session.get("linking")
    if not linking or linking["name"] != provider or not _still_good(linking):
        session.pop("linking", None)
        return redirect(url_for("sign_in.index"))
    if not current_user.is_authenticated:
        return redirect(url_for("sign_in.index", next=linking["url"]))
    if not is_fresh():
        return needs_fresh_proof()
    form = FlaskForm()
    if form.validate_on_submit():
        del session["linking"]
        result = parts().desk.submit(me(), link_action(linking, me().account_id))
        if isinstance(result, Done):
            session["provider"] = {name: value for name, value in linking.items() if name not in ("url", "at")}
            return redirect(own_path(linking["onward"]) or url_for("account.security"))
        return _said_no(result)
    return render_template(
        "actions/ask.html",
        form=form,
        title=_("Sign in with %(provider)s from now on?", provider=linking["title"]),
        explanation=_("Whoever signs in there under this name gets into this account. Link them only if both are you."),
        facts=[(linking["title"], linking["shown"]), (_("Account here"), f"{me().name} ({me().login})")],
        deciders=[],
        submit=_("Yes, both are me"),
        cancel_url=own_path(linking["onward"]) or url_for("account.index"),
    )


@account_views.route("/security/providers/<link_id>/remove", methods=["GET", "POST"])
@login_required
def remove_provider(link_id: str) -> ResponseReturnValue:
    if not is_fresh():
        return needs_fresh_proof()
    with parts().database.read() as db:
        links = parts().providers.links.of(db, me().account_id)
    mine = next((link for link in links if link.id == link_id), None) or abort(404)
    title = _title(mine)
    form = FlaskForm()
    if form.validate_on_submit():
        action = UnlinkProvider(account_id=me().account_id, link_id=mine.id, provider=title, shown=mine.shown)
        result = parts().desk.submit(me(), action)
        return redirect(url_for("account.security")) if isinstance(result, Done) else _said_no(result)
    return render_template(
        "actions/ask.html",
        form=form,
        title=_("Remove %(provider)s?", provider=title),
        explanation=_("It opens your account no longer. Your password still does, and you can link the two again."),
        facts=[(title, mine.shown)],
        deciders=[],
        submit=_("Remove it"),
        cancel_url=url_for("account.security"),
    )


def links_to_show(links: list[Link]) -> list[FactorLine]:
    return [_line(link) for link in links]


def links_to_add(links: list[Link]) -> list[tuple[str, str, str, str]]:
    """Providers that do not open this account yet."""
    linked = {link.issuer for link in links}
    return [
        (
            _("Sign in with %(provider)s", provider=one.settings.title),
            _("As well as with your password"),
            "globe",
            url_for("providers.add", provider=name),
        )
        for name, one in parts().providers.by_name.items()
        if one.settings.issuer not in linked
    ]


def _line(link: Link) -> FactorLine:
    used = (
        _("last used %(when)s", when=moment(link.last_used, parts().clock())) if link.last_used else _("not used yet")
    )
    detail = f"{link.shown}, {used}"
    said = session.get("provider", {})
    if said.get("issuer") == link.issuer and said.get("overage"):
        detail += ". " + _("You are in more groups there than it can name, so that it gives you no role here.")
    remove = (_("Remove"), url_for("account.remove_provider", link_id=link.id), True)
    return FactorLine(_("Sign in with %(provider)s", provider=_title(link)), detail, "globe", None, [remove])


def _title(link: Link) -> str:
    """What people call it; its address where it has left the settings."""
    provider = parts().providers.of_issuer(link.issuer)
    return provider.settings.title if provider else link.issuer


def _still_good(linking: Mapping[str, Any]) -> bool:
    return parts().clock() - datetime.fromisoformat(linking["at"]) <= GOOD_FOR


def _said_no(result: Result) -> ResponseReturnValue:
    return result_page(result, None, onward=(_("Back to my account"), url_for("account.security")))
