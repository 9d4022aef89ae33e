"""Examples of what people see when they are signed in, and of errors."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from page_app import ALICE, NOW
from page_examples_out import result
from page_shapes import (
    RULES,
    AddTotp,
    AnythingElse,
    ChangePassword,
    Context,
    Example,
    Extend,
    Note,
    Rename,
    said_no,
)


def event(hours: int, text: str, detail: str | None = None, state: str | None = None) -> SimpleNamespace:
    return SimpleNamespace(at=NOW - timedelta(hours=hours), text=text, detail=detail, state=state)


EVENTS = [
    event(0, "You changed your password", "From 198.51.100.23, Chromium on Android", "done"),
    event(66, "You asked for more time: ticket 4711", state="wait"),
    event(650, "Carol Hansen unlocked your account", "Reason: you called, proof by call-back", "done"),
    event(651, "Locked after five wrong passwords", state="no"),
]
ACCOUNT = {
    "person": SimpleNamespace(name="Alice Berg", login="aliceb", about="Marine Biology, staff"),
    "seen_at": None,
    "ends_on": date(2026, 3, 31),
    "days_left": 22,
    "extend_url": "/ask/extend-account",
    "state": ("done", "Active"),
    "password": "Changed today at 08:52, good until 5 September 2026 (180 days)",
    "own": [("SSH keys", "2 keys", "See or change SSH keys", "/account/keys")],
    "open_tickets": [(4711, "more time for my account", "/tickets/4711")],
    "ways": 2,
    "factors": ["Authenticator app “Fairphone”", "Private e-mail b•••@fjordpost.example"],
    "events": EVENTS,
    "change_password_url": "/ask/change-password",
    "not_me_url": "/ask/freeze-account",
}
CALM = {
    **ACCOUNT,
    "seen_at": NOW,
    "ends_on": None,
    "days_left": None,
    "own": [],
    "open_tickets": [],
    "events": [],
    "ways": 0,
    "factors": [],
}


def own_factor(title: str, detail: str, icon: str, state: tuple[str, str] | None = None) -> SimpleNamespace:
    doings = [("Rename", "/account/security/1/rename", False), ("Remove", "/account/security/1/remove", True)]
    return SimpleNamespace(title=title, detail=detail, icon=icon, state=state, doings=doings)


def session(words: str, place: str, hours: int, current: bool = False, provider: str | None = None) -> SimpleNamespace:
    at = NOW - timedelta(hours=hours)
    about = {"at": at, "current": current, "provider": provider, "close_url": "/ask/close-session"}
    return SimpleNamespace(words=words, place=place, **about)


SECURITY = {
    "ways": 2,
    "factors": [
        own_factor("Authenticator app “Fairphone”", "Last used today 08:52", "phone"),
        own_factor("Authenticator app “Old tablet”", "Switched off on 2 March", "phone", ("wait", "Off")),
        own_factor("Recovery codes", "8 of 10 left, made 2 September 2025", "paper"),
    ],
    "additions": [("An authenticator app", "Six digits on your phone", "phone", "/account/security/add-totp")],
    "sessions": [
        session("Chromium on Android", "198.51.100.23", 0, current=True),
        session("Firefox on Windows", "", 30),
    ],
    "close_others_url": "/ask/close-sessions",
    "system": "Nordvik Cloud",
    "everywhere_url": None,
    "pass_url": None,
}


DECIDES = [("Alice Berg", NOW + timedelta(days=2)), ("The service desk", NOW + timedelta(days=4))]


def extend(deciders: list[tuple[str, datetime]]) -> dict[str, Any]:
    offer = SimpleNamespace(ends_on=date(2026, 3, 31))
    hints = {"2026-04-30": "30 days more", "2026-09-30": "183 days more"}
    shown = ask(Extend(), "More time for my account", deciders=deciders)
    return shown | {"offer": offer, "hints": hints, "rule": "At most 184 days at a time, counted from 31 March 2026."}


def not_now(opens_on: date | None) -> dict[str, Any]:
    return {
        "title": "It is too early",
        "advice": "You can ask from the day named below.",
        "opens_on": opens_on,
        "ends_on": date(2026, 9, 30),
        "ask_url": None if opens_on else "/ask/anything-else",
    }


def mine(number: int, subject: str, state: str, words: str) -> SimpleNamespace:
    return SimpleNamespace(
        number=number,
        subject=subject,
        url=f"/tickets/{number}",
        state=state,
        words=words,
        at=NOW - timedelta(days=3),
        due=NOW + timedelta(hours=3) if state == "wait" else None,
    )


TICKET = {
    "ticket": SimpleNamespace(
        number=4711, subject="more time for my account", state="wait", words="Waiting for Alice Berg"
    ),
    "goes_on_url": None,
    "result": "pending",
    "lead": "Nothing for you to do. Alice Berg decides by Wednesday 11 March, 16:00. We write to you either way.",
    "facts": [("You asked for", "30 September 2026"), ("Until decided", "Your account works as before")],
    "events": EVENTS[::-1],
    "form_title": "Add something",
    "rate_url": None,
    "rated": None,
}


def ask(form: Any, title: str, **more: Any) -> Context:
    given = {"explanation": "", "facts": [], "submit": "Send", "deciders": [], "cancel_url": "/account"}
    return {"form": form, "title": title, **given, **more}


def error(code: int, **more: Any) -> Context:
    usual = {"csrf": False, "unrecorded": False, "at": NOW, "reference": None, "retry_at": None, "back_url": "/recover"}
    return {"code": code, **usual, **more}


UNDO = {"what": "Your password was changed", "at": NOW, "origin": "198.51.100.23", "works": True}
DECIDERS = [("Alice Berg, your host", NOW + timedelta(days=2)), ("The service desk", NOW + timedelta(days=8))]
CODES = [
    f"{word}-efgh-ijkl-mnop"
    for word in ("abcd", "bcde", "cdef", "defg", "efgh", "fghi", "ghij", "hijk", "ijkl", "jklm")
]
PAGES = {"newer_url": None, "older_url": "/tickets?page=2"}

EXAMPLES = [
    Example("account", "account/index.html", lambda: ACCOUNT, ALICE),
    Example("account-calm", "account/index.html", lambda: CALM, ALICE),
    Example("security", "account/security.html", lambda: SECURITY, ALICE),
    Example(
        "security-bare",
        "account/security.html",
        lambda: {**SECURITY, "ways": 1, "factors": [], "additions": [], "close_others_url": None},
        ALICE,
    ),
    Example(
        "security-cloud",
        "account/security.html",
        lambda: {**SECURITY, "everywhere_url": "/account/security/everywhere", "pass_url": "/account/security/pass"},
        ALICE,
    ),
    Example(
        "access-pass-shown",
        "account/access_pass_shown.html",
        lambda: {
            "access_pass": "Tk7-9xQ!m2",
            "ends": NOW + timedelta(hours=1),
            "login": "alice.berg@nordvik.example",
            "onward_url": "/account/security",
        },
        ALICE,
    ),
    Example("history", "account/history.html", lambda: {"events": EVENTS, "not_me_url": "/x", **PAGES}, ALICE),
    Example("history-empty", "account/history.html", lambda: {"events": [], "not_me_url": "/x", **PAGES}, ALICE),
    Example(
        "add-totp",
        "account/add_totp.html",
        lambda: {
            "form": AddTotp(),
            "qr_url": "qr.svg",
            "groups": ["JBSW", "Y3DP", "EHPK", "3PXP", "JBSW", "Y3DP", "EHPK", "3PXP"],
            "cancel_url": "/account/security",
        },
        ALICE,
    ),
    Example(
        "recovery-codes",
        "account/recovery_codes_shown.html",
        lambda: {"codes": CODES, "made_at": NOW, "onward_url": "/account/security"},
        ALICE,
    ),
    Example(
        "rename",
        "account/rename_factor.html",
        lambda: {"form": Rename(), "factor": "Fairphone", "cancel_url": "/account/security"},
        ALICE,
    ),
    Example(
        "remove",
        "account/confirm_remove.html",
        lambda: {"form": Rename(), "factor": "Fairphone", "remaining": 1, "cancel_url": "/account/security"},
        ALICE,
    ),
    Example(
        "remove-spare",
        "account/confirm_remove.html",
        lambda: {"form": Rename(), "factor": "Fairphone", "remaining": 2, "cancel_url": "/account/security"},
        ALICE,
    ),
    Example(
        "ask-index",
        "actions/index.html",
        lambda: {
            "actions": [
                ("Change my password", "With the old one", "key", "/ask/change-password"),
                ("Ask the service desk", "", "talk", "/ask/anything-else"),
            ]
        },
        ALICE,
    ),
    Example(
        "ask-anything",
        "actions/ask.html",
        lambda: ask(
            AnythingElse(),
            "Ask the service desk",
            explanation="You get a number now.",
            facts=[("Now", "No ticket open")],
        ),
        ALICE,
    ),
    Example(
        "ask-again",
        "actions/anything_else.html",
        lambda: ask(
            AnythingElse(),
            "Ask the service desk",
            same=[(4711, "The projector in room 4", "/tickets/4711/k"), (4715, "李小龙: lamp", "/tickets/4715/k")],
        ),
        ALICE,
    ),
    Example(
        "ask-decided", "actions/ask.html", lambda: ask(AnythingElse(), "Ask for more time", deciders=DECIDERS), ALICE
    ),
    Example("extend", "actions/extend_account.html", lambda: extend(DECIDES), ALICE),
    Example("extend-at-once", "actions/extend_account.html", lambda: extend([]), ALICE),
    Example("extend-early", "actions/not_now.html", lambda: not_now(date(2026, 8, 1)), ALICE),
    Example("extend-limit", "actions/not_now.html", lambda: not_now(None), ALICE),
    Example(
        "change-password",
        "actions/change_password.html",
        lambda: ask(
            said_no(ChangePassword()),
            "Change my password",
            rules=RULES,
            strength=None,
            suggestion=None,
            login="aliceb",
            submit="Save the new password",
        ),
        ALICE,
        posted=(("password", "x"), ("new_password", "one"), ("new_password_again", "other")),
    ),
    Example(
        "tickets",
        "tickets/index.html",
        lambda: {
            "tickets": [
                mine(4711, "More time for my account", "wait", "Waiting"),
                mine(4600, "Unlock", "done", "Done"),
            ],
            "ask_url": "/ask/anything-else",
            **PAGES,
        },
        ALICE,
    ),
    Example("tickets-empty", "tickets/index.html", lambda: {"tickets": [], "ask_url": "/ask/x", **PAGES}, ALICE),
    Example(
        "ticket",
        "tickets/ticket.html",
        lambda: {"form": Note(), "by_link": False, "mailed": True, "withdraw_url": "/tickets/4711/withdraw", **TICKET},
        ALICE,
    ),
    Example(
        "ticket-by-link",
        "tickets/ticket.html",
        lambda: {"form": None, "by_link": True, "mailed": False, "withdraw_url": None, **TICKET, "facts": []},
    ),
    *(
        Example(
            f"ticket-rated-{rated}",
            "tickets/ticket.html",
            lambda rated=rated: {
                **{"form": Note(), "by_link": True, "mailed": True, "withdraw_url": None},
                **{**TICKET, "result": "done", "rate_url": "/tickets/4711/k/rate", "rated": rated},
            },
        )
        for rated in (None, True, False)
    ),
    Example("undo", "undo.html", lambda: UNDO),
    Example("undo-old", "undo.html", lambda: {**UNDO, "works": False}),
    Example("undo-done", "undo_done.html", lambda: result("", "", frozen=True, steps=None)),
    Example("undo-unsure", "undo_done.html", lambda: result("", "", frozen=False, steps=None)),
    *(Example(f"error-{code}", "error.html", lambda code=code: error(code)) for code in (400, 403, 404, 405, 413, 500)),
    Example("error-csrf", "error.html", lambda: error(400, csrf=True)),
    Example("error-unrecorded", "error.html", lambda: error(503, unrecorded=True)),
    Example("error-429", "error.html", lambda: error(429, retry_at=NOW + timedelta(minutes=15))),
    Example("error-503", "error.html", lambda: error(503, reference="E-5D20-77")),
]
