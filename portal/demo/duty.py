"""Fills the demo's shift plan, so that there is somebody on duty, a substitute, and hours nobody covers."""

from datetime import date, time, timedelta

from sqlalchemy import select

from portal.demo.people import BY_LOGIN, DIRECTORY
from portal.duty.plan import Shift
from portal.duty.tables import shift
from portal.identity import SYSTEM, Principal
from portal.parts import Parts
from portal.routing import within

WEEK = range(5)
PLAN = (  # who, for which queue, on which days, from, to
    ("carol", "coordinators", (0, 1, 2, 3), time(8), time(12)),  # nobody on Friday mornings
    ("dag", "coordinators", tuple(WEEK), time(12), time(16)),
    ("gro", "coordinators", tuple(WEEK), time(16), time(20)),
    ("tuva", "tier2", tuple(range(7)), time(0), time(0)),  # on call around the clock
)
AWAY = ("dag", "carol", timedelta(days=8))  # on the Tuesday of next week


def plan_shifts(parts: Parts) -> None:
    """Once: what somebody has changed since stays."""
    with parts.database.read() as db:
        if db.execute(select(shift.c.id).limit(1)).first():
            return
    today = parts.today()
    monday = today - timedelta(days=today.weekday())
    people = {login: parts.accounts.find(within(DIRECTORY, login)) for login, *_ in PLAN}
    for login, queue, weekdays, starts, ends in PLAN:
        who = people[login]
        wanted = _shift(queue, who.id, BY_LOGIN[login].name, monday, starts, ends)
        parts.duty.shifts.plan(Principal(account_id=SYSTEM, login=SYSTEM, name=""), who, wanted, weekdays)
    login, substitute, later = AWAY
    dag = Principal(account_id=people[login].id, login=login, name=people[login].name)
    parts.absences.name(dag, people[substitute], monday + later, monday + later)


def _shift(queue: str, account_id: str, name: str, first: date, starts: time, ends: time) -> Shift:
    return Shift(
        queue=queue, account_id=account_id, name=name, first=first, last=None, weeks=1, starts=starts, ends=ends
    )
