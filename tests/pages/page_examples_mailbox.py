"""Examples of the pages of one's mailbox."""

from types import SimpleNamespace

from flask_wtf import FlaskForm
from page_app import ALICE, NOW
from page_shapes import Context, Example, said_no

from connectors.mailbox import AutoReply, Quota
from portal.views.auto_reply import AbsenceForm, ReplyForm
from portal.views.forwarding import ForwardForm
from portal.views.kit import KitForm, Line, StaffKitForm

REPLY = AutoReply(subject="Away until 18 April", text="I am at sea and read mail again on 18 April.", outside_text="x")


def way(target: str, state: str, words: str, detail: str, remove_url: str | None = "/r") -> SimpleNamespace:
    return SimpleNamespace(target=target, state=state, words=words, detail=detail, remove_url=remove_url)


ENDS = "Ends by itself after Tuesday 31 March 2026"
WAYS = [
    way("carol@nordvik.example", "done", "May use your mailbox", "May read everything. Ends Tuesday 31 March 2026."),
    way("bob@nordvik.example", "done", "Inside", "A copy stays here. Ends Tuesday 31 March 2026."),
    way("alice.with.a.very.long.address@fjordpost.example", "wait", "Outside", "A copy stays here."),
    way("b@x.example", "wait", "Outside", "By a rule of your own, “roundcube”; change it in your mail program.", None),
    way("carl@nordvik.example", "no", "Comes back: a circle", "Nothing stays here."),
]


def box(**more: object) -> Context:
    usual: Context = {
        "address": "alice@nordvik.example",
        "silent": False,
        "reply": None,
        "reply_state": ("", "Off"),
        "own_auto_reply": False,
        "reply_url": "/mailbox/auto-reply",
        "reply_off_url": None,
        "kit_url": "/mailbox/away",
        "ways": [],
        "unread": "",
        "no_copy": False,
        "forward_url": "/mailbox/forwarding",
        "aliases": [],
        "alias_url": "/mailbox/addresses/add",
        "temporary_url": "/mailbox/addresses/temporary",
        "quota": None,
        "quota_words": "",
        "nearly_full": False,
        "quota_url": "/mailbox/size",
        "shared_url": "/mailbox/shared",
        "lists_url": "/mailbox/lists",
        "passwords_url": None,
        "more_url": "/ask/anything-else",
    }
    return {**usual, **more}


def kit(form: FlaskForm, **more: object) -> Context:
    return {"form": form, "title": "Going away", "zone": "Europe/Oslo", "cancel_url": "/mailbox", **more}


def kit_done(result: str, *states: tuple[str, str, str]) -> Context:
    words = ("Auto reply", f"Mail is sent on to {LONG}", "bob@nordvik.example may use the mailbox")
    lines = [Line(words=w, state=s, said=said, why=why) for w, (s, said, why) in zip(words, states, strict=True)]
    return {"title": "Going away", "result": result, "lines": lines, "back": ("Back to my mailbox", "/mailbox")}


KIT_DONE = ("done", "Done", "")
KIT_BACK = ("", "Taken back", "")
KIT_OPEN = ("wait", "Being taken back", "We got no answer.")
KIT_NOT = ("no", "Not done", "Your mail goes to as many addresses as the mail system allows.")


def reply(form: FlaskForm, **more: object) -> Context:
    usual: Context = {"form": form, "title": "Auto reply", "address": "alice@nordvik.example", "preview": None}
    return {**usual, "zone": "Europe/Oslo", "last": None, "cancel_url": "/mailbox", **more}


def forward(form: FlaskForm, **more: object) -> Context:
    return {"form": form, "outside": True, "agreed": True, "hours": 24, "cancel_url": "/mailbox", **more}


def line(title: str, detail: str = "", url: str | None = "/x") -> SimpleNamespace:
    return SimpleNamespace(title=title, detail=detail, url=url)


def shared(**more: object) -> Context:
    usual: Context = {"own": True, "silent": False, "add_url": "/mailbox/shared/add"}
    return {**usual, "mine": [], "owned": [], "others": [], "boxes": [], **more}


def mail_list(name: str, *, joinable: bool = True, url: str | None = "/x", end: str = "") -> SimpleNamespace:
    address = f"{name.lower().replace(' ', '-')}@nordvik.example"
    return SimpleNamespace(name=name, address=address, about="News of the sea", end=end, joinable=joinable, url=url)


def lists(**more: object) -> Context:
    return {"silent": False, "words": "", "own": [], "found": [], "more": False, **more}


def app_passwords(**more: object) -> Context:
    return {"lines": [], "silent": False, "add_url": "/mailbox/app-passwords/add", **more}


