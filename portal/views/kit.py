"""Several changes on one form, all or nothing: my own for a holiday, the service desk's for somebody ill or gone."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, abort, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import login_required
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, EmailField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from connectors.account import Account
from connectors.errors import AccountAmbiguous, AccountNotFound
from connectors.mailbox import AutoReply, Mailbox, Right
from portal.action import Action
from portal.actions.end_share import EndShare
from portal.actions.remove_auto_reply import RemoveAutoReply
from portal.actions.remove_forwarding import RemoveForwarding
from portal.actions.set_auto_reply import SetAutoReply
from portal.actions.sign_out_absent import SignOutAbsent
from portal.explaining.explain import explain
from portal.kit import State, Step, Taken
from portal.mailboxes.auto_replies import AutoReplying
from portal.mailboxes.forwarding import Forwarding
from portal.mailboxes.mailbox import begins, last_day
from portal.mailboxes.shares import BoxSystems
from portal.mailboxes.sharing import Sharing
from portal.policy import Allow, Deny
from portal.views import me, parts
from portal.views.guards import for_staff
from portal.views.kit_offer import OWN, STAFF, Kinds, kit_offered, ready
from portal.views.mailbox import mine
from portal.views.own import is_proved, offered
from portal.views.people import views as people_views
from portal.views.sign_in import needs_fresh_proof
from portal.web.forms import no_control_characters, why_for_somebody

views = Blueprint("kit", __name__, url_prefix="/mailbox/away")
_ADDRESS = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
_TOO_LONG = _l("That is longer than an e-mail address can be.")
WORDS = {
    State.DONE: ("done", _l("Done")),
    State.BACK: ("", _l("Taken back")),
    State.OPEN: ("wait", _l("Being taken back")),
    State.NOT: ("no", _l("Not done")),
}


class KitForm(FlaskForm):
    starts = DateField(_l("First day"), [Optional()], description=_l("Leave it empty to begin now."))
    ends = DateField(
        _l("Last day"), [Optional()], description=_l("After it everything ends by itself. Empty: it goes on.")
    )
    subject = StringField(
        _l("Subject of the auto reply"),
        [Length(max=200, message=_l("That is longer than 200 characters.")), no_control_characters],
    )
    text = TextAreaField(
        _l("Text of the auto reply"),
        [Length(max=5000, message=_l("That is longer than 5000 characters."))],
        description=_l("Leave it empty for no auto reply."),
        render_kw={"rows": 5},
    )
    address = EmailField(
        _l("Send new mail on to"),
        [Optional(), Length(max=254, message=_TOO_LONG), no_control_characters],
        description=_l("An address inside the organisation; a copy stays. Leave it empty to send nothing on."),
        render_kw=_ADDRESS,
    )
    colleague = EmailField(
        _l("Who may use the mailbox meanwhile"),
        [Optional(), Length(max=254, message=_TOO_LONG), no_control_characters],
        description=_l("The e-mail address of a colleague, who then reads and answers from today on. Empty: nobody."),
        render_kw=_ADDRESS,
    )

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        starts, ends = self.starts.data, self.ends.data
        if ends and ends < max(starts or date.min, parts().today()):
            self.ends.errors = [_("The last day is before the first.") if starts else _("That day is over.")]
            return False
        chosen = [self[name].data for name in ("text", "address", "colleague") if name in self]
        if not any((text or "").strip() for text in chosen) and not ("sign_out" in self and self["sign_out"].data):
            first = next(name for name in ("text", "address", "colleague") if name in self)
            self[first].errors = [_("Fill in at least one of the changes.")]
            return False
        return True


class StaffKitForm(KitForm):
    reason = why_for_somebody()
    sign_out = BooleanField(
        _l("Sign out everywhere"),
        description=_l("Ends every session now, for somebody who leaves. It cannot be taken back."),
    )


@dataclass(frozen=True, kw_only=True)
class Line:
    """One change, as the page says what became of it."""

    words: str
    state: str
    said: Any
    why: Any


@views.route("", methods=["GET", "POST"])
@login_required
def away() -> ResponseReturnValue:
    account = parts().accounts.read(me().account_id)
    back = url_for("mailbox.index")
    return _page(KitForm(), OWN, account, title=_("Going away"), back=(_("Back to my mailbox"), back))


@people_views.route("/<path:account_id>/kit", methods=["GET", "POST"])
@for_staff
def kit(account_id: str) -> ResponseReturnValue:
    """For somebody who is ill or has left. What was there before is not shown: it is that person's mail."""
    try:
        account = parts().accounts.read(account_id)
    except AccountNotFound:
        abort(404)
    if account.id == me().account_id:
        abort(404)
    title = _("%(name)s is absent or leaves", name=account.name)
    back = (_("Back to %(name)s", name=account.name), url_for("people.person", account_id=account.id))
    return _page(StaffKitForm(), STAFF, account, title=title, back=back)


