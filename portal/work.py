"""The worker: carries out the outbox, settles what was left open, and seals the record."""

import signal
from collections.abc import Callable
from zoneinfo import ZoneInfo

from connectors.ticket_copies import CopiesTickets
from connectors.timestamp_authority import TimestampAuthority
from portal.app import create_app
from portal.auditors.setting_changes import note_changes
from portal.callers.post import CallerPost
from portal.couriers import Couriers
from portal.doctor.checkup import Checkup
from portal.evidence.exporting import Exporting
from portal.housekeeping import sweep
from portal.jobs import going_on
from portal.letters import Letters
from portal.logs import prepare
from portal.mail_in.reading import look
from portal.own_data.cooling import carry_out_due
from portal.parts import Parts
from portal.record.anchors import Anchors
from portal.record.feeds import feeds_of
from portal.record.pruning import Pruning
from portal.record.sealer_child import SealerChild
from portal.record.timestamps import Timestamps
from portal.settings.installation import Settings
from portal.tickets.copying import Copying
from portal.tickets.mails import TicketMails
from portal.timers.running import run_timers
from portal.watching.watcher import watcher_of


def work(settings: Settings) -> None:
    """Run until SIGINT or SIGTERM."""
    prepare(settings.log_level)
    app = create_app(settings)
    parts: Parts = app.extensions["parts"]
    couriers = couriers_of(parts, Letters(app, settings))
    carriers = couriers.carriers()
    sealer = SealerChild(parts.clock)
    signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))

    # Looking people up never waits behind a mail server that says nothing: somebody sits before a page.
    look_ups = {"resolve": carriers["resolve"]}
    mails = {kind: carrier for kind, carrier in carriers.items() if kind not in look_ups}

    def carry() -> None:
        with app.app_context():
            while parts.outbox.run(look_ups) + parts.outbox.run(mails):
                pass

    def look_up() -> None:
        """Where all other threads wait for something; and wake them for a row whose next try has come."""
        with app.app_context():
            while parts.outbox.run(look_ups):
                pass
        if parts.outbox.is_due():
            parts.jobs.wake()

    def minute() -> None:
        with app.app_context():
            for job, run in jobs.items():
                with going_on(job):
                    run()
            carry()
            sweep(parts.database, parts.clock())

    jobs = every_minute(parts, couriers)
    feeds = [feed.run for feed in feeds_of(parts)]  # each in a thread of its own: none waits for another
    watches = [sealer.look] if settings.audit.signing_key else []
    note_changes(settings, parts.database, parts.log, parts.keys)
    try:
        parts.jobs.work(carry, minute, (look_up, parts.mail.rest, parts.auditing.index.run, *watches, *feeds))
    finally:
        sealer.stop()


def every_minute(parts: Parts, couriers: Couriers) -> dict[str, Callable[[], object]]:
    """Everything that must not be forgotten, in this order."""
    return {
        "recovery": parts.recovery.settle,
        "cooling": lambda: carry_out_due(parts),
        "timers": lambda: run_timers(parts),
        "watch": parts.watch.look,
        "silence": parts.silence.run,
        "coverage": parts.duty.coverage.run,
        "reviews": parts.duty.reviews.run,
        "notices": parts.notices.run,
        "fullness": parts.fullness.run,
        "care": parts.front.care.run,
        "mail in": lambda: look(parts.settings.mail_in, parts.front.intake),
        "anchors": couriers.anchors.run,
        "pruning": pruning_of(parts).run,
        "copies": couriers.copying.look,
        "watching": watcher_of(parts).run,
    }


def couriers_of(parts: Parts, letters: Letters) -> Couriers:
    """The couriers with what they need."""
    return Couriers(
        database=parts.database,
        keys=parts.keys,
        accounts=parts.accounts,
        walks=parts.walks,
        address_changes=parts.address_changes,
        limits=parts.limits,
        letters=letters,
        links=parts.links,
        mail=parts.mail,
        hooks=parts.hooks,
        anchors=_anchors(parts),
        timestamps=timestamps_of(parts),
        approvals=parts.approvals,
        ticket_mails=TicketMails(
            database=parts.database,
            tickets=parts.tickets,
            accounts=parts.accounts,
            absences=parts.absences,
            shifts=parts.duty.shifts,
            links=parts.links,
            post=parts.post,
            desk=parts.settings.desk.mail,
            tell_assigned=parts.settings.desk.tell_assigned,
        ),
        post=parts.post,
        bridges=parts.bridges,
        spreading=parts.spreading,
        checkup=Checkup(parts),
        exporting=Exporting(parts),
        callers=_caller_post(parts, letters),
        copying=Copying(
            connector=parts.connectors.able_to(CopiesTickets),
            copies=parts.copies,
            tickets=parts.tickets,
            counter=parts.counter,
            database=parts.database,
            links=parts.links,
            settings=parts.settings,
        ),
        settings=parts.settings,
        clock=parts.clock,
    )


def pruning_of(parts: Parts) -> Pruning:
    """What takes old entries out of the record."""
    settings = parts.settings
    return Pruning(settings.retention, ZoneInfo(settings.time_zone), parts.database, parts.log, parts.clock)


def timestamps_of(parts: Parts) -> Timestamps | None:
    """What has checkpoints stamped, if there is an authority for it."""
    wanted = parts.settings.anchors.timestamp
    return Timestamps(TimestampAuthority(wanted.url, wanted.ca_file), parts.database) if wanted else None


def _anchors(parts: Parts) -> Anchors:
    settings = parts.settings
    return Anchors(settings.anchors, settings.languages[0], parts.database, parts.outbox, parts.clock)


def _caller_post(parts: Parts, letters: Letters) -> CallerPost:
    return CallerPost(
        database=parts.database,
        accounts=parts.accounts,
        checks=parts.front.checks,
        password_links=parts.password_links,
        limits=parts.limits,
        letters=letters,
        links=parts.links,
        mail=parts.mail,
        clock=parts.clock,
    )
