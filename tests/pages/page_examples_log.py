"""Examples of what auditors see."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from page_app import AUDUN, NOW
from page_shapes import Example, said_no
from werkzeug.datastructures import MultiDict

from portal.auditors.alert_views import Alert
from portal.auditors.asking import SearchForm
from portal.auditors.entry_views import QuestionForm, ReviewForm
from portal.auditors.picture import Picture, picture
from portal.auditors.sentences import LogLine
from portal.auditors.views import SaveForm
from portal.evidence.views import ExportForm


def line(index: int, text: str, state: str = "done", result: str = "Done", **more: Any) -> LogLine:
    shown = {"detail": "My authenticator app. From 192.0.2.7", "reviewed": False, "asked": False} | more
    return LogLine(
        index=index, at=NOW - timedelta(minutes=4711 - index), text=text, state=state, result=result, **shown
    )


LINES = [
    line(4711, "Göran Wåhlström got a new password, by the same person", reviewed=True),
    line(4710, "Somebody did not get in as Xiao Long 李 小龍", "no", "Not done", asked=True, detail=""),
    line(4702, "Handed over as ticket 41, not done yet: the account of Bjørn Åkesson was unlocked", "wait", "Waits"),
]


def drawn(*counts: int) -> Picture:
    found: list[tuple[datetime, str]] = []
    for hours, count in enumerate(counts):
        outcomes = Counter(success=count, failure=count // 3, pending=count // 7)
        found += [(NOW - timedelta(hours=hours), outcome) for outcome in outcomes.elements()]
    return picture(found, ZoneInfo("UTC"), lambda span: f"/log?since={span['since']}")


def alerts(**more: Any) -> dict[str, Any]:
    found = {
        "index": 4711,
        "at": NOW,
        "title": "Many accounts opened by one person",
        "meaning": "One person has opened the accounts of many others within a short time.",
        "ticket": "41",
        "ticket_url": "/log?ticket=41",
        "state": "wait",
        "words": "Open",
        "entries": (4710, 4702, 4698, 4690, 4688),
        "more": 11,
        "reviewed": False,
    }
    settled = found | {
        "index": 4011,
        "entries": (4010,),
        "more": 0,
        "state": "done",
        "words": "Solved",
        "reviewed": True,
    }
    shown = {"alerts": [Alert(**found), Alert(**settled)], "newer_url": None, "older_url": "/log/alerts?before=4011"}
    return shown | more


def log(**more: Any) -> dict[str, Any]:
    shown = {
        "form": SearchForm(MultiDict()),
        "filters": "",
        "lines": LINES,
        "picture": drawn(12, 40, 0, 7),
        "newest": 79,
        "more": False,
        "looked": False,
        "left": 0,
        "newer_url": None,
        "older_url": None,
        "saved": [],
        "save_form": SaveForm(formdata=None, filters=""),
        "limited": None,
    }
    return shown | more


def searched() -> dict[str, Any]:
    form = SearchForm(MultiDict({"person": "goranw", "kind": "login", "result": "failure"}))
    saved = [("a" * 32, "Göran’s mistakes", "/log?person=goranw", True), ("b" * 32, "Switched off", "/log?x", False)]
    name = SaveForm(formdata=None, filters="person=goranw")
    more = {"more": True, "looked": True, "older_url": "/log?before=9", "newer_url": "/log", "limited": ("Science",)}
    return log(form=form, filters="person=goranw&kind=login&result=failure", saved=saved, save_form=name, **more)


def mistyped() -> dict[str, Any]:
    form = SearchForm(MultiDict({"since": "yesterday", "ticket": "x"}))
    form.validate()
    return log(form=form, lines=[], newest=0, picture=drawn(), left=12000, limited=())


ENTRY = {
    "index": 4711,
    "sentence": LINES[0].text,
    "state": "done",
    "result": "Done",
    "facts": [("When", "Monday 9 March 2026"), ("Who did it", "Göran Wåhlström (goranw)"), ("Session", "c0ffee" * 5)],
    "changes": [("Last day of the account", "31 March 2026", ""), ("Telephone number", "", "+47 55 50 10 10")],
    "attempt": [(LINES[1], False), (LINES[0], True)],
    "ticket": "41",
    "ticket_url": "/log?ticket=41",
    "of_ticket": [(LINES[2], False)],
    "proof": {"size": 5000, "origin": "x.example/audit", "text": "c2sp.org/tlog-proof@v1\nindex 4711\n" + "A" * 44},
    "json": '{\n  "activity_id": 4,\n  "class_uid": 3001\n}',
    "beside": [(4710, LINES[1].text), (4712, "")],
    "remarks": [
        {"at": NOW, "who": "Audun Vik", "text": "", "state": ("done", "Reviewed"), "ticket": None, "answers": []},
        {
            "at": NOW,
            "who": "Audun Vik",
            "text": "Was it her?",
            "state": ("done", "Done"),
            "ticket": 4714,
            "answers": [],
        },
    ],
}


def entry(**more: Any) -> dict[str, Any]:
    return ENTRY | {"review_form": ReviewForm(formdata=None), "question_form": QuestionForm(formdata=None)} | more


def bare() -> dict[str, Any]:
    nothing: dict[str, Any] = {key: [] for key in ("changes", "attempt", "of_ticket", "remarks")}
    return entry(**nothing, ticket="", proof=None, question_form=said_no(QuestionForm(formdata=None)))


def files(**more: Any) -> dict[str, Any]:
    """A view to be taken along, and files in every state."""
    made = {
        "asked": NOW, "ends": NOW + timedelta(days=7), "title": "Table (CSV)", "lines": 4711,
        "filters": "person=goranw&since=2026-03-01T00%3A00", "open": False, "too_many": False, "progress": 1.0,
        "url": None,
    }  # fmt: skip
    shown = [
        made | {"name": "log-2026-03-06-0852.csv", "state": ("wait", "Being written"), "open": True, "progress": 0.4},
        made | {"name": "evidence-2026-03-06-0850.zip", "state": ("done", "Ready"), "url": "/log/export/7"},
        made | {"name": "evidence-2026-03-05-0850.zip", "state": ("no", "Too many entries"), "too_many": True},
    ]
    form = ExportForm(formdata=None, filters="ticket=41")
    around = {"form": form, "filters": "ticket=41", "search_url": "/log?ticket=41", "wanted": [("Ticket", "41")]}
    hints = {"zip": "With proofs, a report to read and to print, and a program that checks it all without us"}
    root = "LP73YnWX4AtWSXV3Stco7yEHBnWfym1kE4xt/By/LNo="
    anchor = f"account.example.org/audit\n4711\n{root}\n\n— account.example.org/audit nDlzubl9fMRtFTnyPWgEeU…\n"
    return around | {"hints": hints, "files": shown, "waits": True, "keep_days": 7, "anchor": anchor} | more


EXAMPLES = [
    Example("export", "evidence/index.html", files, AUDUN),
    Example("export-all", "evidence/index.html", lambda: files(wanted=[], files=[], waits=False, anchor=""), AUDUN),
    Example("log", "log/index.html", log, AUDUN),
    Example("log-searched", "log/index.html", searched, AUDUN),
    Example("log-mistyped", "log/index.html", mistyped, AUDUN),
    Example("log-nothing", "log/index.html", lambda: log(lines=[], newest=0, picture=drawn()), AUDUN),
    Example("log-further", "log/index.html", lambda: log(lines=[], picture=drawn(), older_url="/log?before=9"), AUDUN),
    Example("alerts", "log/alerts.html", alerts, AUDUN),
    Example("alerts-none", "log/alerts.html", lambda: alerts(alerts=[]), AUDUN),
    Example("entry", "log/entry.html", entry, AUDUN),
    Example("entry-bare", "log/entry.html", bare, AUDUN),
]
