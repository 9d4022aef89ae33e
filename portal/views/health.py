"""For those who run it: is it alive, can it work, how much does it do."""

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from portal.record.feeds import feeds_of
from portal.tickets.copies import State
from portal.tickets.ticket import OPEN
from portal.views import parts

views = Blueprint("health", __name__)


@views.get("/healthz")
def alive() -> ResponseReturnValue:
    """The process answers."""
    return jsonify(status="ok")


@views.get("/readyz")
def ready() -> ResponseReturnValue:
    """The database answers, so pages and the record work. A directory that is down keeps nobody from the pages."""
    try:
        with parts().database.read() as db:
            db.execute(text("select 1"))
    except SQLAlchemyError:
        return jsonify(status="down", database="unreachable"), 503
    waiting, stuck = parts().outbox.waiting()
    with parts().database.read() as db:
        copies_stuck = parts().copies.counts(db)[State.STUCK]
    said = parts().sealed.word()
    record = "changed" if said and said.refused else "sealed" if parts().sealed.allows_changes() else "not sealed"
    return jsonify(status="ok", outbox_waiting=waiting, outbox_stuck=stuck, copies_stuck=copies_stuck, record=record)


@views.get("/metrics")
def metrics() -> ResponseReturnValue:
    """Prometheus text format. Counted from the database, so every process tells the same."""
    registry = CollectorRegistry()
    waiting, stuck = parts().outbox.waiting()
    Gauge("sparekey_outbox_waiting", "Mails and look-ups not carried out yet", registry=registry).set(waiting)
    Gauge("sparekey_outbox_stuck", "Rows given up; somebody has to look", registry=registry).set(stuck)
    with parts().database.read() as db:
        counts = parts().tickets.counts(db)
        copies = parts().copies.counts(db)
        size = parts().log.size(db)
    Gauge("sparekey_tickets_open", "Open tickets", registry=registry).set(sum(counts.get(s, 0) for s in OPEN))
    for state in (State.WAITING, State.STUCK):
        words = f"Tickets whose copy in the other system is {state}"
        Gauge(f"sparekey_ticket_copies_{state}", words, registry=registry).set(copies[state])
    words = "Seconds since the oldest entry was written that a receiver was not told of"
    behind = Gauge("sparekey_siem_behind_seconds", words, ["receiver"], registry=registry)
    for feed in feeds_of(parts()):
        since = feed.standing().waiting_since
        behind.labels(feed.settings.name).set((parts().clock() - since).total_seconds() if since else 0)
    Gauge("sparekey_audit_entries", "Entries in the record", registry=registry).set(size)
    said, late = parts().sealed.word(), parts().sealed.late().total_seconds()
    words = "Seconds since the sealer last found the record sound"
    Gauge("sparekey_audit_unsealed_seconds", words, registry=registry).set(late)
    refused = "1 if the record is no longer what was signed: an alarm"
    Gauge("sparekey_audit_refused", refused, registry=registry).set(bool(said and said.refused))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
