"""My private addresses and telephone number. A new address is proved by a code sent there, and then waits."""

import secrets
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required
from flask_wtf import FlaskForm

from connectors.account import Account
from portal.actions.ask_address_change import AskAddressChange
from portal.actions.cancel_address_change import CancelAddressChange
from portal.actions.set_phone import SetPhone
from portal.actions.set_recovery_mail import SetRecoveryMail
from portal.own_data.address_changes import MOST_ADDRESSES
from portal.own_data.addresses import NotUsable, address, phone, readable
from portal.results import Denied, Done, Result
from portal.sign_in.walks import Walk
from portal.views import me, parts, source
from portal.views.account import views as account_views
from portal.views.answers import result_page
from portal.views.own import is_proved, offered
from portal.views.proving import address_page, proved
from portal.views.sign_in import needs_fresh_proof
from portal.web.errors import TryLater

views = Blueprint("contact", __name__, url_prefix=f"{account_views.url_prefix}/contact")
NEW = "new"  # in place of the address that is to be replaced: none is


@dataclass(frozen=True, kw_only=True)
class AddressLine:
    """One private address as the page shows it."""

    address: str
    replace_url: str | None  # None: not the person's own to change
    remove_url: str | None


@views.get("")
@login_required
def index() -> ResponseReturnValue:
    account = _account()
    own = offered(SetRecoveryMail, account) and offered(AskAddressChange, account)
    with parts().database.read() as db:
        waiting = parts().address_changes.waiting(db, account.id)
    can_add = own and len(account.recovery_mail) < MOST_ADDRESSES
    return render_template(
        "account/contact.html",
        addresses=[_line(held, account, own=own) for held in account.recovery_mail],
        add_url=url_for(".change", key=NEW) if can_add else None,
        own=own,
        hours=parts().settings.recovery.cooling_hours,
        waiting=waiting,
        cancel_url=url_for(".cancel", key=waiting.id) if waiting and waiting.state == "waiting" else None,
        mail=account.mail,
        phone=readable(account.phone) if account.phone else "",
        phone_url=url_for(".change_phone") if offered(SetPhone, account) else None,
    )


@views.route("/addresses/<key>", methods=["GET", "POST"])
@login_required
def change(key: str) -> ResponseReturnValue:
    """Say the new address; a code goes there, and nowhere else."""
    account, old = _mine(key)
    if not is_proved(AskAddressChange):
        return needs_fresh_proof()
    form = AskAddressChange.Form()
    if form.validate_on_submit():
        try:
            new = address(form.address.data, account, parts().settings.own_data)
        except NotUsable as no:
            form.address.errors = [str(no)]
        else:
            return _send_code(key, new, account)
    return render_template(
        "account/new_address.html",
        form=form,
        old=old,
        hours=parts().settings.recovery.cooling_hours,
        cancel_url=url_for(".index"),
    ), 422 if form.errors else 200


@views.route("/addresses/<key>/<token>", methods=["GET", "POST"])
@login_required
def prove(key: str, token: str) -> ResponseReturnValue:
    """The code from the new address. Proved once, it may still need a fresh proof of who asks."""
    account, old = _mine(key)
    walk = _walk(token)
    if walk.proofs:
        form: Any = FlaskForm()
        return _ask(walk, account, old) if form.validate_on_submit() else _last_page(form, walk)
    form = parts().factors["mailed_code"].Form()
    if form.validate_on_submit() and (further := proved(walk, "mailed_code", form)):
        return _ask(further, account, old)
    again_url = url_for(".again", key=key, token=token)
    page = address_page(walk, form, again_url=again_url, other_url=url_for(".change", key=key))
    return page, 422 if form.errors else 200


@views.post("/addresses/<key>/<token>/again")
@login_required
def again(key: str, token: str) -> ResponseReturnValue:
    parts().prover.begin(_walk(token), "mailed_code")
    return redirect(url_for(".prove", key=key, token=token))


@views.route("/addresses/<key>/remove", methods=["GET", "POST"])
@login_required
def remove(key: str) -> ResponseReturnValue:
    account, old = _mine(key)
    if not old or len(account.recovery_mail) < 2:
        abort(404)
    if not is_proved(AskAddressChange):
        return needs_fresh_proof()
    form = FlaskForm()
    if form.validate_on_submit():
        return _answer(_submit(account, old=old, new=""))
    return render_template(
        "actions/ask.html",
        form=form,
        title=_("Remove this address?"),
        explanation=_(
            "We write to all your addresses now. It is removed after %(hours)s hours; until then you can stop it.",
            hours=parts().settings.recovery.cooling_hours,
        ),
        facts=[(_("Address"), old)],
        submit=_("Remove it"),
        deciders=[],
        cancel_url=url_for(".index"),
    )


