"""What stands in the places of a text module, for one ticket and one writer."""

from datetime import datetime

from flask_babel import force_locale
from flask_babel import lazy_gettext as _l

from portal.identity import Principal
from portal.tickets.ticket import Ticket
from portal.web.pages import moment

PLACE_WORDS = {
    "first_name": _l("the requester’s first name"),
    "number": _l("the ticket’s number"),
    "due": _l("by when it is due"),
    "my_name": _l("your own name"),
}


def places_of(ticket: Ticket, writer: Principal, now: datetime) -> dict[str, str]:
    """In the language of whoever reads the answer."""
    name = (ticket.facts.get("name") or ticket.claim).split()
    with force_locale(ticket.language):
        due = moment(ticket.due, now)
    return {
        "first_name": name[0] if name else "",
        "number": str(ticket.number),
        "due": due,
        "my_name": writer.name,
    }
