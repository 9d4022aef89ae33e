"""My mailbox on one page: what it answers by itself, where its mail goes, its addresses, and how full it is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required
from flask_wtf import FlaskForm

from connectors.account import Account
from connectors.mailbox import AutoReply, Mailbox, Quota, Source
from portal.action import Action
from portal.actions.add_temporary_alias import AddTemporaryAlias
from portal.actions.ask_alias import AskAlias
from portal.actions.ask_quota import AskQuota
from portal.actions.ask_shared_box import AskSharedBox
from portal.actions.end_share import EndShare
from portal.actions.forward_outside import ForwardOutside
from portal.actions.join_list import JoinList
from portal.actions.leave_list import LeaveList
from portal.actions.remove_alias import RemoveAlias
from portal.actions.remove_app_password import RemoveAppPassword
from portal.actions.remove_auto_reply import RemoveAutoReply
from portal.actions.remove_forwarding import RemoveForwarding
from portal.actions.set_auto_reply import SetAutoReply
from portal.actions.set_forwarding import SetForwarding
from portal.actions.share_mailbox import ShareMailbox
from portal.mailboxes.mailbox import Seen, last_day, size
from portal.results import Denied, Done, Result
from portal.timers.mailbox import Ends, ends_of, with_timers
from portal.timers.timers import Timer
from portal.views import me, parts
from portal.views.answers import result_page
from portal.views.kit_offer import OWN, kit_offered
from portal.views.own import is_proved, offered
from portal.views.sign_in import needs_fresh_proof
from portal.views.ways import in_force, key_of, readers, way_of
from portal.web.pages import day

views = Blueprint("mailbox", __name__, url_prefix="/mailbox")
FORWARDS = (SetForwarding, ForwardOutside)
SHARES = (ShareMailbox, AskSharedBox, EndShare)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One of the mailbox's other addresses."""

    address: str
    detail: str
    remove_url: str | None


@views.get("")
@login_required
def index() -> ResponseReturnValue:
    account = parts().accounts.read(me().account_id)
    seen, ends = mine(account), ends_of(timers_of(account))
    box = seen.mailbox
    can_forward = [action for action in FORWARDS if offered(action, account)]
    return render_template(
        "mailbox/index.html",
        address=account.mail or "",
        silent=bool(seen.silent),
        reply=box.auto_reply,
        reply_state=reply_state(box.auto_reply),
        own_auto_reply=box.own_auto_reply,
        reply_url=url_for("auto_reply.change") if offered(SetAutoReply, account) else None,
        reply_off_url=url_for("auto_reply.remove") if offered(RemoveAutoReply, account) and box.auto_reply else None,
        kit_url=url_for("kit.away") if kit_offered(OWN, account) else None,
        ways=[way_of(forward, account) for forward in box.forwards] + readers(account, ends),
        unread=box.unread,
        no_copy=any(not one.keep_copy and in_force(one) for one in box.forwards),
        forward_url=url_for("forwarding.change") if can_forward else None,
        aliases=[_line(address, account, ends) for address in box.aliases],
        alias_url=url_for("mailbox_wishes.ask_alias") if offered(AskAlias, account) else None,
        temporary_url=url_for("mailbox_wishes.temporary") if offered(AddTemporaryAlias, account) else None,
        quota=box.quota,
        quota_words=quota_words(box.quota),
        nearly_full=bool(box.quota and (box.quota.part or 0) >= parts().settings.mailbox.nearly_full),
        quota_url=url_for("mailbox_wishes.ask_quota") if offered(AskQuota, account) else None,
        shared_url=url_for("sharing.index") if any(offered(one, account) for one in SHARES) else None,
        lists_url=url_for("lists.index") if offered(JoinList, account) or offered(LeaveList, account) else None,
        passwords_url=url_for("app_passwords.index") if offered(RemoveAppPassword, account) else None,
        more_url=url_for("asking.ask", name="anything-else"),
    )


@views.route("/forwarding/<key>/remove", methods=["GET", "POST"])
@login_required
def remove_forward(key: str) -> ResponseReturnValue:
    account = parts().accounts.read(me().account_id)
    forward = next(
        (f for f in mine(account).mailbox.forwards if key_of(f.target) == key and f.source is Source.PORTAL), None
    )
    if forward is None or not offered(RemoveForwarding, account):
        abort(404)
    return sure(
        account,
        RemoveForwarding(account_id=account.id, target=forward.target),
        title=_("Stop sending mail there?"),
        explanation=_("New mail stays in your mailbox only. What was sent on before is not called back."),
        facts=[(_("Address"), forward.target)],
        submit=_("Stop it"),
    )


