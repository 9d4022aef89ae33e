"""'It was not me': from a notice or the history, without a sign-in; acts only on the button."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from connectors.errors import ConnectorError
from portal.actions import ACTIONS
from portal.actions.freeze_account import FreezeAccount
from portal.identity import SYSTEM, Principal
from portal.post import UNDO_HOURS
from portal.results import Done, short
from portal.tables import operation, used_link
from portal.tickets.ticket import Wish
from portal.views import parts, source
from portal.views.answers import TicketLine
from portal.views.events import WORDS
from portal.web.languages import choose_language

views = Blueprint("undo", __name__, url_prefix="/undo")


def not_me_path(account_id: str) -> str:
    """Where the owner of this account, signed in, says that something was not him."""
    ends = int((parts().clock() + timedelta(hours=UNDO_HOURS)).timestamp())
    return parts().links.undo(account_id, "history", ends).removeprefix(parts().settings.base)


@views.get("/<token>")
def ask(token: str) -> ResponseReturnValue:
    """Opening the link changes nothing: mail scanners open links too."""
    meant = _meant(token)
    if meant is None:
        return render_template("undo.html", works=False, what="", at=parts().clock(), origin=""), 410
    what, at, origin = _what(meant[1])
    return render_template("undo.html", works=True, what=what, at=at, origin=origin)


@views.post("/<token>")
def freeze(token: str) -> ResponseReturnValue:
    """Lock the account, end every session and code, and open one urgent ticket."""
    meant = _meant(token)
    if meant is None or not _use(token):
        return render_template("undo.html", works=False, what="", at=parts().clock(), origin=""), 410
    account_id, attempt = meant
    with parts().database.write() as tx:  # even if the directory cannot lock the account now
        parts().address_changes.cancel_all(tx, account_id)
        parts().timers.drop_held(tx, account_id)
    system = Principal(account_id=SYSTEM, login=SYSTEM, name="", source=source(), session=attempt)
    result = parts().desk.submit(system, FreezeAccount(account_id=account_id))
    _take_back(system, account_id, attempt)
    number = _ticket(account_id, attempt)
    return render_template(
        "undo_done.html",
        frozen=isinstance(result, Done),
        title="",
        explanation="",
        systems=[],
        next_steps=[_("Somebody from the service desk talks to you before the account is opened again.")],
        ticket=TicketLine(number, parts().links.ticket_path(number)),
        attempt=short(result.attempt) if result.attempt else None,
        step=0,
        steps=None,
        onward=(_("Go to the start"), url_for("home.index")),
        undo_url=None,
    )


def _take_back(system: Principal, account_id: str, attempt: str) -> None:
    """Take away again what was given then: where mail is sent on, who reads along, an address."""
    with parts().database.read() as db:
        row = db.execute(select(operation).where(operation.c.id == attempt)).first()
    undoing = ACTIONS[row.action].undoing(row.details) if row and row.account_id == account_id else None
    if undoing and undoing[0] in ACTIONS:
        parts().desk.submit(system, ACTIONS[undoing[0]].from_details(account_id, undoing[1]))


def _meant(token: str) -> tuple[str, str] | None:
    """The account and attempt of a link that still works."""
    meant = parts().links.undo_of(token)
    if meant is None or meant[2] < parts().clock().timestamp():
        return None
    with parts().database.read() as db:
        used = db.execute(select(used_link.c.used).where(used_link.c.digest == _digest(token))).first()
    return None if used else (meant[0], meant[1])


def _use(token: str) -> bool:
    """Use the link up; False if somebody was quicker."""
    try:
        with parts().database.write() as tx:
            tx.execute(insert(used_link).values(digest=_digest(token), used=parts().clock()))
    except IntegrityError:
        return False
    return True


def _digest(token: str) -> str:
    return parts().keys.digest("undo", token)


def _what(attempt: str) -> tuple[str, Any, str]:
    with parts().database.read() as db:
        row = db.execute(select(operation).where(operation.c.id == attempt)).first()
    if row is None:
        return "", parts().clock(), ""
    what, details = str(WORDS[ACTIONS[row.action].kind][0]), row.details
    if aim := details.get("target") or details.get("who") or details.get("address"):
        what = f"{what}: {aim}"
    if row.reason == "held":
        what = _("Asked for, with a time of waiting before it begins. %(what)s", what=what)
    return what, row.started, row.source


def _ticket(account_id: str, attempt: str) -> int:
    try:
        login = parts().accounts.read(account_id).login
    except ConnectorError:
        login = account_id
    wish = Wish(
        requester_id=account_id,
        claim=login,
        action="freeze_account",
        reason="not_me",
        steps=[f"attempt:{attempt}"],
        language=choose_language(),
        key=f"{account_id}/not_me",
    )
    actor = Principal(account_id=account_id, login=login, name="", source=source(), session=attempt)
    with parts().database.write() as tx:
        return parts().counter.open(tx, wish, actor=actor)
