"""My mailbox on one page: what it answers by itself, where its mail goes, its addresses, and how full it is."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required
from flask_wtf import FlaskForm

from connectors.account import Account
from connectors.mailbox import AutoReply, Forward, Mailbox, Quota, Source
from portal.action import Action
from portal.actions.ask_alias import AskAlias
from portal.actions.ask_quota import AskQuota
from portal.actions.forward_outside import ForwardOutside
from portal.actions.remove_alias import RemoveAlias
from portal.actions.remove_auto_reply import RemoveAutoReply
from portal.actions.remove_forwarding import RemoveForwarding
from portal.actions.set_auto_reply import SetAutoReply
from portal.actions.set_forwarding import SetForwarding
from portal.forward_guard import Place
from portal.mailboxes import Seen, last_day
from portal.pages import day, moment
from portal.results import Denied, Done, Result
from portal.views import me, parts
from portal.views.answers import result_page
from portal.views.own import is_proved, offered
from portal.views.sign_in import needs_fresh_proof

views = Blueprint("mailbox", __name__, url_prefix="/mailbox")
NEARLY_FULL = 0.9
UNITS = ("B", "kB", "MB", "GB", "TB")
FORWARDS = (SetForwarding, ForwardOutside)


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way by which mail leaves, as the page shows it."""

    target: str
    state: str  # done: inside; wait: outside; no: in a circle
    words: str
    detail: str
    remove_url: str | None


@dataclass(frozen=True, kw_only=True)
class Line:
    """One of the mailbox's other addresses."""

    address: str
    remove_url: str | None


@views.get("")
@login_required
def index() -> ResponseReturnValue:
    account = parts().accounts.read(me().account_id)
    seen = mine(account)
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
        ways=[_way(forward, account) for forward in box.forwards],
        unread=box.unread,
        no_copy=any(not one.keep_copy and _now(one) for one in box.forwards),
        forward_url=url_for("forwarding.change") if can_forward else None,
        aliases=[_line(address, account) for address in box.aliases],
        alias_url=url_for("mailbox_wishes.ask_alias") if offered(AskAlias, account) else None,
        quota=box.quota,
        quota_words=_quota_words(box.quota),
        nearly_full=bool(box.quota and (box.quota.part or 0) >= NEARLY_FULL),
        quota_url=url_for("mailbox_wishes.ask_quota") if offered(AskQuota, account) else None,
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
    """My mailbox; 404 where no mail system is for me."""
    if not parts().forwards.mailboxes.known(account):
        abort(404)
    return parts().forwards.mailboxes.of(account) or Seen(mailbox=Mailbox(address=account.mail or ""))


def sure(
    account: Account, action: Action, *, title: str, explanation: str, facts: list[tuple[str, str]], submit: str
) -> ResponseReturnValue:
    """One question before something is taken away, then the desk."""
    if not is_proved(type(action)):
        return needs_fresh_proof()
    form = FlaskForm()
    if form.validate_on_submit():
        return answer(parts().desk.submit(me(), action, account))
    return render_template(
        "actions/ask.html",
        form=form,
        title=title,
        explanation=explanation,
        facts=facts,
        submit=submit,
        deciders=[],
        cancel_url=url_for("mailbox.index"),
    )


def answer(result: Result) -> ResponseReturnValue:
    """Back to the mailbox when it is done; else the page that says what became of it."""
    if isinstance(result, Done):
        return redirect(url_for("mailbox.index"))
    if isinstance(result, Denied) and result.reason in ("fresh_proof", "more_proof"):
        return needs_fresh_proof()
    back = url_for("mailbox.index")
    return result_page(result, None, retry_url=back, onward=(_("Back to my mailbox"), back))


def key_of(address: str) -> str:
    """An address's name in the addresses of pages: which one it is, and nothing of it."""
    return parts().keys.digest("mail", address)


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


def _way(forward: Forward, account: Account) -> Way:
    guard, ours = parts().forwards, forward.source is Source.PORTAL and offered(RemoveForwarding, account)
    if guard.comes_back(forward.target, account):
        state, words = "no", _("Comes back: a circle")
    elif "@" in forward.target and guard.place(forward.target) is Place.INSIDE:
        state, words = "done", _("Inside")
    else:
        state, words = "wait", _("Outside")
    return Way(
        target=forward.target,
        state=state,
        words=words,
        detail=" ".join(_details(forward)),
        remove_url=url_for(".remove_forward", key=key_of(forward.target)) if ours else None,
    )


def _now(forward: Forward) -> bool:
    """Whether it is in force."""
    now = parts().clock()
    return (forward.starts is None or forward.starts <= now) and (forward.ends is None or now < forward.ends)


def _details(forward: Forward) -> list[str]:
    now: datetime = parts().clock()
    copy = _("A copy stays here.") if forward.keep_copy else _("Nothing stays here.")
    if forward.source is Source.FILTER:
        where = _("By a rule of your own, “%(name)s”; change it in your mail program.", name=forward.rule)
        return [where]
    if forward.source is Source.SERVER:
        return [copy, _("Set by those who run the mail system.")]
    said = [copy]
    if forward.starts and forward.starts > now:
        said.append(_("Begins %(time)s.", time=moment(forward.starts, now)))
    if last := last_day(forward.ends, parts().settings.time_zone):
        over = forward.ends is not None and forward.ends <= now
        said.append(_("Ended %(day)s.", day=day(last)) if over else _("Ends %(day)s.", day=day(last)))
    return said


def _line(address: str, account: Account) -> Line:
    removable = offered(RemoveAlias, account)
    return Line(address=address, remove_url=url_for(".remove_alias", key=key_of(address)) if removable else None)


def _quota_words(quota: Quota | None) -> str:
    if quota is None:
        return ""
    if quota.used is None:
        return _("It can hold %(limit)s.", limit=size(quota.limit or 0))
    if quota.limit is None:
        return _("%(used)s used, without a limit.", used=size(quota.used))
    return _("%(used)s of %(limit)s used", used=size(quota.used), limit=size(quota.limit))


def size(octets: int) -> str:
    """3.1 GB; whole numbers below ten are not rounded to none."""
    value, unit = float(octets), 0
    while value >= 1024 and unit < len(UNITS) - 1:
        value, unit = value / 1024, unit + 1
    return f"{value:.1f}".removesuffix(".0") + f" {UNITS[unit]}"
