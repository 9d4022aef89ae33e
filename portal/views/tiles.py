"""The record's read interface: checkpoint and tiles as any tlog-tiles reader fetches them (C2SP tlog-tiles)."""

from flask import Blueprint, Response, abort, session
from flask.typing import ResponseReturnValue
from flask_login import current_user

from audit import serving, timestamps
from audit.event import Event
from audit.verify.timestamp import NOTE, TOKEN
from portal.identity import AUDITS
from portal.views import me, parts, source

views = Blueprint("tiles", __name__, url_prefix="/audit")
_CHANGES = {"Cache-Control": "no-store"}


@views.get("/checkpoint")
def checkpoint() -> ResponseReturnValue:
    with parts().database.read() as db:
        note = serving.checkpoint(db)
    if note is None:
        abort(404)
    return Response(note, content_type="text/plain; charset=utf-8", headers=_CHANGES)


@views.get("/tile/<path:path>")
def tile(path: str) -> ResponseReturnValue:
    """Hash tiles are for everybody; the entries themselves for auditors, whose looking is itself recorded."""
    entries = path.startswith("entries/")
    if entries:
        _only_auditors()
    with parts().database.read() as db:
        body = serving.tile(db, f"tile/{path}")
    if body is None:
        abort(404)
    # A proxy that kept the entries would hand them to whoever comes next.
    caching = "no-store" if entries else "public, max-age=31536000, immutable"
    return Response(body, content_type="application/octet-stream", headers={"Cache-Control": caching})


@views.get(f"/{NOTE}")
def timestamped() -> ResponseReturnValue:
    """The newest checkpoint that an authority outside has stamped, to the byte."""
    return Response(_newest_stamp().note, content_type="text/plain; charset=utf-8", headers=_CHANGES)


@views.get(f"/{TOKEN}")
def timestamp() -> ResponseReturnValue:
    """The authority's answer about it, under the type of RFC 3161, section 3.4."""
    return Response(_newest_stamp().token, content_type="application/timestamp-reply", headers=_CHANGES)


def _newest_stamp() -> timestamps.Stamped:
    with parts().database.read() as db:
        return timestamps.newest(db) or abort(404)


def _only_auditors() -> None:
    if not current_user.is_authenticated:
        abort(403)
    if not current_user.roles >= AUDITS or current_user.units is not None:
        abort(403)  # a bundle holds entries of all units
    if not session.get("reads_entries"):
        actor = me()
        event = Event(
            kind="audit_exported",
            actor=actor.account_id,
            session=actor.session,
            source=source(),
            factors=actor.factors,
            object="tile/entries",
        )
        with parts().database.write() as tx:
            parts().log.record(tx, event, "success")
        session["reads_entries"] = True
