"""Examples of the pages of one's own data."""

from datetime import timedelta
from types import SimpleNamespace

from flask_wtf import FlaskForm
from page_app import ALICE, NOW
from page_examples_out import result
from page_shapes import Context, Example
from wtforms import EmailField, StringField, TextAreaField

FINGERPRINT = "SHA256:YYtHNSpYcbW4T6Jq6UfnUeK1y1OGY6hPRTb6JrLCVgc"


class AddKey(FlaskForm):
    key = TextAreaField("Your public key")


class NewAddress(FlaskForm):
    address = EmailField("The new address")


class Code(FlaskForm):
    code = StringField("Six-digit code")


def line(address: str, own: bool = True) -> SimpleNamespace:
    return SimpleNamespace(address=address, replace_url="/x" if own else None, remove_url="/y" if own else None)


def waiting(old: str, new: str) -> SimpleNamespace:
    return SimpleNamespace(old=old, new=new, due=NOW + timedelta(hours=48), replaced=bool(old and new))


def contact(**more: object) -> Context:
    usual = {"addresses": [line("alice@fjordpost.example")], "add_url": "/n", "own": True, "hours": 48}
    more = {"waiting": None, "cancel_url": None, **more}
    return {**usual, "mail": "alice@nordvik.example", "phone": "+47 55 50 10 10", "phone_url": "/p", **more}


def stop(state: str, **more: object) -> Context:
    due = NOW + timedelta(hours=48)
    return {"state": state, "old": "a•••@x.example", "new": "b•••@y.example", "due": due, "undo_url": None, **more}


def key(comment: str, remove_url: str | None = "/account/keys/1/remove") -> SimpleNamespace:
    return SimpleNamespace(name="ED25519 256", comment=comment, fingerprint=FINGERPRINT, remove_url=remove_url)


EXAMPLES = [
    Example(
        "ssh-keys",
        "account/ssh_keys.html",
        lambda: {"keys": [key("alice@laptop"), key("", None)], "add_url": "/account/keys/add", "most": 20},
        ALICE,
    ),
    Example(
        "ssh-keys-full",
        "account/ssh_keys.html",
        lambda: {"keys": [key(f"key {n}") for n in range(20)], "add_url": None, "most": 20},
        ALICE,
    ),
    Example(
        "ssh-keys-none",
        "account/ssh_keys.html",
        lambda: {"keys": [], "add_url": "/account/keys/add", "most": 20},
        ALICE,
    ),
    *(
        Example(
            f"add-ssh-key-{leaked}",
            "account/add_ssh_key.html",
            lambda leaked=leaked: {
                "form": AddKey(),
                "leaked": leaked,
                "commands": ["cat x"],
                "cancel_url": "/account/keys",
            },
            ALICE,
        )
        for leaked in (False, True)
    ),
    Example("contact", "account/contact.html", lambda: contact(), ALICE),
    Example(
        "contact-waiting",
        "account/contact.html",
        lambda: contact(waiting=waiting("alice@fjordpost.example", "a.berg@new.example"), cancel_url="/c"),
        ALICE,
    ),
    *(
        Example(f"contact-{name}", "account/contact.html", lambda w=w: contact(waiting=w, cancel_url=None), ALICE)
        for name, w in (("adding", waiting("", "a@new.example")), ("removing", waiting("a@old.example", "")))
    ),
    Example(
        "contact-none",
        "account/contact.html",
        lambda: contact(addresses=[], mail=None, phone="", phone_url=None),
        ALICE,
    ),
    Example(
        "contact-kept",
        "account/contact.html",
        lambda: contact(addresses=[line("a@x.example"), line("b@y.example", own=False)], add_url=None),
        ALICE,
    ),
    *(
        Example(
            f"new-address-{bool(old)}",
            "account/new_address.html",
            lambda old=old: {"form": NewAddress(), "old": old, "hours": 48, "cancel_url": "/account/contact"},
            ALICE,
        )
        for old in ("", "alice@fjordpost.example")
    ),
    Example(
        "prove-address",
        "account/prove_address.html",
        lambda: {
            **{"form": Code(), "factor": "mailed_code", "address": "a@new.example", "valid_until": NOW},
            **{"again_url": "/a", "other_url": "/o", "none_url": None, "steps": None},
        },
        ALICE,
    ),
    Example("stop-change", "stop_change.html", lambda: stop("waiting")),
    Example("stop-change-late", "stop_change.html", lambda: stop("applied", undo_url="/undo/x")),
    Example("stop-change-gone", "stop_change.html", lambda: stop("unknown", old="", new="", due=None)),
    Example("stop-change-done", "stop_change_done.html", lambda: result("", "", steps=None)),
]
