"""What the pages for auditors are made of."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from audit.log import AuditLog
from portal.accounts import Accounts
from portal.auditors.index import Index
from portal.auditors.looks import Looks
from portal.auditors.names import Names
from portal.auditors.review import Review
from portal.auditors.searches import Searches
from portal.auditors.units import Units
from portal.database import Database
from portal.keys import Keys
from portal.tickets.counter import Counter


@dataclass(frozen=True, kw_only=True)
class Auditing:
    """The parts, by what they do."""

    units: Units
    names: Names
    index: Index
    looks: Looks
    review: Review
    searches: Searches


def auditing(
    *,
    units: Units,
    database: Database,
    log: AuditLog,
    accounts: Accounts,
    counter: Counter,
    keys: Keys,
    clock: Callable[[], datetime],
) -> Auditing:
    """Put them together."""
    names = Names(database=database, log=log, accounts=accounts, keys=keys, clock=clock)
    return Auditing(
        units=units,
        names=names,
        index=Index(database, log, names),
        looks=Looks(database, log),
        review=Review(database=database, log=log, counter=counter, clock=clock),
        searches=Searches(database, keys, clock),
    )
