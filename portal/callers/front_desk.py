"""What serves people who call, come or write: the check of who they are, and what follows their tickets."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from portal.accounts import Accounts
from portal.aftercare.care import Care
from portal.aftercare.ratings import Ratings
from portal.books import Books
from portal.callers.checks import CallerChecks
from portal.duty.due import Due
from portal.limits import Limits
from portal.mail_in.intake import MailIntake
from portal.settings.installation import Settings
from portal.tickets.counter import Counter
from portal.tickets.store import Tickets
from portal.web.links import Links


@dataclass(frozen=True, kw_only=True)
class FrontDesk:
    checks: CallerChecks
    care: Care
    ratings: Ratings
    intake: MailIntake


def front_desk(
    settings: Settings,
    books: Books,
    *,
    tickets: Tickets,
    counter: Counter,
    due: Due,
    accounts: Accounts,
    limits: Limits,
    links: Links,
) -> FrontDesk:
    """Put it together."""
    care = Care(books, settings=settings.aftercare, tickets=tickets, counter=counter, due=due)
    return FrontDesk(
        checks=CallerChecks(
            books, settings=settings.caller_check, roles=settings.roles, tickets=tickets, counter=counter
        ),
        care=care,
        ratings=Ratings(books.keys, ZoneInfo(settings.time_zone), books.clock),
        intake=MailIntake(
            books,
            settings=settings.mail_in,
            own=frozenset({settings.mail.sender.lower()}),
            language=settings.languages[0],
            accounts=accounts,
            limits=limits,
            tickets=tickets,
            counter=counter,
            care=care,
            links=links,
        ),
    )