def _page(form: Any, kinds: Kinds, account: Account, *, title: str, back: tuple[str, str]) -> ResponseReturnValue:
    box = mine(account).mailbox
    if not kit_offered(kinds, account):
        abort(404)
    if not all(is_proved(kind) for kind in (*ready(kinds, account), *_last(kinds, account))):
        return needs_fresh_proof()
    _fit(form, kinds, account)
    if form.validate_on_submit() and (steps := _checked(form, kinds, account, box)):
        return _told(parts().kits.carry_out(me(), steps, account), title, back)
    return render_template(
        "mailbox/kit.html", form=form, title=title, zone=parts().settings.time_zone, cancel_url=back[1]
    ), 422 if form.errors else 200


def _last(kinds: Kinds, account: Account) -> list[type[Action]]:
    """What nothing takes back."""
    return [SignOutAbsent] if kinds is STAFF and offered(SignOutAbsent, account) else []


def _fit(form: Any, kinds: Kinds, account: Account) -> None:
    """Without what is not offered for this person."""
    replies, forwards, shares = (kind in ready(kinds, account) for kind in kinds)
    if not replies:
        del form.subject, form.text
    if not forwards:
        del form.address
    if "sign_out" in form and not offered(SignOutAbsent, account):
        del form.sign_out
    if not shares or _inside_right(account) is None:
        del form.colleague


def _checked(form: Any, kinds: Kinds, account: Account, box: Mailbox) -> list[Step] | None:
    """The steps, if the desk would let each of them be done at once; None with the reason beside its field."""
    steps = []
    for name, step in _steps(form, kinds, account, box):
        if step is None:
            return None
        match parts().desk.foresee(me(), step.action, account):
            case Deny(reason):
                form[name].errors = [str(explain(reason).title)]
                return None
            case Allow():
                steps.append(step)
            case _:
                form[name].errors = [
                    _("Others have to agree to this first, so it cannot be done together with the rest.")
                ]
                return None
    return steps


def _steps(form: Any, kinds: Kinds, account: Account, box: Mailbox) -> Iterator[tuple[str, Step | None]]:
    reply, forward, share = kinds
    first, last = (one.data.isoformat() if one.data else "" for one in (form.starts, form.ends))
    usual: dict[str, Any] = {"account_id": account.id, "last_day": last, "zone": parts().settings.time_zone}
    if "reason" in form:
        usual |= {"reason": form.reason.data, "done_by": me().name}
    if "text" in form and form.text.data.strip():
        texts = {"subject": (form.subject.data or "").strip(), "text": form.text.data, "first_day": first}
        yield "text", _reply(reply(**usual, **texts), box.auto_reply)
    if "address" in form and form.address.data:
        yield "address", _forward(form, forward, usual, box, first)
    if "colleague" in form and form.colleague.data:
        yield "colleague", _share(form, share, usual, account)
    if "sign_out" in form and form.sign_out.data:  # nothing takes it back
        named = {name: usual[name] for name in ("account_id", "reason", "done_by")}
        yield "sign_out", Step(action=SignOutAbsent(**named))


