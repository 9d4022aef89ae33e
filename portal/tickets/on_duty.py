"""Colleagues as the desk's pages list them: those on duty now first."""

from collections.abc import Collection

from flask_babel import gettext as _
from sqlalchemy import Connection

from portal.tickets.ticket import FIRST, SECOND
from portal.views import parts


def on_duty(db: Connection) -> dict[str, str]:
    """Who is on duty now for the first or the second tier, by account, with their names."""
    turns = [turn for queue in (FIRST, SECOND) for turn in parts().duty.shifts.on_duty(db, queue)]
    return {turn.account_id: turn.name for turn in turns}


def on_duty_by_field(db: Connection) -> dict[str, list[str]]:
    """Who of the second tier is on duty now and knows a field, for each field whose people are known, by its queue."""
    turns = parts().duty.shifts.on_duty(db, SECOND)
    known = {one.account_id: one.fields for one in parts().service_desk.colleagues.all(db)}
    return {
        f"{SECOND}/{field.name}": [turn.name for turn in turns if field.name in known.get(turn.account_id, ())]
        for field in parts().settings.desk.domains
        if field.groups
    }


def colleague_choices(db: Connection, *, queue: str = FIRST, but: Collection[str | None] = ()) -> list[tuple[str, str]]:
    """Whom a ticket in this queue can be given to."""
    now = on_duty(db)
    found = [one for one in parts().service_desk.handing.colleagues(db, queue) if one.account_id not in but]
    found.sort(key=lambda one: one.account_id not in now)
    return [
        (one.account_id, _("%(name)s (on duty)", name=one.name) if one.account_id in now else one.name) for one in found
    ]
