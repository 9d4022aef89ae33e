"""What the desk calls queues, priorities and kinds of wishes."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.actions import ACTIONS
from portal.settings.desk import Desk
from portal.tickets.ticket import FIRST, SECOND
from portal.web.pages import in_language

PRIORITY_WORDS = {"urgent": _l("Urgent"), "high": _l("High"), "normal": _l("Normal"), "low": _l("Low")}
PRIORITY_STATES = {"urgent": "no", "high": "wait"}  # the others are not marked
IMPACT_WORDS = {"many": _l("A whole group or everybody"), "some": _l("Several people"), "one": _l("One person")}
URGENCY_WORDS = {"now": _l("Work stands still"), "soon": _l("Should not wait"), "later": _l("Can wait")}
TIERS = {FIRST: _l("Service desk"), SECOND: _l("Second tier"), "supervisors": _l("Supervisors")}


def queue_words(queue: str, desk: Desk) -> str:
    """What people call a queue; the name itself once the settings do not know it any more."""
    tier, _slash, name = queue.partition("/")
    domain = next((d for d in desk.domains if d.name == name), None)
    if domain:
        return _("Second tier: %(domain)s", domain=in_language(domain.title))
    return name or str(TIERS.get(tier, tier))


def kinds_of_wishes() -> list[tuple[str, Any]]:
    """What a ticket can be about, for a list to choose from."""
    return [("recover", _l("Getting in again")), *((name, action.title) for name, action in ACTIONS.items())]