LONG = "the-mailbox-of-everybody-who-has-ever-been-out-at-sea@ships.nordvik.example"
PROGRAM = SimpleNamespace(name="Thunderbird on my laptop", created=NOW, used=NOW, url="/x")
SHOWN = {"password": "aB3de-fGh4j-kmN5p-qrst6", "label": "Thunderbird", "address": LONG, "onward_url": "/x"}

EXAMPLES = [
    Example("mailbox", "mailbox/index.html", box, ALICE),
    Example(
        "mailbox-full",
        "mailbox/index.html",
        lambda: box(
            reply=REPLY,
            reply_state=("wait", "Starts Monday 6 April 2026"),
            reply_off_url="/mailbox/auto-reply/off",
            ways=WAYS,
            unread="mine",
            no_copy=True,
            silent=True,
            aliases=[SimpleNamespace(address=f"a{n}@nordvik.example", detail=ENDS, remove_url="/x") for n in range(4)],
            passwords_url="/mailbox/app-passwords",
            quota=Quota(used=950, limit=1000),
            quota_words="4.8 GB of 5 GB used",
            nearly_full=True,
        ),
        ALICE,
    ),
    Example("mailbox-own-rules", "mailbox/index.html", lambda: box(own_auto_reply=True, forward_url=None), ALICE),
    Example("auto-reply", "mailbox/auto_reply.html", lambda: reply(ReplyForm()), ALICE),
    Example(
        "auto-reply-preview",
        "mailbox/auto_reply.html",
        lambda: reply(ReplyForm(data={"text": REPLY.text}), preview=REPLY, last=NOW),
        ALICE,
    ),
    Example("absence", "mailbox/auto_reply.html", lambda: reply(AbsenceForm(), title="Auto reply for Bob"), ALICE),
    Example(
        "auto-reply-empty",
        "mailbox/auto_reply.html",
        lambda: reply(said_no(ReplyForm())),
        ALICE,
        posted=(("text", ""), ("outside", "same"), ("days", "7")),
    ),
    Example("kit", "mailbox/kit.html", lambda: kit(KitForm()), ALICE),
    Example("kit-staff", "mailbox/kit.html", lambda: kit(StaffKitForm(), title="Bob Lie is absent or leaves"), ALICE),
    Example(
        "kit-empty",
        "mailbox/kit.html",
        lambda: kit(said_no(StaffKitForm())),
        ALICE,
        posted=(("text", ""), ("reason", "")),
    ),
    Example("kit-done", "mailbox/kit_done.html", lambda: kit_done("done", KIT_DONE, KIT_DONE, KIT_DONE), ALICE),
    Example("kit-failed", "mailbox/kit_done.html", lambda: kit_done("failed", KIT_BACK, KIT_BACK, KIT_NOT), ALICE),
    Example("kit-unsure", "mailbox/kit_done.html", lambda: kit_done("unsure", KIT_BACK, KIT_OPEN, KIT_NOT), ALICE),
    Example("forward", "mailbox/forward.html", lambda: forward(ForwardForm()), ALICE),
    Example("forward-inside", "mailbox/forward.html", lambda: forward(ForwardForm(), outside=False, hours=0), ALICE),
    Example("shared", "mailbox/shared.html", shared, ALICE),
    Example(
        "shared-full",
        "mailbox/shared.html",
        lambda: shared(
            mine=[line("bob@nordvik.example", "May read everything. Ends Tuesday 31 March 2026.")],
            owned=[line(f"{LONG}: bob@nordvik.example", "May write in its name.", None)],
            others=[line(LONG, "May read, file, delete and answer.")],
            boxes=[line("Plankton survey", "plankton@nordvik.example"), line(LONG, url=None)],
        ),
        ALICE,
    ),
    Example("shared-silent", "mailbox/shared.html", lambda: shared(silent=True), ALICE),
    Example("lists", "mailbox/lists.html", lists, ALICE),
    Example(
        "lists-full",
        "mailbox/lists.html",
        lambda: lists(
            words="n",
            own=[mail_list("Everybody", url=None), mail_list("Divers", end="Ends Friday 17 April.")],
            found=[mail_list("Plankton"), mail_list("Ship officers", joinable=False)],
            more=True,
        ),
        ALICE,
    ),
    Example("lists-silent", "mailbox/lists.html", lambda: lists(silent=True), ALICE),
    Example("app-passwords", "mailbox/app_passwords.html", app_passwords, ALICE),
    Example("app-passwords-full", "mailbox/app_passwords.html", lambda: app_passwords(lines=[PROGRAM]), ALICE),
    Example("app-passwords-silent", "mailbox/app_passwords.html", lambda: app_passwords(silent=True), ALICE),
    Example("app-password-shown", "mailbox/app_password_shown.html", lambda: SHOWN, ALICE),
]
