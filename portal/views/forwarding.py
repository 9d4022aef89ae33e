"""Send my mail on: say where to; an address outside proves by a code that somebody reads there, and others agree."""

from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask import Blueprint, abort, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import login_required
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, EmailField
from wtforms.validators import InputRequired, Length, Optional

from connectors.account import Account
from portal.actions.forward_outside import ForwardOutside
from portal.actions.set_forwarding import SetForwarding
from portal.explaining.explain import explain
from portal.mailboxes.forward_guard import Place
from portal.mailboxes.forwarding import Forwarding
from portal.results import Denied, Failed
from portal.sign_in.walks import Walk
from portal.views import me, parts, source
from portal.views.mailbox import FORWARDS, answer, mine
from portal.views.own import is_proved, offered
from portal.views.proving import address_page, proved
from portal.views.sign_in import needs_fresh_proof
from portal.web.errors import TryLater
from portal.web.forms import no_control_characters

views = Blueprint("forwarding", __name__, url_prefix="/mailbox/forwarding")
STAND_IN = "example.org"  # for a domain that need not be looked at
WISHES = "forwards"  # in the session: what was chosen beside the address, by the walk that proves it


class ForwardForm(FlaskForm):
    address = EmailField(
        _l("Where to?"),
        [
            InputRequired(_l("Type the address.")),
            Length(max=254, message=_l("That is longer than an e-mail address can be.")),
            no_control_characters,
        ],
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )
    keep_copy = BooleanField(_l("Keep a copy in my mailbox"), default=True)
    until = DateField(_l("Last day"), [Optional()], description=_l("Leave it empty if it is to go on."))


@views.route("", methods=["GET", "POST"])
@login_required
def change() -> ResponseReturnValue:
    account = _account()
    if not all(is_proved(action) for action in FORWARDS if offered(action, account)):
        return needs_fresh_proof()
    form: Any = ForwardForm()
    if form.validate_on_submit() and (done := _next(form, account)):
        return done
    return render_template(
        "mailbox/forward.html",
        form=form,
        outside=offered(ForwardOutside, account),
        agreed=bool(offered(ForwardOutside, account) and parts().settings.rules[ForwardOutside.name].approval),
        hours=parts().settings.mailbox.cooling_hours,
        cancel_url=url_for("mailbox.index"),
    ), 422 if form.errors else 200


@views.route("/<token>", methods=["GET", "POST"])
@login_required
def prove(token: str) -> ResponseReturnValue:
    """The code from the address: whoever reads there has handed it over, and so agrees."""
    account, walk = _account(), _walk(token)
    form: Any = parts().factors["mailed_code"].Form()
    if walk.proofs:
        return _submit(walk, account)
    if form.validate_on_submit() and (further := proved(walk, "mailed_code", form)):
        return _submit(further, account)
    page = address_page(walk, form, again_url=url_for(".again", token=token), other_url=url_for(".change"))
    return page, 422 if form.errors else 200


@views.post("/<token>/again")
@login_required
def again(token: str) -> ResponseReturnValue:
    parts().prover.begin(_walk(token), "mailed_code")
    return redirect(url_for(".prove", token=token))


def _account() -> Account:
    account = parts().accounts.read(me().account_id)
    mine(account)
    if not any(offered(action, account) for action in FORWARDS):
        abort(404)
    return account


def _next(form: Any, account: Account) -> ResponseReturnValue | None:
    """To the desk, to the proof, or None with the reason beside the field."""
    target = _address(form.address.data)
    if target is None:
        form.address.errors = [_("That is not an e-mail address. It looks like name@example.com.")]
        return None
    until = form.until.data
    wish = {"keep_copy": form.keep_copy.data, "last_day": until.isoformat() if until else ""}
    if until and until < parts().today():
        form.until.errors = [_("That day is over.")]
        return None
    kind = SetForwarding if parts().forwards.place(target) is Place.INSIDE else ForwardOutside
    action: Forwarding = kind(account_id=account.id, target=target, zone=parts().settings.time_zone, **wish)
    reason = parts().forwards(action, account, parts().clock())
    if reason or not offered(kind, account):
        form.address.errors = [str(explain(reason or "forward_refused").title)]
        return None
    if kind is SetForwarding:
        return answer(parts().desk.submit(me(), action, account))
    return _send_code(target, wish)


def _send_code(target: str, wish: dict[str, Any]) -> ResponseReturnValue:
    if wait := parts().limits.new_walk(source=source(), claim_digest=parts().walks.claim_digest(target)):
        raise TryLater(429, wait)
    walk = parts().walks.start("forward", target, account_id=me().account_id)
    session[WISHES] = {walk.id: wish}
    parts().prover.begin(walk, "mailed_code")
    return redirect(url_for(".prove", token=walk.id))


def _submit(walk: Walk, account: Account) -> ResponseReturnValue:
    """Hand it to the desk; what was proved is good for one forward."""
    wish = session.get(WISHES, {}).get(walk.id)
    taken = parts().walks.take(walk.id) if wish else None
    if taken is None:
        return redirect(url_for("mailbox.index"))
    action = ForwardOutside(
        account_id=account.id,
        target=walk.claim,
        keep_copy=wish["keep_copy"],
        last_day=wish["last_day"],
        zone=parts().settings.time_zone,
        wait_hours=parts().settings.mailbox.cooling_hours,
    )
    result = parts().desk.submit(me(), action, account)
    if isinstance(result, Failed | Denied):
        parts().walks.give_back(walk.id, taken)
    return answer(result)


def _walk(token: str) -> Walk:
    """My walk to the address; back to the form if it is over."""
    walk = parts().walks.get(token, purpose="forward")
    if walk is None or walk.account_id != me().account_id:
        abort(redirect(url_for(".change")))
    return walk


def _address(text: str) -> str | None:
    """The address in the form in which mail systems hold it; None for what is none."""
    text = text.strip()
    local, _at, domain = text.rpartition("@")
    ours = parts().forwards.place(text) is Place.INSIDE  # may be a name such as .local, which the world has not
    try:
        wanted = f"{local}@{STAND_IN}" if ours else text
        valid = validate_email(wanted, check_deliverability=False, allow_smtputf8=False, strict=True)
    except EmailNotValidError:
        return None
    return f"{valid.local_part}@{domain.lower()}" if ours else valid.ascii_email or valid.normalized
