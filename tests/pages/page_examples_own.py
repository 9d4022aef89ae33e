"""Examples of the pages of one's own data."""

from types import SimpleNamespace

from flask_wtf import FlaskForm
from page_app import ALICE
from page_shapes import Example
from wtforms import TextAreaField

FINGERPRINT = "SHA256:YYtHNSpYcbW4T6Jq6UfnUeK1y1OGY6hPRTb6JrLCVgc"


class AddKey(FlaskForm):
    key = TextAreaField("Your public key")


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
]
