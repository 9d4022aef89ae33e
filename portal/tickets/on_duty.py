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


def colleague_choices(db: Connection, *, but: Collection[str | None] = ()) -> list[tuple[str, str]]:
    """Whom a ticket can be given to."""
    now = on_duty(db)
    found = [one for one in parts().service_desk.colleagues.all(db) if one.account_id not in but]
    found.sort(key=lambda one: one.account_id not in now)
    return [
        (one.account_id, _("%(name)s (on duty)", name=one.name) if one.account_id in now else one.name) for one in found
    ]
