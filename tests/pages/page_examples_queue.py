"""Examples of the coordinators' queue: lists, views, steps with several tickets, text modules."""

from types import SimpleNamespace
from typing import Any, NamedTuple

from flask_wtf import FlaskForm
from page_app import CAROL, NOW
from page_examples_desk import DESK_TICKET, queued
from page_shapes import Decide, DeskNote, Example, said_no
from wtforms import HiddenField, SearchField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

LONG_NAME = "Jean-Baptiste de la Villeneuve-Saint-Georges"


class Filter(FlaskForm):
    q = SearchField("Number or words")
    assignee = SelectField("Taken by", choices=[("", "Anybody or nobody"), ("me", "Me")])
    action = SelectField("Kind", choices=[("", "Every kind"), ("anything_else", "Anything else")])


class Name(FlaskForm):
    title = StringField("Name of the view", [InputRequired("Give it a name.")])


class Text(FlaskForm):
    title = StringField("Name", [InputRequired("Give it a name.")])
    text_en = TextAreaField("English")
    text_nb = TextAreaField("Norsk bokmål")


class Assign(FlaskForm):
    version = HiddenField()
    colleague = SelectField("Colleague", choices=[("", "Choose somebody"), ("main:2", "Dag Øverli")])
    handover = TextAreaField("Note for them", description="They read it first.")


class PassOn(FlaskForm):
    queue = SelectField("Queue", choices=[("tier2", "Second tier")])
    climb = TextAreaField("Why, and what you have found out", [InputRequired("Write something first.")])


class Priority(FlaskForm):
    impact = SelectField("Whom it concerns", choices=[("one", "One person")])
    urgency = SelectField("How long it can wait", choices=[("now", "Cannot work now")])
    ground = TextAreaField("Why")


ROWS = [
    queued(4702, "Göran Wåhlström", "Anything else", late=True, detail="The projector in room 4", priority="urgent"),
    queued(4698, LONG_NAME, "Recovery without a proof", assignee="Carol Hansen", proved=False, priority="high"),
    queued(4715, "李小龙", "Unlock", state="unsure", words="Not sure", unit="", pick="", queue="Second tier: Mail"),
]


def queue(**more: Any) -> dict[str, Any]:
    shown = {
        "open_count": 41,
        "words": "41 open, 2 late",
        "on_duty": "Carol Hansen, Dag Øverli",
        "live_url": "/desk/now",
        "live_mark": '"812-2-a1b2c3d4"',
        "filter_form": Filter(),
        "filtered": False,
        "saved": None,
        "filters": {},
        "colleagues": [("main:2", "Dag Øverli")],
        "queues": [("coordinators", "Service desk"), ("tier2", "Second tier")],
        "views": [
            ("All open", "/desk?state=open", "41", True),
            ("Nobody’s", "/desk?assignee=nobody", "7", False),
            ("Closed", "/desk?state=closed", "", False),
            ("Lost phones this week", "/desk?q=phone", "99+", False),
        ],
        "tickets": ROWS,
        "copies_url": None,
        "handed": [],
        "shift_ends": "16:00",
        "newer_url": None,
        "older_url": "/desk?after=1-2",
    }
    return shown | more


STANDING = {
    "priority": ("no", "Urgent"),
    "why": "A whole group or everybody. Cannot work now.",
    "queue": "Second tier: Mail",
    "opened": NOW,
    "answered": None,
    "solve_by": NOW,
    "closed": None,
}
OTHER = SimpleNamespace(
    number=4702, url="/desk/tickets/4702", subject="Lost phone", person="Alice Berg", proved=False, at=NOW, assignee=""
)


def full_ticket(**more: Any) -> dict[str, Any]:
    """A ticket with everything that can stand on its page."""
    passing = {
        "assign": Assign(),
        "pass_on": said_no(PassOn()),
        "priority": Priority(),
        "urls": {"assign": "/a", "pass_on": "/p", "prioritise": "/u"},
        "give_back_url": "/g",
    }
    shown = {
        "note_form": DeskNote(),
        "decide_form": Decide(),
        "wrong": passing["pass_on"],
        "handed": ("Dag Øverli gave it to Carol Hansen", "She calls back at ten.\nAsk for the card."),
        "standing": STANDING,
        "passing": passing,
        "likely": [(OTHER, "/m"), (OTHER, None)],
        "joined": [(4701, "/desk/tickets/4701")],
        "reply_texts": [("1", "Come by", "Dear Alice, come by.")],
    }
    return DESK_TICKET | shown | more


