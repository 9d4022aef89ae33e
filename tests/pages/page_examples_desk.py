"""Examples of what coordinators see."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

from page_app import ALICE, CAROL, NOW
from page_examples_in import EVENTS, ask
from page_shapes import Approve, Away, Decide, DeskNote, Example, Find, Why, said_no


def _not_yet() -> SimpleNamespace:
    return SimpleNamespace(ticket=4715, reference=None, failing=NOW, error="Unavailable: NewConnectionError")


def queued(number: int, person: str, wish: str, *, late: bool = False, **more: Any) -> SimpleNamespace:
    shown = {
        "unit": "Marine Biology, guest",
        "detail": "",
        "state": "wait",
        "words": "Waiting",
        "assignee": "",
        "proved": True,
        "pick": f"{number}:1",
        "priority": "normal",
        "queue": "",
    }
    due = NOW + timedelta(minutes=-70 if late else 40)
    return SimpleNamespace(
        number=number, url=f"/desk/tickets/{number}", due=due, late=late, person=person, wish=wish, **shown | more
    )


ENDING = [
    SimpleNamespace(
        id=f"main:{login}",
        name=name,
        login=login,
        unit=unit,
        kind="guest",
        mail=f"{login}@nordvik.example",
        state=SimpleNamespace(ends_on=day),
    )
    for name, login, unit, day in (
        ("Göran Wåhlström", "goranw", "Marine Biology", date(2026, 3, 10)),
        ("Xiao Long 李 小龍", "xiaolong", "", date(2026, 3, 21)),
    )
]
SPANS = [("7 days", "/desk/people?days=7", False), ("14 days", "/desk/people?days=14", True)]


def ending(**more: Any) -> dict[str, Any]:
    shown = {"people": ENDING, "count": 2, "most": 200, "silent": (), "days": 14, "views": SPANS, "file_url": "/x.csv"}
    return shown | more


COPY = SimpleNamespace(
    ticket=4714,
    reference=SimpleNamespace(number="90021", url="https://tickets.nordvik.example/#ticket/zoom/21"),
    failing=NOW - timedelta(hours=3),
    error="Forbidden: 403 Not authorized",
)
COPIES = {"system": "Zammad", "current": 310, "waiting": 2, "newer_url": None, "older_url": None}
DESK_TICKET = {
    "ticket": SimpleNamespace(
        number=4714,
        subject="lost phone, no proof left",
        state="wait",
        words="Open",
        due=NOW + timedelta(minutes=18),
        late=False,
        assignee="Carol Hansen",
        proved=False,
    ),
    "mine": True,
    "copy": None,
    "copy_words": "",
    "claim": "aliceb",
    "proved": False,
    "text": "My phone fell into the sea.\nI have no codes.",
    "reason": ("no_factor_left", "No proof is left."),
    "remedy": ("The service desk", "Ask for a card with a picture."),
    "steps": ["08:47 started at “I forgot my password”", "08:49 a code from the app was refused, twice"],
    "facts": [("Account", "Active", "done"), ("Password", "Changed 12 days ago"), ("Locked", "No")],
    "events": EVENTS,
    "take_url": None,
    "cannot_decide": "",
    "too_late": False,
    "fulfil": "It is done",
    "note_url": "/desk/tickets/4714/note",
    "decide_url": "/desk/tickets/4714/decision",
    "wrong": None,
    "handed": None,
    "standing": {
        "priority": ("", "Normal"),
        "why": "One person. Should not wait.",
        "queue": "Service desk",
        "opened": NOW,
        "answered": NOW,
        "solve_by": NOW,
        "closed": NOW,
    },
    "passing": {},
    "likely": [],
    "joined": [],
    "into": None,
    "part_url": None,
    "reply_texts": [],
}

ASKED = queued(4711, "Bjørn Åkesson", "More time for my account")
DECIDING = {
    "ticket": ASKED,
    "ends_on": date(2026, 3, 31),
    "until": date(2026, 9, 30),
    "bridged": None,
    "wanted": "",
    "why": "The plankton samples are counted until then.",
    "facts": [("Name", "Bjørn Åkesson"), ("Account ends", "31 March 2026")],
    "earlier": [(NOW - timedelta(days=180), date(2026, 3, 31))],
    "events": EVENTS[:1],
}
ASKING = [(ASKED, date(2026, 3, 31), date(2026, 9, 30))]
FIRST = DECIDING | {"earlier": []}
AWAY = SimpleNamespace(substitute="Erik Lund", first=date(2026, 4, 1), last=date(2026, 4, 14))
DECIDED = {"approved": True, "person": "Bjørn Åkesson", "number": 4711}
PERSON = {
    "account": SimpleNamespace(name="Bjørn Åkesson", login="bjorna", id="main:1", protected=False),
    "state": ("done", "Active"),
    "facts": [("Name", "Bjørn Åkesson"), ("Account ends", "31 March 2026")],
    "tickets": [(4711, "More time for my account", "/desk/tickets/4711")],
    "enable_url": None,
    "require_url": "/desk/people/require-new-password/main:1",
    "must_change": False,
    "absence_url": "/desk/people/main:1/absence",
    "kit_url": "/desk/people/main:1/kit",
}
OFF = {"state": ("no", "Switched off"), "enable_url": "/desk/people/main:1/enable", "require_url": None}
FOUND = [
    (SimpleNamespace(id=f"{home}:1", name="Erik Lund", login="erikl"), home.title()) for home in ("staff", "guests")
]


def line(state: str, words: str, remedy: str = "") -> SimpleNamespace:
    message = "ou=people,dc=nordvik,dc=example: may not unlock and disable (result 50)"
    return SimpleNamespace(
        state=state, words=words, subject="right to write pwdAccountLockedTime", message=message, remedy=remedy
    )


GRANT = 'slapd.conf: access to dn.subtree="ou=people,dc=nordvik,dc=example" attrs=pwdAccountLockedTime by * break'
LOOKED = [
    SimpleNamespace(title="Database", looked=True, wrong=[], fine=[line("done", "In order")]),
    SimpleNamespace(title="Connector main", looked=True, wrong=[line("no", "Cannot work", GRANT)], fine=[]),
    SimpleNamespace(title="Hooks", looked=True, wrong=[], fine=[]),
]
SERVED = [
    SimpleNamespace(
        directory="main",
        base="ou=people,dc=nordvik,dc=example",
        works=["Reset my password"],
        by_people=["Anything else"],
        broken=["Unlock my account"],
    )
]


def checked(**more: Any) -> dict[str, Any]:
    shown = {"groups": LOOKED, "served": SERVED, "looked": 3, "all": 3, "at": NOW, "faults": 1, "warnings": 0}
    return shown | {"again_url": "/desk/connectors"} | more


EXAMPLES = [
    Example("connectors", "desk/connectors.html", checked, CAROL),
    Example("connectors-warned", "desk/connectors.html", lambda: checked(faults=0, warnings=2), CAROL),
    Example("connectors-fine", "desk/connectors.html", lambda: checked(faults=0), CAROL),
    Example("connectors-looking", "desk/connectors.html", lambda: checked(looked=1, served=[]), CAROL),
    Example("connectors-never", "desk/connectors.html", lambda: checked(groups=[], looked=0, all=0, at=None), CAROL),
    Example("find", "desk/find.html", lambda: {"form": Find(), "found": [], "silent": []}, CAROL),
    Example("find-two", "desk/find.html", lambda: {"form": Find(), "found": FOUND, "silent": ["students"]}, CAROL),
    Example("person", "desk/person.html", lambda: PERSON, CAROL),
    Example("person-off", "desk/person.html", lambda: PERSON | OFF, CAROL),
    Example(
        "enable",
        "desk/enable.html",
        lambda: ask(Why(), "Let Bjørn Åkesson sign in again?", facts=PERSON["facts"]),
        CAROL,
    ),
    Example("person-asked", "desk/person.html", lambda: PERSON | {"tickets": [], "must_change": True}, CAROL),
    Example(
        "approvals",
        "approvals/index.html",
        lambda: {"approvals": ASKING, "away_url": "/approvals/away"},
        ALICE,
    ),
    Example(
        "away",
        "approvals/away.html",
        lambda: {"form": Away(), "absence": None, "end_url": "/approvals/away/end"},
        ALICE,
    ),
    Example(
        "away-named",
        "approvals/away.html",
        lambda: {"form": Away(), "absence": AWAY, "end_url": "/approvals/away/end"},
        ALICE,
    ),
    Example("approvals-none", "approvals/index.html", lambda: {"approvals": [], "away_url": "/approvals/away"}, ALICE),
    Example("decide", "approvals/decide.html", lambda: {"form": Approve(version="3"), **DECIDING}, ALICE),
    Example(
        "decide-first",
        "approvals/decide.html",
        lambda: {"form": Approve(version="3"), **DECIDING, "earlier": []},
        ALICE,
    ),
    Example(
        "decided",
        "approvals/decided.html",
        lambda: DECIDED,
        ALICE,
    ),
    Example("decide-past", "approvals/past.html", lambda: {"state": "Refused", "late": False}, ALICE),
    Example("decide-late", "approvals/past.html", lambda: {"state": "Refused", "late": True}, ALICE),
    Example("decide-left", "approvals/left_to_others.html", dict, ALICE),
    Example("ending", "desk/people.html", ending, CAROL),
    Example("ending-many", "desk/people.html", lambda: ending(count=3111, silent=("students",)), CAROL),
    Example("ending-none", "desk/people.html", lambda: ending(people=[], count=0), CAROL),
    Example(
        "copies",
        "tickets/copies.html",
        lambda: {
            "copies": [(COPY, "Given up.", "/t", "/x"), (_not_yet(), "It is tried again.", "/u", "/y")],
            "stuck": 1,
            **COPIES,
        },
        CAROL,
    ),
    Example("copies-fine", "tickets/copies.html", lambda: {"copies": [], "stuck": 0, **COPIES}, CAROL),
    Example(
        "desk-ticket",
        "tickets/desk_ticket.html",
        lambda: DESK_TICKET | {"note_form": DeskNote(), "decide_form": (wrong := said_no(Decide())), "wrong": wrong},
        CAROL,
        posted=(("reason", ""), ("until", "never")),
    ),
    Example(
        "desk-ticket-free",
        "tickets/desk_ticket.html",
        lambda: {
            "note_form": None,
            "decide_form": None,
            **DESK_TICKET,
            "mine": False,
            "facts": [],
            "copy": COPY,
            "copy_words": "Zammad, done there",
            "take_url": "/desk/tickets/4714/take",
            "too_late": True,
            "cannot_decide": "Take the ticket first, so that two people do not answer.",
        },
        CAROL,
    ),
]
