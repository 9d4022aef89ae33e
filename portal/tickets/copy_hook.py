"""Where another ticket system tells what became of a copy. Every message is signed (Standard Webhooks 1.0)."""

from flask import Blueprint, abort, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, insert, select

from connectors.ticket_copies import CopyState, TellsCopyState
from connectors.tickets.webhook import is_genuine
from portal.tables import used_link
from portal.views import parts

views = Blueprint("ticket_status", __name__, url_prefix="/api/v1")


@views.post("/ticket-status")
def told() -> ResponseReturnValue:
    """Take `{"data": {"key": …, "state": "open|solved|refused|gone"}}`; a system that can be asked is asked."""
    system = parts().settings.ticket_system
    if system is None or not system.secret:
        abort(404)
    headers = {name.lower(): value for name, value in request.headers}
    if not is_genuine(system.secret, headers, request.get_data(), parts().clock()):
        return jsonify(error="the signature or the time is wrong"), 401
    said = request.get_json(force=True, silent=True)
    data = said.get("data") if isinstance(said, dict) else None
    key, state = (data.get("key"), data.get("state")) if isinstance(data, dict) else (None, None)
    if not isinstance(key, str) or state not in list(CopyState):
        return jsonify(error="data.key and data.state are needed"), 422
    with parts().database.write() as tx:
        number = parts().copies.number_of(tx, key)
        if number is None:
            return jsonify(error="there is no copy with this key"), 404
        if _is_new(tx, headers["webhook-id"]):
            _take(tx, number, CopyState(state))
    return jsonify(status="ok")


def _is_new(tx: Connection, id_: str) -> bool:
    """A message that comes again, by a mistake or on purpose, changes nothing."""
    digest = parts().keys.digest("ticket-status", id_)
    if tx.execute(select(used_link.c.digest).where(used_link.c.digest == digest)).first():
        return False
    tx.execute(insert(used_link).values(digest=digest, used=parts().clock()))
    return True


def _take(tx: Connection, number: int, state: CopyState) -> None:
    if parts().connectors.able_to(TellsCopyState):
        parts().copies.ask_soon(tx, number)
    else:
        parts().copies.told(tx, number, state)