class Judged(NamedTuple):
    good: int
    bad: int
    share: int

    @property
    def count(self) -> int:
        return self.good + self.bad


def ratings(**more: Any) -> dict[str, Any]:
    said = SimpleNamespace(good=False, at=NOW, text="Too slow.\nI had to call twice.", ticket=4711)
    shown = {
        "tabs": [("All", "/desk/ratings", True), ("Second tier", "/desk/ratings?queue=tier2", False)],
        "whole": Judged(94, 6, 94),
        "months": [("March 2026", Judged(50, 1, 98)), ("February 2026", Judged(44, 5, 90))],
        "queues": [("Service desk", Judged(90, 6, 94)), ("Second tier", Judged(4, 0, 100))],
        "comments": [(said, "Service desk", None), (said, "Second tier", "/desk/tickets/4711")],
        "span": 12,
    }
    return shown | more


VIEW = SimpleNamespace(id="0", first=True)
PLACES = [("{first_name}", "the requester’s first name"), ("{number}", "the ticket’s number")]
EXAMPLES = [
    Example("queue", "tickets/desk_index.html", queue, CAROL),
    Example("queue-filtered", "tickets/desk_index.html", lambda: queue(filtered=True, filters={"q": "phone"}), CAROL),
    Example("queue-view", "tickets/desk_index.html", lambda: queue(filtered=True, saved=VIEW, newer_url="/x"), CAROL),
    Example("queue-empty", "tickets/desk_index.html", lambda: queue(tickets=[], open_count=0, older_url=None), CAROL),
    Example("queue-other-view", "tickets/desk_index.html", lambda: queue(tickets=[], older_url=None), CAROL),
    Example(
        "several",
        "tickets/several.html",
        lambda: {"done": [(4702, "/x")], "failed": [(4698, "/y", "Somebody was quicker.")], "wrong": ""},
        CAROL,
    ),
    Example("several-done", "tickets/several.html", lambda: {"done": [(4702, "/x")], "failed": [], "wrong": ""}, CAROL),
    Example(
        "several-wrong", "tickets/several.html", lambda: {"done": [], "failed": [], "wrong": "Choose a queue."}, CAROL
    ),
    Example("save-view", "tickets/saved_view.html", lambda: {"form": Name(), "view": None, "back_url": "/desk"}, CAROL),
    Example(
        "change-view",
        "tickets/saved_view.html",
        lambda: {"form": said_no(Name()), "view": VIEW, "back_url": "/desk"},
        CAROL,
        posted=(("title", ""),),
    ),
    Example(
        "texts",
        "tickets/texts.html",
        lambda: {"texts": [("Come by", "Dear {first_name}, " * 12, "/desk/texts/1")], "add_url": "/desk/texts/new"},
        CAROL,
    ),
    Example("texts-none", "tickets/texts.html", lambda: {"texts": [], "add_url": "/desk/texts/new"}, CAROL),
    Example(
        "text",
        "tickets/text.html",
        lambda: {"form": said_no(Text()), "known": True, "places": PLACES, "back_url": "/desk/texts"},
        CAROL,
        posted=(("title", ""),),
    ),
    Example(
        "desk-ticket-full", "tickets/desk_ticket.html", full_ticket, CAROL, posted=(("climb", ""), ("queue", "tier2"))
    ),
    Example(
        "desk-ticket-merged",
        "tickets/desk_ticket.html",
        lambda: full_ticket(into=(4702, "/x"), part_url="/y", passing={}, likely=[], note_form=None, decide_form=None),
        CAROL,
    ),
    Example("ratings", "desk/ratings.html", ratings, CAROL),
    Example("ratings-none", "desk/ratings.html", lambda: ratings(whole=Judged(0, 0, 0), months=[], queues=[]), CAROL),
]
