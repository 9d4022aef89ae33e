"""My ways to prove it is me, and where I am signed in. Everything sensitive asks for a fresh proof first."""

import io
from typing import Any

import pyotp
import segno
from flask import Response, abort, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_login import login_required
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from portal.actions.close_session import CloseSession
from portal.actions.close_sessions import CloseSessions
from portal.actions.confirm_factor import ConfirmFactor
from portal.actions.remove_factor import RemoveFactor
from portal.actions.rename_factor import RenameFactor
from portal.actions.switch_factor import SwitchFactor
from portal.factors.recovery_code import new_codes
from portal.factors.totp import STEP, matching_step
from portal.results import Denied, Done, Result
from portal.sign_in.enrolment import Enrolled
from portal.views import me, parts
from portal.views.account import views
from portal.views.answers import result_page
from portal.views.cloud_access import access_urls
from portal.views.devices import DeviceLine, FactorLine, agent_words
from portal.views.provider_links import links_to_add, links_to_show
from portal.views.sign_in import needs_fresh_proof
from portal.views.signed_in import is_fresh
from portal.web.forms import code, no_control_characters
from portal.web.pages import in_language, moment

ICONS = {"totp": "phone", "recovery_code": "paper"}


class TotpForm(FlaskForm):
    label = StringField(
        _l("A name for the phone"),
        [
            InputRequired(_l("Give it a name.")),
            Length(max=60, message=_l("60 characters at most.")),
            no_control_characters,
        ],
    )
    code = code(_l("Six-digit code"), inputmode="numeric", autocomplete="one-time-code")


@views.get("/security")
@login_required
def security() -> ResponseReturnValue:
    account = parts().accounts.read(me().account_id)
    with parts().database.read() as db:
        enrolled = parts().own_factors.of(db, account.id)
        links = parts().providers.links.of(db, account.id)
    lines = [_factor_line(f) for f in enrolled]
    if account.recovery_mail:
        from portal.post import masked

        addresses = ", ".join(masked(a) for a in account.recovery_mail)
        lines.append(FactorLine(_("Code to your private address"), addresses, "mail"))
    lines += links_to_show(links)
    sessions = parts().sessions.of(account.id, current=me().session)
    devices = [
        DeviceLine(
            agent_words(s.agent),
            s.source,
            s.seen,
            s.current,
            url_for(".close_session", session_id=s.id),
            _provider_title(s.provider),
        )
        for s in sessions
    ]
    channels = {parts().factors[f.kind].channel for f in enrolled if f.on} | (
        {"mail"} if account.recovery_mail else set()
    )
    return render_template(
        "account/security.html",
        ways=len(channels),
        factors=lines,
        additions=[
            (_("Authenticator app"), _("Six digits on your phone, without a network"), "phone", url_for(".add_totp")),
            (_("Recovery codes"), _("Ten codes on paper, for when the phone is gone"), "paper", url_for(".new_codes")),
            *links_to_add(links),
        ],
        sessions=devices,
        close_others_url=url_for(".close_sessions") if len(devices) > 1 else None,
        **access_urls(account),
    )


@views.route("/security/totp", methods=["GET", "POST"])
@login_required
def add_totp() -> ResponseReturnValue:
    """Scan, then one code before it counts. The secret waits on the server, never in the page's address."""
    if not is_fresh():
        return needs_fresh_proof()
    factor_id, secret = _waiting_totp()
    form = TotpForm()
    if form.validate_on_submit():
        step = int(parts().clock().timestamp()) // STEP
        if matching_step(secret, "".join(form.code.data.split()), step) is None:
            form.code.errors = [
                *form.code.errors,
                _("That is not what the app should show now. Wait for the next code and type that."),
            ]
        else:
            return _confirm_totp(factor_id, form.label.data)
    groups = [secret[i : i + 4] for i in range(0, len(secret), 4)]
    return render_template(
        "account/add_totp.html",
        form=form,
        qr_url=url_for(".totp_picture"),
        groups=groups,
        cancel_url=url_for(".security"),
    ), 422 if form.errors else 200


