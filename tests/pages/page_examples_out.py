"""Examples of what somebody sees who is not signed in."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from flask_wtf import FlaskForm
from page_app import NOW
from page_shapes import (
    RULES,
    Address,
    Choose,
    Code,
    Context,
    Example,
    ExpiredPassword,
    Identify,
    NewPassword,
    Password,
    SignIn,
    Stuck,
    Which,
    said_no,
)

HINTS = {
    "mailed_code": "To the private address you gave us",
    "totp": "The six digits it shows right now",
    "recovery_code": "From the sheet you printed",
}


WRONG_CODE = "That code is wrong or too old. Check the newest message. You have 3 tries left."


def with_error(form: FlaskForm, name: str, message: str) -> FlaskForm:
    said_no(form)[name].errors = [message]
    return form


def prove(form: FlaskForm, factor: str, **more: Any) -> Context:
    return {
        "form": form,
        "factor": factor,
        "step": 3,
        "steps": 4,
        "other_url": "/recover/choose",
        "none_url": "/recover/stuck",
        **more,
    }


MAILED = {"valid_until": NOW + timedelta(minutes=5), "again_url": "/recover/again", "masked": None}
MAILED_LATER = {**MAILED, "masked": "b•••@fjordpost.example"}


def result(title: str, explanation: str, **more: Any) -> Context:
    return {
        "title": title,
        "explanation": explanation,
        "systems": [],
        "next_steps": [],
        "ticket": None,
        "attempt": "7F3K-21QD",
        "step": 5,
        "steps": 4,
        "onward": None,
        "undo_url": None,
        "retry_url": None,
        "keep_url": None,
        **more,
    }


TICKET = SimpleNamespace(number=4711, url="/tickets/4711")
NEXT = [
    "Enter the new password on your phone, tablet and mail app. The old one stored there can lock you out again.",
    "Every other session was signed out, and open codes no longer work.",
    "We wrote to both of your addresses about the change.",
]
SYSTEMS = [("Nordvik account", "done", "Done"), ("Google mailbox", "wait", "Within 5 min")]
FINISHED = {
    "systems": SYSTEMS,
    "next_steps": NEXT,
    "onward": ("Sign in", "/sign-in"),
    "undo_url": "/undo/x",
    "read_at": NOW,
}
WALK = {"step": 1, "steps": 4}
CHOICE = {"strength": None, "suggestion": None}
ASK = {
    "step": 4,
    "steps": 4,
    "login": "aliceb",
    "rules": RULES,
    **CHOICE,
    "unlocks_at": None,
    "unlock_url": "/recover/unlock",
}


def chosen(proved: list[str]) -> Context:
    return {
        "form": Choose(),
        "hints": HINTS,
        "proved": proved,
        "needed": 2,
        "none_url": "/recover/stuck",
        "step": 2,
        "steps": 4,
    }


HOME = {
    "ask_url": "/recover/stuck",
    "extend_url": "/ask/extend-account",
    "mailbox_url": "/mailbox",
    "log_url": None,
    "works": True,
    "checked_at": NOW,
}

EXAMPLES = [
    Example("home", "home.html", lambda: HOME),
    Example("home-auditor", "home.html", lambda: HOME | {"log_url": "/log"}),
    Example("home-slow", "home.html", lambda: HOME | {"extend_url": None, "mailbox_url": None, "works": False}),
    Example("identify", "recover/identify.html", lambda: {"form": Identify(), **WALK}),
    Example(
        "identify-empty",
        "recover/identify.html",
        lambda: {"form": said_no(Identify()), **WALK},
        posted=(("login", ""),),
    ),
    Example("choose", "recover/choose.html", lambda: chosen([])),
    Example("choose-second", "recover/choose.html", lambda: chosen(["My authenticator app"])),
    Example("code", "factors/mailed_code.html", lambda: prove(Code(), "mailed_code", **MAILED)),
    Example(
        "code-wrong",
        "factors/mailed_code.html",
        lambda: prove(with_error(Code(), "code", WRONG_CODE), "mailed_code", **MAILED_LATER),
        posted=(("code", "114 83"),),
    ),
    Example("totp", "factors/totp.html", lambda: prove(Code(), "totp", steps=None, none_url=None)),
    Example("recovery-code", "factors/recovery_code.html", lambda: prove(Code(), "recovery_code")),
    Example("password", "factors/password.html", lambda: prove(Password(), "password")),
    Example("ask", "recover/ask.html", lambda: {"form": NewPassword(), "locked": False, **ASK}),
    Example(
        "ask-locked",
        "recover/ask.html",
        lambda: {"form": said_no(NewPassword()), "locked": True, **ASK},
        posted=(("new_password", "one"), ("new_password_again", "other")),
    ),
    Example(
        "stuck", "recover/stuck.html", lambda: {"form": Stuck(), "back_url": "/recover/choose", "step": 3, "steps": 4}
    ),
    Example("login-name", "recover/login_name.html", lambda: {"form": Address()}),
    Example("login-name-sent", "recover/login_name_sent.html", dict),
    Example("recovered", "recover/done.html", lambda: result("", "", changed=True, unlocked=True, **FINISHED)),
    Example(
        "recovered-in-part",
        "recover/done.html",
        lambda: result(
            "Your password is changed, but not everywhere",
            "",
            changed=True,
            unlocked=False,
            **FINISHED
            | {
                "systems": [
                    ("Staff directory", "done", "new password"),
                    ("Nordvik Cloud", "wait", "old password still counts"),
                    ("Computing centre", "no", "old password still counts"),
                    ("Library", "none", "no account there"),
                    ("Workshop", "unsure", "not known yet"),
                ]
            },
        ),
    ),
    Example("unlocked", "recover/done.html", lambda: result("", "", changed=False, unlocked=True, **FINISHED)),
    Example(
        "result-done",
        "results/done.html",
        lambda: result("Your factor has a new name", "It is called Pixel now.", steps=None),
    ),
    Example(
        "result-pending",
        "results/pending.html",
        lambda: result(
            "The service desk has it",
            "Carol Hansen decides by Wednesday at 16:00. We write to you either way.",
            steps=None,
            ticket=TICKET,
        ),
    ),
    Example(
        "result-denied",
        "results/denied.html",
        lambda: result(
            "That is not possible today", "You can change it again from tomorrow at 09:40.", next_steps=NEXT[:1]
        ),
    ),
    Example(
        "result-failed",
        "results/failed.html",
        lambda: result(
            "Your password has not been changed",
            "You have used it before.",
            retry_url="/recover/ask",
            keep_url="/recover/keep",
        ),
    ),
    Example(
        "result-unsure",
        "results/unsure.html",
        lambda: result(
            "We do not know yet",
            "We sent the change but got no answer. We check every minute and write to you.",
            ticket=TICKET,
        ),
    ),
    Example(
        "too-early",
        "results/too_early.html",
        lambda: result(
            "It is too early for another password",
            "Your password was changed only a short while ago, and the directory wants it to be kept for some time.",
            turn=[("Who must act", "You"), ("When it works", "from tomorrow 09:40")],
            attempt=None,
            unlock_url="/recover/unlock",
            keep_url="/recover/keep",
            steps=None,
        ),
    ),
    Example(
        "ask-suggested",
        "recover/ask.html",
        lambda: {
            "form": NewPassword(),
            **ASK,
            "locked": False,
            "suggestion": SimpleNamespace(text="polar-jigsaw-chip-harp-worm-shelf", bits=61),
            "strength": SimpleNamespace(part=0.9, words="Very hard to guess"),
        },
    ),
    Example(
        "directory-down",
        "results/directory_down.html",
        lambda: result(
            "",
            "",
            retry_url="/recover/ask",
            keep_url="/recover/keep",
            since=NOW,
            proof_until=NOW + timedelta(minutes=30),
            steps=None,
        ),
    ),
    Example(
        "sign-in",
        "sign_in.html",
        lambda: {
            "form": SignIn(),
            "forgot_url": "/recover",
            "linking": None,
            "providers": [("Nordvik Google account", "You go there, and come back signed in", "/sign-in/google")],
        },
    ),
    Example(
        "sign-in-linking",
        "sign_in.html",
        lambda: {
            "form": SignIn(),
            "forgot_url": "/recover",
            "linking": {"title": "Nordvik ID", "shown": "aliceb@nordvik.example"},
            "providers": [("Nordvik ID", "You go there, and come back signed in", "/sign-in/nordvik")],
        },
    ),
    Example(
        "sign-in-failed",
        "sign_in_failed.html",
        lambda: {
            "title": "Not signed in with Nordvik ID",
            "explanation": ["You were not signed in there.", "Try it once more, or sign in with your password."],
            "retry_url": "/sign-in/nordvik",
            "password_url": "/sign-in",
            "onward": ("I cannot get in", "/recover"),
        },
    ),
    Example(
        "sign-in-wrong",
        "sign_in.html",
        lambda: {
            "form": with_error(SignIn(), "password", "User name or password is wrong."),
            "forgot_url": "/recover",
            "linking": None,
            "providers": [],
        },
        posted=(("login", "aliceb"), ("password", "x")),
    ),
    Example(
        "sign-in-prove",
        "sign_in_prove.html",
        lambda: {
            "form": Choose(),
            "hints": HINTS,
            "why": "Before you remove a way in, prove once more that it is you.",
            "elsewhere": [("Nordvik ID", "You sign in there once more, and come back", "/sign-in/nordvik/again")],
            "none_url": "/recover/stuck",
        },
    ),
    Example(
        "sign-in-which",
        "sign_in_which.html",
        lambda: {"form": Which(), "hints": {"staff:1": "Alice Berg", "students:2": "Alice Berg"}},
    ),
    Example(
        "sign-in-expired",
        "sign_in_expired.html",
        lambda: {"form": ExpiredPassword(), "login": "aliceb", "rules": RULES, **CHOICE, "cause": "expired"},
    ),
    Example(
        "sign-in-must-change",
        "sign_in_expired.html",
        lambda: {"form": NewPassword(), "login": "aliceb", "rules": RULES, **CHOICE, "cause": "must_change"},
    ),
    Example("signed-out", "signed_out.html", lambda: {"why": None, "elsewhere": None}),
    Example(
        "signed-out-here",
        "signed_out.html",
        lambda: {"why": None, "elsewhere": {"title": "Nordvik ID", "url": "https://id.example.org/end"}},
    ),
    Example(
        "signed-out-here-only",
        "signed_out.html",
        lambda: {"why": None, "elsewhere": {"title": "Nordvik ID", "url": ""}},
    ),
]
