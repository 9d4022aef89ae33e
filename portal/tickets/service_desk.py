"""What the people at the desk work with, put together."""

from dataclasses import dataclass

from portal.books import Books
from portal.duty.due import Due
from portal.settings.desk import Desk
from portal.tickets.colleagues import Colleagues
from portal.tickets.counter import Counter
from portal.tickets.handing import Handing
from portal.tickets.merging import Merging
from portal.tickets.queue import Queue
from portal.tickets.reply_texts import ReplyTexts
from portal.tickets.saved_views import SavedViews
from portal.tickets.store import Tickets


@dataclass(frozen=True, kw_only=True)
class ServiceDesk:
    """By what they are for."""

    queue: Queue
    colleagues: Colleagues
    handing: Handing
    merging: Merging
    saved_views: SavedViews
    reply_texts: ReplyTexts


def service_desk(desk: Desk, books: Books, *, tickets: Tickets, counter: Counter, due: Due) -> ServiceDesk:
    colleagues = Colleagues(books)
    return ServiceDesk(
        queue=Queue(desk, books.keys, tickets, books.clock),
        colleagues=colleagues,
        handing=Handing(
            desk, database=books.database, tickets=tickets, counter=counter, colleagues=colleagues, due=due
        ),
        merging=Merging(desk, books, tickets=tickets, counter=counter),
        saved_views=SavedViews(books.database),
        reply_texts=ReplyTexts(books.database, books.log),
    )