@views.get("/security/totp.svg")
@login_required
def totp_picture() -> ResponseReturnValue:
    """The secret as a square code (otpauth URI), only while it waits for its check code."""
    _factor_id, secret = _waiting_totp()
    uri = pyotp.TOTP(secret).provisioning_uri(
        name=me().login, issuer_name=in_language(parts().settings.organisation.name)
    )
    picture = io.BytesIO()
    segno.make(uri, error="m").save(picture, kind="svg", scale=4, xmldecl=False, svgns=True, light="#fff", nl=False)
    return Response(picture.getvalue(), content_type="image/svg+xml")


@views.route("/security/codes", methods=["GET", "POST"])
@login_required
def new_codes_page() -> ResponseReturnValue:
    """New recovery codes: asked for by a button, shown once, the old ones dead from then on."""
    if not is_fresh():
        return needs_fresh_proof()
    form = FlaskForm()
    if not form.validate_on_submit():
        return render_template(
            "actions/ask.html",
            form=form,
            title=_("New recovery codes"),
            facts=[],
            deciders=[],
            explanation=_(
                "You get ten codes for paper, shown once. Each proves once that it is you. Older codes stop working."
            ),
            submit=_("Make new codes"),
            cancel_url=url_for(".security"),
        )
    with parts().database.write() as tx:
        factor_id, codes = parts().own_factors.begin_codes(tx, me().account_id, _("Recovery codes"), new_codes())
    result = parts().desk.submit(
        me(), ConfirmFactor(account_id=me().account_id, factor_id=factor_id, factor="recovery_code")
    )
    if not isinstance(result, Done):
        return _answer(result)
    return render_template(
        "account/recovery_codes_shown.html", codes=codes, made_at=parts().clock(), onward_url=url_for(".security")
    )


views.add_url_rule("/security/codes", "new_codes", new_codes_page, methods=["GET", "POST"])


@views.route("/security/factors/<factor_id>/rename", methods=["GET", "POST"])
@login_required
def rename_factor(factor_id: str) -> ResponseReturnValue:
    mine = _mine(factor_id)
    form = RenameFactor.Form(label=mine.name)
    if form.validate_on_submit():
        action = RenameFactor(account_id=me().account_id, factor_id=mine.id, factor=mine.kind, label=form.label.data)
        return _answer(parts().desk.submit(me(), action))
    return render_template(
        "account/rename_factor.html", form=form, factor=mine.name, cancel_url=url_for(".security")
    ), 422 if form.errors else 200


@views.route("/security/factors/<factor_id>/remove", methods=["GET", "POST"])
@login_required
def remove_factor(factor_id: str) -> ResponseReturnValue:
    if not is_fresh():
        return needs_fresh_proof()
    mine = _mine(factor_id)
    form = FlaskForm()
    if form.validate_on_submit():
        action = RemoveFactor(account_id=me().account_id, factor_id=mine.id, factor=mine.kind)
        return _answer(parts().desk.submit(me(), action))
    return render_template(
        "account/confirm_remove.html",
        form=form,
        factor=mine.name,
        remaining=_remaining(mine),
        cancel_url=url_for(".security"),
    )


@views.route("/security/factors/<factor_id>/<any(on, off):turn>", methods=["GET", "POST"])
@login_required
def switch_factor(factor_id: str, turn: str) -> ResponseReturnValue:
    if not is_fresh():
        return needs_fresh_proof()
    mine = _mine(factor_id)
    form = FlaskForm()
    if form.validate_on_submit():
        action = SwitchFactor(account_id=me().account_id, factor_id=mine.id, factor=mine.kind, on=turn == "on")
        return _answer(parts().desk.submit(me(), action))
    on = turn == "on"
    return render_template(
        "actions/ask.html",
        form=form,
        facts=[],
        deciders=[],
        cancel_url=url_for(".security"),
        title=_("Switch “%(name)s” on", name=mine.name) if on else _("Switch “%(name)s” off", name=mine.name),
        explanation=_("It counts again at once.")
        if on
        else _("It stays on your list but proves nothing until you switch it on again."),
        submit=_("Switch it on") if on else _("Switch it off"),
    )


