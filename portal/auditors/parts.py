"""What the pages for auditors are made of."""

from dataclasses import dataclass

from portal.accounts import Accounts
from portal.auditors.index import Index
from portal.auditors.looks import Looks
from portal.auditors.names import Names
from portal.auditors.review import Review
from portal.auditors.searches import Searches
from portal.auditors.units import Units
from portal.books import Books
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


def auditing(books: Books, *, units: Units, accounts: Accounts, counter: Counter) -> Auditing:
    """Put them together."""
    names = Names(books, accounts=accounts)
    return Auditing(
        units=units,
        names=names,
        index=Index(books.database, books.log, names),
        looks=Looks(books.database, books.log),
        review=Review(books, counter=counter),
        searches=Searches(books.database, books.keys, books.clock),
    )