@views.route("/addresses/<key>/remove", methods=["GET", "POST"])
@login_required
def remove_alias(key: str) -> ResponseReturnValue:
    account = parts().accounts.read(me().account_id)
    address = next((one for one in mine(account).mailbox.aliases if key_of(one) == key), None)
    if address is None or not offered(RemoveAlias, account):
        abort(404)
    return sure(
        account,
        RemoveAlias(account_id=account.id, address=address),
        title=_("Give up this address?"),
        explanation=_("Mail to it comes back to whoever sends it, and somebody else may get the address later."),
        facts=[(_("Address"), address)],
        submit=_("Give it up"),
    )


def mine(account: Account) -> Seen:
    """My mailbox with what is to come; 404 where no mail system is for me."""
    if not parts().forwards.mailboxes.known(account):
        abort(404)
    seen = parts().forwards.mailboxes.of(account) or Seen(mailbox=Mailbox(address=account.mail or ""))
    return replace(seen, mailbox=with_timers(seen.mailbox, timers_of(account)))


def sure(
    account: Account,
    action: Action,
    *,
    title: str,
    explanation: str,
    facts: list[tuple[str, str]],
    submit: str,
    back: str = "mailbox.index",
) -> ResponseReturnValue:
    """One question before something is taken away, then the desk."""
    if not is_proved(type(action)):
        return needs_fresh_proof()
    form = FlaskForm()
    if form.validate_on_submit():
        return answer(parts().desk.submit(me(), action, account), back)
    return ask_page(form, title=title, explanation=explanation, facts=facts, submit=submit, back=back)


def ask_page(
    form: FlaskForm, *, title: str, explanation: str, submit: str, back: str, facts: Sequence[tuple[str, str]] = ()
) -> ResponseReturnValue:
    """A form about the mailbox, with what is so now."""
    return render_template(
        "actions/ask.html",
        form=form,
        title=title,
        explanation=explanation,
        facts=list(facts),
        submit=submit,
        deciders=[],
        cancel_url=url_for(back),
    ), 422 if form.errors else 200


def answer(result: Result, back: str = "mailbox.index") -> ResponseReturnValue:
    """Back to where it is seen when it is done; else the page that says what became of it."""
    if isinstance(result, Done):
        return redirect(url_for(back))
    if isinstance(result, Denied) and result.reason in ("fresh_proof", "more_proof"):
        return needs_fresh_proof()
    onward = (_("Back to my mailbox"), url_for("mailbox.index"))
    return result_page(result, None, retry_url=url_for(back), onward=onward)


def reply_state(reply: AutoReply | None) -> tuple[str, str]:
    """An auto reply as a tag: colour and words."""
    now, zone = parts().clock(), parts().settings.time_zone
    if reply is None:
        return "", _("Off")
    if reply.ends and reply.ends <= now:
        return "", _("Over since %(day)s", day=day(reply.ends))
    if reply.starts and reply.starts > now:
        return "wait", _("Starts %(day)s", day=day(reply.starts))
    last = last_day(reply.ends, zone)
    return "done", _("On until %(day)s", day=day(last)) if last else _("On, without an end")


def _line(address: str, account: Account, ends: Ends) -> Line:
    last = last_day(ends.aliases.get(address.casefold()), parts().settings.time_zone)
    return Line(
        address=address,
        detail=_("Ends by itself after %(day)s", day=day(last)) if last else "",
        remove_url=url_for(".remove_alias", key=key_of(address)) if offered(RemoveAlias, account) else None,
    )


def timers_of(account: Account) -> list[Timer]:
    """What is to come."""
    with parts().database.read() as db:
        return parts().timers.of(db, account.id)


def quota_words(quota: Quota | None) -> str:
    """How full it is, in a few words; nothing where nobody knows."""
    if quota is None:
        return ""
    if quota.used is None:
        return _("It can hold %(limit)s.", limit=size(quota.limit or 0))
    if quota.limit is None:
        return _("%(used)s used, without a limit.", used=size(quota.used))
    return _("%(used)s of %(limit)s used", used=size(quota.used), limit=size(quota.limit))