@views.post("/security/sessions/<session_id>/close")
@login_required
def close_session(session_id: str) -> ResponseReturnValue:
    return _answer(parts().desk.submit(me(), CloseSession(account_id=me().account_id, session_id=session_id)))


@views.post("/security/sessions/close")
@login_required
def close_sessions() -> ResponseReturnValue:
    return _answer(parts().desk.submit(me(), CloseSessions(account_id=me().account_id, keep=me().session)))


def _provider_title(name: str | None) -> str | None:
    """Where a session began; one that has left the settings keeps its short name."""
    provider = parts().providers.get(name) if name else None
    return provider.settings.title if provider else name


def _answer(result: Result) -> ResponseReturnValue:
    """Back to the list where it was done; where the rule wants a fresher proof, there; else say why not."""
    if isinstance(result, Done):
        return redirect(url_for("account.security"))
    if isinstance(result, Denied) and result.reason in ("fresh_proof", "more_proof"):
        return redirect(url_for("sign_in.fresh", next=url_for("account.security")))
    return result_page(result, None, onward=(_("Back to my account"), url_for("account.security")))


def _waiting_totp() -> tuple[str, str]:
    """The secret that waits for its check code; a new one if none does."""
    waiting = session.get("totp", "")
    with parts().database.read() as db:
        secret = parts().own_factors.secret_of(db, me().account_id, waiting)
    if secret:
        return waiting, secret
    with parts().database.write() as tx:
        factor_id, secret = parts().own_factors.begin_totp(tx, me().account_id, _("Authenticator app"))
    session["totp"] = factor_id
    return factor_id, secret


def _confirm_totp(factor_id: str, label: str) -> ResponseReturnValue:
    session.pop("totp", None)
    result = parts().desk.submit(me(), ConfirmFactor(account_id=me().account_id, factor_id=factor_id, factor="totp"))
    if isinstance(result, Done):
        rename = RenameFactor(account_id=me().account_id, factor_id=factor_id, factor="totp", label=label)
        return _answer(parts().desk.submit(me(), rename))
    return _answer(result)


def _mine(factor_id: str) -> Enrolled:
    with parts().database.read() as db:
        for enrolled in parts().own_factors.of(db, me().account_id):
            if enrolled.id == factor_id:
                return enrolled
    return abort(404)


def _remaining(without: Enrolled) -> int:
    account = parts().accounts.read(me().account_id)
    with parts().database.read() as db:
        others = [f for f in parts().own_factors.of(db, account.id) if f.on and f.id != without.id]
    channels: set[Any] = {parts().factors[f.kind].channel for f in others}
    return len(channels | ({"mail"} if account.recovery_mail else set()))


def _factor_line(enrolled: Enrolled) -> FactorLine:
    used = (
        _("last used %(when)s", when=moment(enrolled.last_used, parts().clock()))
        if enrolled.last_used
        else _("not used yet")
    )
    if enrolled.left is not None:
        used = ngettext("%(num)d code left", "%(num)d codes left", enrolled.left) + ", " + used
    doings = [(_("Rename"), url_for(".rename_factor", factor_id=enrolled.id), False)]
    turn, words = ("off", _("Switch off")) if enrolled.on else ("on", _("Switch on"))
    doings.append((words, url_for(".switch_factor", factor_id=enrolled.id, turn=turn), False))
    doings.append((_("Remove"), url_for(".remove_factor", factor_id=enrolled.id), True))
    state = None if enrolled.on else ("wait", _("Switched off"))
    title = f"{parts().factors[enrolled.kind].title}: {enrolled.name}"
    return FactorLine(title, used, ICONS[enrolled.kind], state, doings)
