"""What becomes of each of several people one answers for, as a line of a page: before it is done, and after."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from connectors.account import Account
from connectors.errors import ConnectorError
from portal.action import Action
from portal.actions.extend_account import ExtendAccount
from portal.actions.let_lapse import LetLapse
from portal.explaining.explain import explain
from portal.explaining.reasons import reason_of
from portal.extending.extension import Offer, offer
from portal.extending.sponsored import Extended
from portal.policy import Deny, NeedsApproval
from portal.results import Done, Pending, Result, Unsure
from portal.views import me, parts
from portal.views.sponsored_forms import PlanForm, SureForm
from portal.web.pages import day

# The explainer speaks to whose account it is; here somebody else reads about it.
REASONS = {
    "no_end_date": _l("The account has no end date."),
    "extension_not_offered": _l("Accounts of this kind are not extended here."),
    "extension_too_early": _l("It is too early to extend it."),
    "extension_limit": _l("It has been extended as far as the rules allow."),
    "extension_too_far": _l("The rules do not allow this date for it."),
    "ended": _l("The account has ended already."),
    "inactive": _l("The account has ended already."),
    "disabled": _l("The account is switched off."),
    "protected": _l("The account has special rights: only people extend it."),
    "account_not_found": _l("There is no such account any more."),
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One person. `why` says what stands against it, or went wrong; empty: nothing."""

    account_id: str
    name: str
    login: str = ""
    old: date | None = None
    new: date | None = None
    why: str = ""
    state: str = ""  # of what was done: done, wait, no, unsure
    words: str = ""
    attempt: str = ""  # of what can be taken back


def lines_for(form: PlanForm, decision: str) -> list[Line]:
    """What it would come to for each. Of somebody one does not answer for nothing is told, not even the name."""
    return [line for account_id in form.chosen if (line := _foreseen(account_id, form, decision))]


def carried_out(form: SureForm) -> list[Line]:
    """Do it for each whose end is still the one that was shown."""
    lines = []
    for account_id, shown in form.shown.items():
        wish: Action
        if form.decision.data == "lapse":
            wish = LetLapse(account_id=account_id, ends_on=shown, reason=form.reason.data)
        else:
            wish = ExtendAccount(account_id=account_id, until=form.day or date.min, reason=form.reason.data)
        lines += _done(wish, shown)
    return lines


def taken_back(extensions: Iterable[Extended]) -> list[Line]:
    """Give each the end it had."""
    return [line for one in extensions for line in _done(one.taken_back(), one.new)]


def _foreseen(account_id: str, form: PlanForm, decision: str) -> Line | None:
    account = _mine(account_id)
    if account is None or isinstance(account, Line):
        return account
    ends_on = account.state.ends_on
    wish: Action
    if decision == "lapse":
        if ends_on is None:
            return _line(account, why=str(REASONS["no_end_date"]))
        wish = LetLapse(account_id=account.id, ends_on=ends_on, reason=form.reason.data)
    else:
        wish = ExtendAccount(account_id=account.id, until=form.until.data, reason=form.reason.data)
    new = form.until.data if decision == "extend" else ends_on
    match parts().desk.foresee(me(), wish, account):
        case Deny(reason):
            return _line(account, new=new, why=_against(reason, account))
        case NeedsApproval():
            return _line(account, new=new, words=_("Somebody else has to agree, too."))
        case _:
            return _line(account, new=new)


def _done(wish: Action, shown: date) -> list[Line]:
    account = _mine(wish.account_id)
    if account is None:
        return []
    if isinstance(account, Line):
        return [account]
    if account.state.ends_on != shown:
        return [_line(account, why=str(explain("end_changed").title), state="no", words=_("Not changed"))]
    result = parts().desk.submit(me(), wish, account)
    return [_told(result, wish, account)]


def _told(result: Result, wish: Action, before: Account) -> Line:
    new = getattr(wish, "until", None)
    match result:
        case Done(attempt=attempt):
            undoable = attempt if isinstance(wish, ExtendAccount) else ""
            return _line(before, new=new, state="done", words=_("Done"), attempt=undoable)
        case Pending(ticket=number):
            words = _("Waits, as ticket %(number)s", number=number)
            return _line(before, new=new, state="wait", words=words)
        case Unsure():
            return _line(before, new=new, state="unsure", words=_("Not sure yet; we look every minute"))
        case _:
            return _line(before, state="no", words=_("Not changed"), why=_against(result.reason, before))


def _mine(account_id: str) -> Account | Line | None:
    """The account, read just now, if the one who is signed in answers for it."""
    try:
        account = parts().accounts.read(account_id)
        return account if parts().sponsors.answers_for(me().account_id, account) else None
    except ConnectorError as error:
        why = str(REASONS.get(reason_of(error)) or explain(reason_of(error)).title)
        return Line(account_id=account_id, name=_("Somebody you chose"), why=why, state="no", words=_("Not changed"))


def _line(
    account: Account, *, new: date | None = None, why: str = "", state: str = "", words: str = "", attempt: str = ""
) -> Line:
    return Line(
        account_id=account.id,
        name=account.name,
        login=account.login,
        old=account.state.ends_on,
        new=new,
        why=why,
        state=state,
        words=words,
        attempt=attempt,
    )


def _against(reason: str, account: Account) -> str:
    """Why not, with the day from or up to which it could be."""
    words = str(REASONS.get(reason) or explain(reason).title)
    found = offer(account, parts().settings.extension_rules, parts().today())
    if reason == "extension_too_far" and isinstance(found, Offer):
        words += " " + _("From %(first)s to %(last)s.", first=day(found.earliest), last=day(found.latest))
    if not isinstance(found, Offer) and found.opens_on and reason == found.reason:
        words += " " + _("From %(first)s on.", first=day(found.opens_on))
    return words
