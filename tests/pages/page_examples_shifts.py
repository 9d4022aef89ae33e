"""Examples of the shift plan, and of who is told of an end."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

from flask_wtf import FlaskForm
from page_app import CAROL, NOW
from page_shapes import Away, Example, said_no
from wtforms import DateField, IntegerField, SelectField, SelectMultipleField, StringField, TextAreaField, TimeField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput

MONDAY = date(2026, 3, 9)


class Plan(FlaskForm):
    login = StringField("Who?", description="User name or address.")
    queue = SelectField("For which queue?", choices=[SelectChoice("coordinators", "Service desk")])
    weekdays = SelectMultipleField(
        "On which days?", coerce=int, choices=[SelectChoice("0", "Monday")], option_widget=CheckboxInput()
    )
    starts = TimeField("From")
    ends = TimeField("To", description="Not later than “From”: on the next day.")
    first = DateField("First day")
    last = DateField("Last day", description="Leave it empty if it goes on.")
    weeks = IntegerField("Again after how many weeks?")


class Hand(FlaskForm):
    login = StringField("Who has it instead?", description="User name or address.")


class Leave(FlaskForm):
    queue = SelectField("For which queue?", choices=[SelectChoice("coordinators", "Service desk")])
    text = TextAreaField("What is open?", [InputRequired("Write something first.")])


LEFT = SimpleNamespace(written=NOW, author="Dag Solheim", text="Ticket 4711: she calls at ten.\nThe lamp is ordered.")


class Swap(FlaskForm):
    wish = SelectField(
        "What do you want?", choices=[SelectChoice("main:1 ", "Dag Solheim", optgroup="Somebody takes it")]
    )


class SomebodyAway(Away):
    who = StringField("Who is away?", description="User name or address.")


def row(hours: str, name: str, **more: str) -> SimpleNamespace:
    shown = {"queue": "Service desk", "state": "", "words": "", "url": "/desk/shifts/1/2026-03-09"}
    return SimpleNamespace(hours=hours, name=name, **shown | more)


ROWS = [
    row("08:00–12:00", "Carol Hansen", state="done", words="On duty now"),
    row("12:00–16:00", "Xiao Long 李 小龍", state="wait", words="in place of Dag Solheim", url=""),
    row("16:00–18:00", "", state="no", words="Nobody", url=""),
]
SWAPS = [
    {"text": "Dag Solheim asks you to take Monday 9 March 2026, 12:00–16:00", "asked": True, "url": "/s/1"},
    {"text": "You have asked Gro Lunde to take Tuesday 10 March 2026, 08:00–12:00", "asked": False, "url": "/s/2"},
]


def week(**more: Any) -> dict[str, Any]:
    days = [(MONDAY + timedelta(days=n), n == 0, ROWS if n == 0 else []) for n in range(7)]
    shown = {
        "days": days, "monday": MONDAY, "duty": [("Service desk", "Carol Hansen, 08:00–12:00")], "planned": True,
        "gaps": [("Service desk", "Monday 9 March 2026", "16:00–18:00")], "gap_count": 3, "gap_days": 14,
        "handed": [(LEFT, "Service desk", "/desk/shifts/handover/1/seen", own) for own in (False, True)],
        "shift_ends": "",
        "swaps": SWAPS, "earlier_url": "/desk/shifts?week=2026-03-02", "later_url": "/desk/shifts?week=2026-03-16",
        "now_url": "/desk/shifts", "plan_url": "/desk/shifts/new", "absences_url": "/desk/shifts/absences",
        "calendar_url": "https://sparekey.example/desk/shifts/calendar/Im1haW46MSI.x.ics",
    }  # fmt: skip
    return shown | more


def one(**more: Any) -> dict[str, Any]:
    turn = SimpleNamespace(name="Carol Hansen", planned="Dag Solheim")
    shown = {"turn": turn, "when": "Monday 9 March 2026, 08:00–12:00", "queue": "Service desk", "alone": False}
    urls = {"swap_url": "/desk/shifts/1/2026-03-09/swap", "hand_url": "/desk/shifts/1/2026-03-09/hand"}
    return {**shown, **urls, "swap_form": Swap(), "hand_form": Hand()} | more


AWAY = [
    SimpleNamespace(name="Dag Solheim", substitute="Carol Hansen", first=MONDAY, last=MONDAY, account_id="main:1"),
]
TOLD = {
    "account": SimpleNamespace(name="Xiao Long 李 小龍", login="xiaolong", mail="xiaolong@nordvik.example"),
    "kind": "The password expires", "ends_on": MONDAY, "left": "today", "state": "wait", "words": "Later: paused",
}  # fmt: skip
NOTICES = {
    "on": MONDAY, "is_today": True, "lines": [TOLD], "count": 300, "most": 200, "silent": ["Guests"], "sent": 12,
    "told": [TOLD],
    "made": NOW, "look_url": "/desk/notices/look",
    "ceiling": 5000, "hour": 7, "paused": NOW, "switch_url": "/desk/notices",
    "days": [("Today", "/desk/notices", True), ("Tomorrow", "/desk/notices?on=2026-03-10", False)],
}  # fmt: skip
EXAMPLES = [
    Example("notices", "desk/notices.html", lambda: NOTICES, CAROL),
    Example(
        "notices-none",
        "desk/notices.html",
        lambda: {**NOTICES, "lines": [], "count": 0, "silent": [], "paused": None, "is_today": False, "told": []},
        CAROL,
    ),
    Example("shifts", "desk/shifts.html", week, CAROL),
    Example(
        "shifts-none",
        "desk/shifts.html",
        lambda: week(duty=[], gap_count=0, gaps=[], swaps=[], plan_url=None, now_url=None, planned=False),
        CAROL,
    ),
    Example("handover", "desk/handover.html", lambda: {"form": said_no(Leave())}, CAROL, posted=(("text", ""),)),
    Example("shift-new", "desk/shift_new.html", lambda: {"form": Plan()}, CAROL),
    Example(
        "shift-new-mistakes",
        "desk/shift_new.html",
        lambda: {"form": said_no(Plan())},
        CAROL,
        posted=(("login", ""),),
    ),
    Example("shift", "desk/shift.html", one, CAROL),
    Example("shift-alone", "desk/shift.html", lambda: one(alone=True, swap_form=None, hand_form=None), CAROL),
    Example("shift-past", "desk/shift_past.html", dict, CAROL),
    Example(
        "absences",
        "desk/absences.html",
        lambda: {"form": SomebodyAway(), "absences": AWAY, "today": MONDAY},
        CAROL,
    ),
    Example("absences-none", "desk/absences.html", lambda: {"form": None, "absences": [], "today": MONDAY}, CAROL),
]