@views.post("/addresses/<key>/cancel")
@login_required
def cancel(key: str) -> ResponseReturnValue:
    action = CancelAddressChange(account_id=me().account_id, change_id=key)
    return _answer(parts().desk.submit(me(), action, me().as_account()))


@views.route("/phone", methods=["GET", "POST"])
@login_required
def change_phone() -> ResponseReturnValue:
    account = _account()
    if not offered(SetPhone, account):
        abort(404)
    if not is_proved(SetPhone):
        return needs_fresh_proof()
    form = SetPhone.Form(phone=readable(account.phone) if account.phone else "")
    if form.validate_on_submit():
        try:
            number = phone(form.phone.data or "", parts().settings.own_data)
        except NotUsable as no:
            form.phone.errors = [str(no)]
        else:
            action = SetPhone(account_id=account.id, phone=number)
            return _answer(parts().desk.submit(me(), action, account))
    return render_template(
        "actions/ask.html",
        form=form,
        title=_("Your telephone number"),
        explanation=_("The service desk can call you there. No codes go to it, and it does not prove who you are."),
        facts=[],
        submit=_("Save"),
        deciders=[],
        cancel_url=url_for(".index"),
    ), 422 if form.errors else 200


def _account() -> Account:
    """Mine, freshly read; 404 where there is nothing to see or change."""
    account = parts().accounts.read(me().account_id)
    if not any(offered(action, account) for action in (SetRecoveryMail, SetPhone)):
        abort(404)
    return account


def _mine(key: str) -> tuple[Account, str]:
    """My account and the address a page is about, empty for a new one; 404 if it is not mine to change."""
    account = _account()
    if not (offered(AskAddressChange, account) and offered(SetRecoveryMail, account)):
        abort(404)
    if key == NEW:
        return account, ""
    return account, next((held for held in account.own_mail if _key(held) == key), None) or abort(404)


def _walk(token: str) -> Walk:
    """My walk to a new address; back to the list if it is over."""
    walk = parts().walks.get(token, purpose="new_address")
    if walk is None or walk.account_id != me().account_id:
        abort(redirect(url_for(".index")))
    return walk


def _send_code(key: str, new: str, account: Account) -> ResponseReturnValue:
    if wait := parts().limits.new_walk(source=source(), claim_digest=parts().walks.claim_digest(new)):
        raise TryLater(429, wait)
    walk = parts().walks.start("new_address", new, account_id=account.id)
    parts().prover.begin(walk, "mailed_code")
    return redirect(url_for(".prove", key=key, token=walk.id))


def _ask(walk: Walk, account: Account, old: str) -> ResponseReturnValue:
    """Hand it to the desk; what was proved is good for one change."""
    taken = parts().walks.take(walk.id)
    if taken is None:
        return redirect(url_for(".index"))
    result = _submit(account, old=old, new=walk.claim)
    if not isinstance(result, Done):
        parts().walks.give_back(walk.id, taken)
    return _answer(result)


def _submit(account: Account, *, old: str, new: str) -> Result:
    action = AskAddressChange(
        account_id=account.id,
        change_id=secrets.token_hex(16),
        old_address=old,
        new_address=new,
        channels=" ".join(sorted(me().channels)),
    )
    return parts().desk.submit(me(), action, account)


def _last_page(form: FlaskForm, walk: Walk) -> ResponseReturnValue:
    return render_template(
        "actions/ask.html",
        form=form,
        title=_("The address is proved"),
        explanation=_("One press, and it waits to come into force."),
        facts=[(_("Address"), walk.claim)],
        submit=_("Use this address"),
        deciders=[],
        cancel_url=url_for(".index"),
    )


def _line(held: str, account: Account, *, own: bool) -> AddressLine:
    mine = own and held in account.own_mail
    removable = mine and len(account.recovery_mail) > 1
    return AddressLine(
        address=held,
        replace_url=url_for(".change", key=_key(held)) if mine else None,
        remove_url=url_for(".remove", key=_key(held)) if removable else None,
    )


def _key(held: str) -> str:
    """An address's name in the addresses of pages: which one it is, and nothing of it."""
    return parts().keys.digest("contact", held)


def _answer(result: Result) -> ResponseReturnValue:
    if isinstance(result, Done):
        return redirect(url_for(".index"))
    if isinstance(result, Denied) and result.reason in ("fresh_proof", "more_proof"):
        return needs_fresh_proof()
    back = url_for(".index")
    return result_page(result, None, retry_url=back, onward=(_("Back to your addresses"), back))