def _reply(action: Action, before: AutoReply | None) -> Step:
    """What was there comes back, unless this process dies meanwhile: its text is written down nowhere."""
    off = RemoveAutoReply(account_id=action.account_id)
    if before is None:
        return Step(action=action, back=off)
    zone = parts().settings.time_zone
    first, last = last_day(before.starts, zone), last_day(before.ends, zone)
    again = SetAutoReply(
        account_id=action.account_id,
        subject=before.subject,
        text=before.text,
        outside_text=before.outside_text,
        inside_only=before.inside_only,
        first_day=(first + timedelta(days=1)).isoformat() if first else "",
        last_day=last.isoformat() if last else "",
        zone=zone,
        days=before.days,
    )
    return Step(action=action, back=again, later=off)


def _forward(form: Any, kind: type[Forwarding], usual: dict[str, Any], box: Mailbox, first: str) -> Step | None:
    target = form.address.data.strip().lower()
    if target in {one.target.casefold() for one in box.forwards}:
        form.address.errors = [_("Mail is sent on there already.")]
        return None
    start = begins(first, usual["zone"])
    waits = start.isoformat() if start and start > parts().clock() else ""
    action = kind(**usual, target=target, keep_copy=True, waits_until=waits)
    return Step(action=action, back=RemoveForwarding(account_id=action.account_id, target=target))


def _share(form: Any, kind: type[Sharing], usual: dict[str, Any], account: Account) -> Step | None:
    who, own, given = _colleague(form, account), account.mail or "", _inside_right(account)
    if who is None or given is None:
        return None
    right, system = given
    there = [one for one in BoxSystems(parts().connectors, account).shares().mine if one.system == system]
    if who.casefold() in {one.who.casefold() for one in there if one.box == own}:
        form.colleague.errors = [_("They may use it already.")]
        return None
    action = kind(**usual, box=own, who=who, right=right.value, system=system)
    return Step(action=action, back=EndShare(account_id=account.id, box=own, who=who, system=system))


def _inside_right(account: Account) -> tuple[Right, str] | None:
    """The right with which somebody can look after a mailbox, and the system that gives it."""
    given = BoxSystems(parts().connectors, account).own_rights
    return next(((right, given[right]) for right in (Right.WORK, Right.READ) if right in given), None)


def _colleague(form: Any, account: Account) -> str | None:
    """The address of somebody else who works here; None with the reason beside the field."""
    try:
        found = parts().accounts.find(form.colleague.data.strip())
    except (AccountNotFound, AccountAmbiguous):
        found = replace(account, mail=None)
    if found.mail and found.id != account.id and not found.state.disabled and not found.state.ended:
        return found.mail
    form.colleague.errors = [_("Nobody else here has that address.")]
    return None


def _told(taken: list[Taken], title: str, back: tuple[str, str]) -> ResponseReturnValue:
    states = {one.state for one in taken}
    result = "done" if states == {State.DONE} else "unsure" if State.OPEN in states else "failed"
    return render_template(
        "mailbox/kit_done.html", title=title, result=result, lines=[_line(one) for one in taken], back=back
    ), 200 if result == "done" else 422


def _line(taken: Taken) -> Line:
    state, said = WORDS[taken.state]
    reason = getattr(taken.result, "reason", "") if taken.state in (State.NOT, State.OPEN) else ""
    return Line(words=_words(taken.step.action), state=state, said=said, why=explain(reason).title if reason else "")


def _words(action: Action) -> str:
    match action:
        case Forwarding(target=target):
            return _("Mail is sent on to %(address)s", address=target)
        case Sharing(who=who):
            return _("%(who)s may use the mailbox", who=who)
        case AutoReplying():
            return _("Auto reply")
    return str(action.title)
