"""How my account stands, and what happened to it."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import login_required

from connectors.account import Account, AccountState
from portal.actions.add_ssh_key import AddSshKey
from portal.actions.extend_account import ExtendAccount
from portal.actions.remove_ssh_key import RemoveSshKey
from portal.actions.set_phone import SetPhone
from portal.actions.set_recovery_mail import SetRecoveryMail
from portal.own_data.addresses import readable
from portal.post import masked
from portal.tickets.words import subject_of
from portal.views import events, me, parts
from portal.views.own import offered
from portal.views.undo import not_me_path
from portal.web.pages import day, moment

views = Blueprint("account", __name__, url_prefix="/account")
PAGE = 50
LATELY = 5


class Person:
    """The head line of the page."""

    def __init__(self, account: Account) -> None:
        self.name = account.name
        self.login = account.login
        self.about = account.unit


def _extend_url() -> str:
    """Where more time is asked for: its own page, or the service desk where there is no rule for that."""
    own_page = parts().desk.offers(ExtendAccount)
    return url_for("asking.ask", name="extend-account" if own_page else "anything-else")


@views.get("")
@login_required
def index() -> ResponseReturnValue:
    account = parts().accounts.read(me().account_id)
    with parts().database.read() as db:
        enrolled = [f for f in parts().own_factors.of(db, account.id) if f.on]
        tickets = [t for t in parts().tickets.of(db, account.id) if t.is_open]
    ends_on = account.state.ends_on
    channels = {parts().factors[f.kind].channel for f in enrolled} | ({"mail"} if account.recovery_mail else set())
    return render_template(
        "account/index.html",
        person=Person(account),
        seen_at=account.seen_at,
        ends_on=ends_on,
        days_left=(ends_on - parts().today()).days if ends_on else None,
        extend_url=_extend_url() if ends_on else None,
        state=state_words(account.state),
        password=_password_words(account.state),
        own=_own(account),
        open_tickets=[(t.number, str(subject_of(t)), parts().links.ticket_path(t.number)) for t in tickets],
        ways=len(channels),
        factors=[f"{parts().factors[f.kind].title}: {f.name}" for f in enrolled]
        + ([_("Code to your private address")] if account.recovery_mail else []),
        events=events.events_of(events.history(account.id, LATELY)),
        change_password_url=url_for("asking.ask", name="change-password"),
        not_me_url=not_me_path(account.id),
    )


@views.get("/history")
@login_required
def history() -> ResponseReturnValue:
    before = request.args.get("before", type=int)
    entries = events.history(me().account_id, PAGE + 1, before)
    older = url_for(".history", before=entries[PAGE - 1].index) if len(entries) > PAGE else None
    return render_template(
        "account/history.html",
        events=events.events_of(entries[:PAGE]),
        newer_url=url_for(".history") if before else None,
        older_url=older,
        not_me_url=not_me_path(me().account_id),
    )


def state_words(state: AccountState) -> tuple[str, str]:
    """The state of an account as a tag: colour and words."""
    if state.disabled:
        return "no", _("Switched off")
    if state.ended:
        return "no", _("Ended")
    if state.locked_at:
        return "wait", _("Locked")
    return "done", _("Active")


def _own(account: Account) -> list[tuple[str, str, str, str]]:
    """What one can change about oneself here: label, what it is now, words and address of the link."""
    rows = []
    if offered(SetRecoveryMail, account):
        words = ", ".join(map(masked, account.recovery_mail)) or _("None yet")
        rows.append((_("Private addresses"), words, _("See or change addresses"), url_for("contact.index")))
    if offered(SetPhone, account):
        words = readable(account.phone) if account.phone else _("None yet")
        rows.append((_("Telephone"), words, _("Change the number"), url_for("contact.change_phone")))
    if offered(AddSshKey, account) or offered(RemoveSshKey, account):
        number = len(account.ssh_keys)
        words = ngettext("%(num)s key", "%(num)s keys", number) if number else _("None yet")
        rows.append((_("SSH keys"), words, _("See or change SSH keys"), url_for("ssh_keys.index")))
    return rows


def _password_words(state: AccountState) -> str:
    now = parts().clock()
    if state.must_change:
        return _("Has to be changed at the next sign-in.")
    changed = _("Changed %(when)s.", when=moment(state.password_changed_at, now)) if state.password_changed_at else ""
    until = _("Good until %(day)s.", day=day(state.password_expires_at)) if state.password_expires_at else ""
    return f"{changed} {until}".strip() or _("Set; the directory does not say when.")
