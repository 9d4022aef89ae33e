"""Quick entry: somebody calls or comes, and one screen makes a ticket of it; what is open already is shown first."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from connectors.account import Account
from portal.actions.anything_else import AnythingElse
from portal.actions.extend_account import ExtendAccount
from portal.actions.reset_password import ResetPassword
from portal.actions.unlock_account import UnlockAccount
from portal.callers.channels import CHANNELS
from portal.tickets.facts import facts_of
from portal.tickets.ticket import Ticket, Wish
from portal.tickets.words import subject_of
from portal.views import me, parts
from portal.views.belonging import label_of
from portal.views.guards import for_staff
from portal.views.seen import list_seen
from portal.web.forms import no_control_characters

views = Blueprint("new_ticket", __name__, url_prefix="/desk/new")
KINDS = {
    ResetPassword.name: _l("Cannot sign in, or needs a new password"),
    UnlockAccount.name: _l("The account is locked"),
    ExtendAccount.name: _l("More time for the account"),
    AnythingElse.name: _l("Something else"),
}
HELPED_AT_ONCE = (ResetPassword.name, UnlockAccount.name, ExtendAccount.name)  # after the check of the caller
TAKEN_IN = [(name, CHANNELS[name]) for name in ("phone", "desk", "letter")]
NOBODY = "nobody"


class NewForm(FlaskForm):
    claim = StringField(
        _l("Who is it? User name or address"),
        [
            InputRequired(_l("Type a user name or an address.")),
            Length(max=256, message=_l("That is too long for a name.")),
            no_control_characters,
        ],
        description=_l("The number of a ticket leads to that ticket."),
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false", "autofocus": True},
    )
    channel = RadioField(_l("How?"), choices=TAKEN_IN, default="phone")
    kind = RadioField(_l("What do they need?"), choices=list(KINDS.items()), default=ResetPassword.name)
    subject = StringField(
        _l("In a few words"),
        [Optional(), Length(max=120, message=_l("That is longer than 120 characters.")), no_control_characters],
        description=_l("May stay empty, unless it is something else."),
    )
    text = TextAreaField(
        _l("What they say"),
        [Optional(), Length(max=4000, message=_l("That is longer than 4000 characters."))],
        description=_l("No passwords or codes, please."),
        render_kw={"rows": 3},
    )
    account = RadioField(_l("Which of them?"), [Optional()], choices=[])
    anyway = BooleanField(_l("It is about something else: open another ticket"))


@views.route("", methods=["GET", "POST"])
@for_staff
def new() -> ResponseReturnValue:
    """By POST, so that whom somebody asked about stands in no address."""
    form = NewForm()
    if "kind" not in request.form:  # the name alone, from the person's page
        return _page(form, [], [])
    if number := _number(form.claim.data):
        return redirect(url_for("desk.ticket", number=number))
    found, silent = _find(form.claim.data or "")
    form.account.choices = [(a.id, f"{a.name} ({a.login}, {label_of(a.directory)})") for a in found]
    form.account.choices += [(NOBODY, _("None of these"))] if len(found) > 1 else [(NOBODY, _("Open it without one"))]
    valid = form.validate_on_submit()
    if not found and form.account.data != NOBODY and valid:
        form.claim.errors = [_silence(silent)]
        return _page(form, found, [], nobody=True)
    if form.kind.data == AnythingElse.name and not form.subject.data:
        form.subject.errors = [_("Say in a few words what it is about.")]
        valid = False
    if not valid:
        return _page(form, found, [])
    account = _chosen(form, found)
    if account is None and form.account.data != NOBODY:
        list_seen("those of one name")
        form.account.errors = [_("More than one person goes by that name. Choose one.")]
        return _page(form, found, [])
    if account and (open_ones := _open_tickets(account)) and not form.anyway.data:
        return _page(form, found, open_ones)
    return _open(form, account)


def _open(form: NewForm, account: Account | None) -> ResponseReturnValue:
    """Open it in the person's name, and take it: whoever has them on the telephone works on it."""
    kind = form.kind.data
    wish = Wish(
        requester_id=account.id if account else None,
        claim=account.login if account else form.claim.data.strip(),
        action=kind,
        reason="called",
        subject=form.subject.data or "",
        text=form.text.data or "",
        steps=(f"channel:{form.channel.data}",),
        facts=facts_of(account) if account else {},
        details={"channel": form.channel.data},
        language=(account.language if account else None) or "en",
        key=f"{account.id if account else form.claim.data}/{kind}/called/{form.subject.data}/{form.text.data}",
    )
    with parts().database.write() as tx:
        number = parts().counter.open(tx, wish, actor=me())
        ticket = parts().tickets.get(tx, number)
    if ticket.status == "open" and account and account.id != me().account_id:
        parts().counter.take(me(), number, ticket.version)
    checks = account is not None and account.id != me().account_id and kind in HELPED_AT_ONCE
    return redirect(url_for("callers.caller" if checks else "desk.ticket", number=number))


def _find(claim: str) -> tuple[list[Account], list[str]]:
    looks = list(parts().accounts.look(claim)) if claim.strip() else []
    found = [look.account for look in looks if look.account]
    return found, [label_of(look.place.directory) for look in looks if look.down]


def _silence(silent: list[str]) -> str:
    if silent:
        return str(_("The directory “%(name)s” did not answer. Try again in a few minutes.", name=", ".join(silent)))
    return str(_("Nobody goes by that name in any directory, or more than one person does."))


def _chosen(form: NewForm, found: list[Account]) -> Account | None:
    if len(found) == 1 and form.account.data != NOBODY:
        return found[0]
    return next((account for account in found if account.id == form.account.data), None)


def _number(claim: str | None) -> int | None:
    """The ticket of this number, if somebody typed one that there is."""
    digits = (claim or "").strip().removeprefix("#")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
        return None
    with parts().database.read() as db:
        return int(digits) if parts().tickets.exists(db, int(digits)) else None


def _open_tickets(account: Account) -> list[Ticket]:
    with parts().database.read() as db:
        return parts().service_desk.merging.likely(db, requester_id=account.id, claim=account.login)


def _page(form: NewForm, found: list[Account], open_ones: list[Ticket], *, nobody: bool = False) -> ResponseReturnValue:
    tickets: list[Any] = [(t.number, str(subject_of(t)), url_for("desk.ticket", number=t.number)) for t in open_ones]
    if len(found) < 2 and not nobody:
        del form.account
    if not open_ones:
        del form.anyway
    return render_template("desk/new.html", form=form, tickets=tickets), 422 if form.errors else 200
