"""Mailboxes that more than one person uses: who may use mine, which others I may use, and how to ask for one."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, abort, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import login_required
from flask_wtf import FlaskForm
from wtforms import EmailField, RadioField
from wtforms.validators import InputRequired, Length

from connectors.account import Account
from connectors.errors import AccountAmbiguous, AccountNotFound
from connectors.mailbox import Right, Share, SharedBox
from portal.actions.ask_shared_box import AskSharedBox
from portal.actions.end_share import EndShare
from portal.actions.share_mailbox import ShareMailbox
from portal.mailboxes.shares import BoxSystems
from portal.timers.mailbox import Ends, ends_of
from portal.views import me, parts
from portal.views.mailbox import SHARES, answer, ask_page, mine, sure, timers_of
from portal.views.mailbox_wishes import last_day_field, reason_field
from portal.views.own import is_proved, offered
from portal.views.sign_in import needs_fresh_proof
from portal.views.ways import key_of, share_end_url, share_key, share_words

views = Blueprint("sharing", __name__, url_prefix="/mailbox/shared")
CHOICES = {
    Right.READ: _l("Read everything"),
    Right.WORK: _l("Read, file, delete and answer"),
    Right.SEND: _l("Write in its name, without a look inside"),
}

# Fields stand in the order in which they are made; this one comes first.
WHO = EmailField(
    _l("Whom do you let in?"),
    [
        InputRequired(_l("Type the person's e-mail address.")),
        Length(max=254, message=_l("That is longer than an e-mail address can be.")),
    ],
    description=_l("The e-mail address of a colleague."),
    render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One person in one mailbox, or one mailbox, as the page shows it."""

    title: str
    detail: str
    url: str | None  # to end it, or to ask for it


class UntilForm(FlaskForm):
    right = RadioField(_l("What for?"), [InputRequired(_l("Choose what it is for."))], choices=[])
    until = last_day_field()


class ShareForm(UntilForm):
    address = WHO


class BoxForm(UntilForm):
    reason = reason_field()


@views.get("")
@login_required
def index() -> ResponseReturnValue:
    account, systems = _account()
    ends = ends_of(timers_of(account))
    shares, boxes, can_give = systems.shares(), systems.boxes(), bool(systems.own_rights)
    used = {(one.system, one.box.casefold()) for one in shares.others}
    own = (account.mail or "").casefold()
    return render_template(
        "mailbox/shared.html",
        own=can_give,
        silent=bool(systems.silent),
        mine=[_line(one.who, one, account, ends) for one in shares.mine if one.box.casefold() == own],
        owned=[_line(f"{one.box}: {one.who}", one, account, ends) for one in shares.mine if one.box.casefold() != own],
        others=[_line(one.box, one, account, ends) for one in shares.others],
        boxes=[_box(one, account) for one in boxes if (one.system, one.address.casefold()) not in used],
        add_url=url_for(".add") if can_give and offered(ShareMailbox, account) else None,
    )


@views.route("/add", methods=["GET", "POST"])
@login_required
def add() -> ResponseReturnValue:
    account, systems = _account()
    rights = systems.own_rights
    if not rights or not offered(ShareMailbox, account):
        abort(404)
    if not is_proved(ShareMailbox):
        return needs_fresh_proof()
    beside = _("They use it beside you, with a password of their own. Never give yours away.")
    in_my_name = _("They write in your name, with a password of their own, and see none of your mail.")
    form: Any = ShareForm()
    _offer(form, rights)
    if form.validate_on_submit() and (who := _colleague(form, account)):
        system = rights[Right(form.right.data)]
        action = ShareMailbox(account_id=account.id, box=account.mail or "", who=who, system=system, **_wish(form))
        return answer(parts().desk.submit(me(), action, account), "sharing.index")
    return ask_page(
        form,
        title=_("Let somebody use my mailbox"),
        explanation=in_my_name if set(rights) == {Right.SEND} else beside,
        submit=_("Let them in"),
        back="sharing.index",
    )


@views.route("/<key>/ask", methods=["GET", "POST"])
@login_required
def ask(key: str) -> ResponseReturnValue:
    account, systems = _account()
    box = next((one for one in systems.boxes() if _box_key(one) == key), None)
    if box is None or not offered(AskSharedBox, account):
        abort(404)
    if not is_proved(AskSharedBox):
        return needs_fresh_proof()
    form: Any = BoxForm()
    _offer(form, systems.rights_to(box))
    if form.validate_on_submit():
        wish = {"box": box.address, "who": account.mail or "", "system": box.system, "reason": form.reason.data}
        action = AskSharedBox(account_id=account.id, **wish, **_wish(form))
        return answer(parts().desk.submit(me(), action, account), "sharing.index")
    return ask_page(
        form,
        title=_("Use %(name)s", name=box.name or box.address),
        explanation=_("Whoever it belongs to decides. You hear of it by mail."),
        submit=_("Send the request"),
        back="sharing.index",
    )


@views.route("/<key>/end", methods=["GET", "POST"])
@login_required
def end(key: str) -> ResponseReturnValue:
    account, systems = _account()
    shares = systems.shares()
    share = next((one for one in (*shares.mine, *shares.others) if share_key(one) == key), None)
    if share is None or not offered(EndShare, account):
        abort(404)
    return sure(
        account,
        EndShare(account_id=account.id, box=share.box, who=share.who, system=share.system),
        title=_("End the use of this mailbox?"),
        explanation=_("It ends at once. What was read or copied before is not called back."),
        facts=[(_("Mailbox"), share.box), (_("Who uses it"), share.who)],
        submit=_("End it"),
        back="sharing.index",
    )


def _account() -> tuple[Account, BoxSystems]:
    account = parts().accounts.read(me().account_id)
    mine(account)
    systems = BoxSystems(parts().connectors, account)
    if not systems or not any(offered(one, account) for one in SHARES):
        abort(404)
    return account, systems


def _offer(form: Any, rights: Iterable[Right]) -> None:
    """The rights to choose from; an only one is chosen."""
    form.right.choices = [(right.value, CHOICES[right]) for right in rights]
    if len(form.right.choices) == 1 and not form.is_submitted():
        form.right.data = form.right.choices[0][0]


def _line(title: str, share: Share, account: Account, ends: Ends) -> Line:
    url = share_end_url(share) if offered(EndShare, account) else None
    return Line(title=title, detail=share_words(share, ends), url=url)


def _box(box: SharedBox, account: Account) -> Line:
    url = url_for(".ask", key=_box_key(box)) if offered(AskSharedBox, account) else None
    return Line(title=box.name or box.address, detail=box.address if box.name else "", url=url)


def _box_key(box: SharedBox) -> str:
    return key_of(f"{box.system} {box.address}".casefold())


def _colleague(form: Any, account: Account) -> str | None:
    """The address of somebody who works here, other than me; None with the reason beside the field."""
    try:
        found = parts().accounts.find(form.address.data.strip())
    except (AccountNotFound, AccountAmbiguous):
        found = replace(account, mail=None)
    if found.mail and found.id != account.id and not found.state.disabled and not found.state.ended:
        return found.mail
    yourself = found.mail and found.id == account.id
    form.address.errors = [_("That is you.") if yourself else _("Nobody here has that address.")]
    return None


def _wish(form: Any) -> dict[str, str]:
    until = form.until.data
    return {
        "right": form.right.data,
        "last_day": until.isoformat() if until else "",
        "zone": parts().settings.time_zone,
    }
