"""Examples of what those see who answer for others, and those whose account has ended."""

from datetime import date
from types import SimpleNamespace
from typing import Any

from flask_wtf import FlaskForm
from page_app import ALICE, NOW
from page_examples_in import extend
from page_shapes import Example, Extend, said_no
from wtforms import DateField, HiddenField, TextAreaField


class Plan(FlaskForm):
    until = DateField("New last day", description="Nothing is changed yet.")
    reason = TextAreaField("Your reason", description="The people concerned read it.")


class Sure(FlaskForm):
    decision = HiddenField(default="extend")
    until = HiddenField(default="2026-09-30")
    reason = HiddenField(default="They teach until then.")


PEOPLE = [
    SimpleNamespace(
        id=f"main:{login}", name=name, login=login, unit=unit, state=SimpleNamespace(ends_on=day), **{"kind": "guest"}
    )
    for name, login, unit, day in (
        ("Göran Wåhlström", "goranw", "Marine Biology", date(2026, 3, 10)),
        ("Xiao Long 李 小龍", "xiaolong", "", date(2026, 3, 21)),
        ("Ødegård, Åse", "aase", "Library", None),
    )
]
ROWS = [
    {"account": PEOPLE[0], "left": "3 days left", "state": ("done", "Active"), "lapses": True, "wish_url": None},
    {"account": PEOPLE[1], "left": "2 days ago", "state": ("no", "Ended"), "lapses": False, "wish_url": "/approvals/1"},
    {"account": PEOPLE[2], "left": "no end", "state": ("done", "Active"), "lapses": False, "wish_url": None},
]
VIEWS = [("All", "/sponsored?view=all", 3, True), ("Soon", "/sponsored?view=soon", 1, False)]


def line(person: SimpleNamespace, **more: Any) -> SimpleNamespace:
    shown = {"old": date(2026, 3, 10), "new": date(2026, 9, 30), "why": "", "state": "", "words": "", "attempt": ""}
    return SimpleNamespace(account_id=person.id, name=person.name, login=person.login, **shown | more)


def listed(**more: Any) -> dict[str, Any]:
    shown: dict[str, Any] = {"people": ROWS, "chosen": {"main:goranw"}, "every_url": "/sponsored?every=1", "count": 3}
    shown |= {"views": VIEWS, "newer_url": None, "older_url": "/sponsored?page=2", "silent": ()}
    return {
        "form": Plan(),
        "offered": ["extend", "lapse"],
        "undoable": [],
        "attempts": [],
        "review_count": 0,
        **shown,
    } | more


def planned(**more: Any) -> dict[str, Any]:
    fits = [line(PEOPLE[0]), line(PEOPLE[1], words="Somebody else has to agree, too.")]
    shown = {"fits": fits, "misfits": [line(PEOPLE[2], why="The account has no end date.")], "lapse": False}
    return {"form": Sure(), "until": date(2026, 9, 30), "reason": "They teach until then.", **shown} | more


def became(**more: Any) -> dict[str, Any]:
    done = line(PEOPLE[0], state="done", words="Done", attempt="7f3k21qd")
    return {"lines": [done, line(PEOPLE[1], state="no", words="Not changed", why="Too early.")], "lapse": False} | more


def ended() -> dict[str, Any]:
    return extend([("Solveig Dahl", NOW)]) | {"form": Extend(), "submit": "Send the request", "step": 4, "steps": 4}


class Reviewed(FlaskForm):
    reason = TextAreaField("Your reason, if they need it no longer", description="The people concerned read it.")


def reviewed(**more: Any) -> dict[str, Any]:
    people = [
        (SimpleNamespace(account_id=one.id, name=one.name, login=one.login, state=state), *words)
        for one, state, words in zip(
            PEOPLE,
            ("asked", "kept", "silent"),
            (("wait", "Not answered yet"), ("done", "Still needed"), ("no", "Passed on to the service desk")),
            strict=True,
        )
    ]
    shown = {"people": people, "chosen": set(), "done": 2, "count": 3, "due": date(2026, 3, 31), "left": []}
    return {"form": Reviewed(), "months": 6, **shown} | more


EXAMPLES = [
    Example("review", "sponsored/review.html", reviewed, ALICE),
    Example(
        "review-mistakes",
        "sponsored/review.html",
        lambda: reviewed(form=said_no(Reviewed()), left=["Göran Wåhlström"]),
        ALICE,
        posted=(("reason", ""),),
    ),
    Example("review-none", "sponsored/review.html", lambda: reviewed(people=[], count=0, done=0, due=None), ALICE),
    Example("sponsored", "sponsored/index.html", listed, ALICE),
    Example(
        "sponsored-mistakes",
        "sponsored/index.html",
        lambda: listed(form=said_no(Plan()), silent=("guests",), undoable=[PEOPLE[0]], attempts=["7f3k21qd"]),
        ALICE,
        posted=(("reason", ""),),
    ),
    Example(
        "sponsored-none",
        "sponsored/index.html",
        lambda: listed(people=[], count=0, older_url=None, review_count=2),
        ALICE,
    ),
    Example("sponsored-plan", "sponsored/plan.html", planned, ALICE),
    Example("sponsored-lapse", "sponsored/plan.html", lambda: planned(lapse=True, misfits=[]), ALICE),
    Example("sponsored-fits-none", "sponsored/plan.html", lambda: planned(fits=[]), ALICE),
    Example("sponsored-done", "sponsored/done.html", became, ALICE),
    Example("sponsored-lapsed", "sponsored/done.html", lambda: became(lapse=True, lines=[]), ALICE),
    Example("more-time", "recover/more_time.html", ended),
]
