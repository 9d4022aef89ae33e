"""How urgent a ticket is, from what is asked for, why, and who asks."""

from dataclasses import dataclass

from portal.settings.desk import IMPACT, IMPACTS, URGENCIES, URGENCY, Desk, Impact, Priority, Urgency
from portal.tickets.ticket import Wish


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """Whom it concerns, how long it can wait, and what follows from the two."""

    impact: Impact
    urgency: Urgency
    priority: Priority


def judge(desk: Desk, wish: Wish) -> Judgement:
    """What the settings say of its reason, its action and the kind of account; the gravest of these counts."""
    names = (wish.reason, wish.action, f"kind:{wish.facts.get('kind', '')}")
    impacts, urgencies = IMPACT | desk.impact, URGENCY | desk.urgency
    impact: Impact = min((impacts[n] for n in names if n in impacts), key=IMPACTS.index, default="one")
    urgency: Urgency = min((urgencies[n] for n in names if n in urgencies), key=URGENCIES.index, default="soon")
    return Judgement(impact=impact, urgency=urgency, priority=desk.priority(impact, urgency))
