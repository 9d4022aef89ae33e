"""Adding a way to prove that it is me, renaming it, switching it off and on, and removing it."""

import io
from typing import Any

import pyotp
import segno
from flask import Response, abort, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import login_required
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from portal.actions.confirm_factor import ConfirmFactor
from portal.actions.remove_factor import RemoveFactor
from portal.actions.rename_factor import RenameFactor
from portal.actions.switch_factor import SwitchFactor
from portal.factors import recovery_code
from portal.factors.totp import STEP, matching_step
from portal.results import Done
from portal.sign_in.enrolment import Enrolled
from portal.views import me, parts
from portal.views.account import views
from portal.views.security import security_answer
from portal.views.sign_in import needs_fresh_proof
from portal.views.signed_in import is_fresh
from portal.web.forms import code, no_control_characters
from portal.web.pages import in_language


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
def new_codes() -> ResponseReturnValue:
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
        factor_id, codes = parts().own_factors.begin_codes(
            tx, me().account_id, _("Recovery codes"), recovery_code.new_codes()
        )
    result = parts().desk.submit(
        me(), ConfirmFactor(account_id=me().account_id, factor_id=factor_id, factor="recovery_code")
    )
    if not isinstance(result, Done):
        return security_answer(result)
    return render_template(
        "account/recovery_codes_shown.html", codes=codes, made_at=parts().clock(), onward_url=url_for(".security")
    )


@views.route("/security/factors/<factor_id>/rename", methods=["GET", "POST"])
@login_required
def rename_factor(factor_id: str) -> ResponseReturnValue:
    mine = _mine(factor_id)
    form = RenameFactor.Form(label=mine.name)
    if form.validate_on_submit():
        action = RenameFactor(account_id=me().account_id, factor_id=mine.id, factor=mine.kind, label=form.label.data)
        return security_answer(parts().desk.submit(me(), action))
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
        return security_answer(parts().desk.submit(me(), action))
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
        return security_answer(parts().desk.submit(me(), action))
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
        return security_answer(parts().desk.submit(me(), rename))
    return security_answer(result)


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
