"""What serves people who call, come or write: the check of who they are, and what follows their tickets."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from audit.log import AuditLog
from portal.accounts import Accounts
from portal.aftercare.care import Care
from portal.aftercare.ratings import Ratings
from portal.callers.checks import CallerChecks
from portal.database import Database
from portal.duty.due import Due
from portal.keys import Keys
from portal.limits import Limits
from portal.links import Links
from portal.mail_in.intake import MailIntake
from portal.outbox import Outbox
from portal.settings import Settings
from portal.tickets.counter import Counter
from portal.tickets.store import Tickets


@dataclass(frozen=True, kw_only=True)
class FrontDesk:
    checks: CallerChecks
    care: Care
    ratings: Ratings
    intake: MailIntake


def front_desk(
    settings: Settings,
    *,
    database: Database,
    log: AuditLog,
    keys: Keys,
    outbox: Outbox,
    tickets: Tickets,
    counter: Counter,
    due: Due,
    accounts: Accounts,
    limits: Limits,
    links: Links,
    clock: Callable[[], datetime],
) -> FrontDesk:
    """Put it together."""
    care = _care(
        settings, database=database, log=log, keys=keys, outbox=outbox, tickets=tickets, counter=counter, due=due,
        clock=clock,
    )  # fmt: skip
    checks = CallerChecks(
        settings=settings.caller_check, roles=settings.roles, database=database, log=log, keys=keys, outbox=outbox,
        tickets=tickets, counter=counter, clock=clock,
    )  # fmt: skip
    return FrontDesk(
        checks=checks,
        care=care,
        ratings=Ratings(keys, ZoneInfo(settings.time_zone), clock),
        intake=MailIntake(
            settings=settings.mail_in,
            own=frozenset({settings.mail.sender.lower()}),
            database=database,
            log=log,
            keys=keys,
            accounts=accounts,
            limits=limits,
            tickets=tickets,
            counter=counter,
            care=care,
            outbox=outbox,
            links=links,
            language=settings.languages[0],
            clock=clock,
        ),
    )


def _care(
    settings: Settings,
    *,
    database: Database,
    log: AuditLog,
    keys: Keys,
    outbox: Outbox,
    tickets: Tickets,
    counter: Counter,
    due: Due,
    clock: Callable[[], datetime],
) -> Care:
    return Care(
        settings=settings.aftercare,
        database=database,
        log=log,
        keys=keys,
        outbox=outbox,
        tickets=tickets,
        counter=counter,
        due=due,
        clock=clock,
    )
