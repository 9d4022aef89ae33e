"""What the people at the desk work with, put together."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from audit.log import AuditLog
from portal.database import Database
from portal.duty.due import Due
from portal.keys import Keys
from portal.settings_desk import Desk
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


def service_desk(
    desk: Desk,
    *,
    database: Database,
    log: AuditLog,
    keys: Keys,
    tickets: Tickets,
    counter: Counter,
    due: Due,
    clock: Callable[[], datetime],
) -> ServiceDesk:
    colleagues = Colleagues(database=database, keys=keys, clock=clock)
    return ServiceDesk(
        queue=Queue(desk, keys, tickets, clock),
        colleagues=colleagues,
        handing=Handing(desk, database=database, tickets=tickets, counter=counter, colleagues=colleagues, due=due),
        merging=Merging(desk, database=database, keys=keys, tickets=tickets, counter=counter, clock=clock),
        saved_views=SavedViews(database),
        reply_texts=ReplyTexts(database, log),
    )
