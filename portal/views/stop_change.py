"""Stop a change of private addresses from the mail that told of it: without a sign-in, and only by the button."""

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.actions.cancel_address_change import CancelAddressChange
from portal.identity import SYSTEM, Principal
from portal.own_data.address_changes import AddressChange
from portal.post import UNDO_HOURS, masked
from portal.results import Done, short
from portal.views import parts, source

views = Blueprint("stop_change", __name__, url_prefix="/undo/address")


@views.get("/<token>")
def ask(token: str) -> ResponseReturnValue:
    """Opening the link changes nothing: mail scanners open links too."""
    return _page(_meant(token))


@views.post("/<token>")
def stop(token: str) -> ResponseReturnValue:
    """End the change if it still waits. Needs nothing but our own database, so it works when the directory does not."""
    change = _meant(token)
    if change is None or change.state != "waiting":
        return _page(change)
    system = Principal(account_id=SYSTEM, login=SYSTEM, name="", source=source(), session=change.id)
    owner = Principal(account_id=change.account_id, login="", name="").as_account()
    action = CancelAddressChange(account_id=change.account_id, change_id=change.id)
    result = parts().desk.submit(system, action, owner)
    if not isinstance(result, Done):
        return _page(_meant(token))
    return render_template(
        "stop_change_done.html",
        title="",
        explanation="",
        systems=[],
        next_steps=[],
        ticket=None,
        attempt=short(result.attempt),
        step=0,
        steps=None,
        onward=(_("Go to the start"), url_for("home.index")),
        undo_url=_undo_url(change),
    )


def _page(change: AddressChange | None) -> ResponseReturnValue:
    state = change.state if change else "unknown"
    late = change is not None and state in ("applying", "applied") and parts().clock() < _undo_ends(change)
    context: dict[str, Any] = {
        "state": state,
        "old": masked(change.old) if change else "",
        "new": masked(change.new) if change else "",
        "due": change.due if change else None,
        "undo_url": _undo_url(change) if change and late else None,
    }
    return render_template("stop_change.html", **context), 200 if state == "waiting" else 410


def _meant(token: str) -> AddressChange | None:
    """The change a link stands for; None if the link was not made here, or the change is long gone."""
    change_id = parts().links.cancel_address_of(token)
    if change_id is None:
        return None
    with parts().database.read() as db:
        return parts().address_changes.get(db, change_id)


def _undo_url(change: AddressChange) -> str:
    """The same link however often the page is opened, so that it locks the account once."""
    return parts().links.undo(change.account_id, "address", int(_undo_ends(change).timestamp()))


def _undo_ends(change: AddressChange) -> datetime:
    """Not for ever: an address that was taken away may belong to somebody else one day."""
    return change.due + timedelta(hours=UNDO_HOURS)
