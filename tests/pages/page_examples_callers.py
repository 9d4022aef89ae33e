"""Examples of what the service desk, managers and callers see of a check."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from markupsafe import Markup
from page_app import ALICE, CAROL, NOW
from page_shapes import Code, Example, said_no

from portal.aftercare.views import PlanForm
from portal.callers.new_view import NewForm

ACCOUNT = SimpleNamespace(name="Bjørn Åkesson", login="bjorna", id="main:1", protected=False)


def _proof(code: str, title: str, points: int, **more: Any) -> SimpleNamespace:
    shown = {"how": "Hang up and call 55 50 10 11, the number on file.", "at": None, "button": "They answered there"}
    return SimpleNamespace(code=code, title=title, points=points, **shown | {"waits": False} | more)


PROOFS = [
    _proof("id_seen", "A card with their picture", 4, at=NOW),
    _proof("manager", "Their manager", 3, button="", waits=True),
    _proof("mailed_code", "A code read aloud", 2, button="Mail a new code", waits=True),
    _proof("call_back", "Called back", 2),
]
DEEDS = [
    SimpleNamespace(name="unlock", title="Unlock the account", needed=3, why_not=""),
    SimpleNamespace(name="extend", title="More time for the account", needed=3, why_not=""),
    SimpleNamespace(name="freeze", title="Lock the account", needed=3, why_not=""),
    SimpleNamespace(name="mail-link", title="Mail a link", needed=5, why_not="The caller has not proved enough."),
]
NAMES = SimpleNamespace(staff="Carol Hansen", second="Sigrid Aas")
CHECK = SimpleNamespace(state="open", pressure=False, second_id=None, names=NAMES, ends=NOW + timedelta(minutes=9))
STANDING = SimpleNamespace(points=4, more=3, needs_second=True, seconded=False)


def caller(**more: Any) -> dict[str, Any]:
    shown = {
        "number": 4711,
        "subject": "lost phone",
        "is_open": True,
        "account": ACCOUNT,
        "facts": [("Name", "Bjørn Åkesson"), ("Locked since", "31 March 2026")],
        "check": CHECK,
        "mine": True,
        "may_second": False,
        "standing": STANDING,
        "alarms": ["The caller presses for an exception"],
        "proofs": PROOFS,
        "deeds": DEEDS,
        "refused": "",
        "advice": "",
        "form": Code(),
    }
    return shown | more


def _begun_not(**more: Any) -> dict[str, Any]:
    return caller(check=None, standing=None, alarms=[], proofs=[], deeds=[], **more)


SHOWN = {
    "picture": Markup('<svg aria-hidden="true" class="qr" width="200" height="200"><path d="M0 0h9v9z"/></svg>'),
    "url": "https://sparekey.example/recover/link/x",
    "ends": NOW,
    "name": "Bjørn Åkesson",
    "back_url": "/desk/tickets/4711",
}
VOUCH = {"person": "Bjørn Åkesson", "staff": "Carol Hansen", "state": ""}


def _new(tickets: bool = False, many: bool = False) -> dict[str, Any]:
    form = NewForm()
    form.account.choices = [("main:1", "Erik Lund (erikl, Staff)"), ("main:2", "Erik Lund (erikl, Guests)")]
    if not many:
        del form.account
    if not tickets:
        del form.anyway
    return {"form": form, "tickets": [(4711, "More time", "/desk/tickets/4711")] if tickets else []}


WRONG = (("code", ""),)
PLANNED = SimpleNamespace(how="mail", due=NOW + timedelta(days=7), text="Does it hold?", name="Carol Hansen")
LATER = {"number": 4711, "subject": "lost phone"}
EXAMPLES = [
    Example("later", "desk/follow_up.html", lambda: {"form": PlanForm(), "planned": [], **LATER}, CAROL),
    Example("later-planned", "desk/follow_up.html", lambda: {"form": PlanForm(), "planned": [PLANNED], **LATER}, CAROL),
    Example("new", "desk/new.html", _new, CAROL),
    Example("new-open", "desk/new.html", lambda: _new(tickets=True), CAROL),
    Example("new-many", "desk/new.html", lambda: _new(many=True), CAROL),
    Example("caller", "desk/caller.html", caller, CAROL),
    Example("caller-code", "desk/caller.html", lambda: caller(form=said_no(Code())), CAROL, posted=WRONG),
    Example("caller-second", "desk/caller.html", lambda: caller(mine=False, may_second=True), CAROL),
    Example("caller-begin", "desk/caller.html", _begun_not, CAROL),
    Example("caller-refused", "desk/caller.html", lambda: _begun_not(refused="Too soon.", advice="Wait."), CAROL),
    Example("caller-nobody", "desk/caller.html", lambda: _begun_not(account=None, facts=[]), CAROL),
    Example(
        "caller-failed",
        "desk/caller.html",
        lambda: caller(check=SimpleNamespace(**vars(CHECK) | {"state": "failed"}), deeds=[]),
        CAROL,
    ),
    Example("link-shown", "desk/link_shown.html", lambda: SHOWN, CAROL),
    Example("vouch", "vouch.html", lambda: VOUCH, ALICE),
    Example("vouch-said", "vouch.html", lambda: VOUCH | {"state": "said"}, ALICE),
    Example("vouch-over", "vouch.html", lambda: {"person": "", "staff": "", "state": "over"}, ALICE),
    Example("link", "recover/link.html", lambda: {"works": True}),
    Example("link-void", "recover/link.html", lambda: {"works": False}),
]
