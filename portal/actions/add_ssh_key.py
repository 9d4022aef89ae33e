"""Add a public SSH key to one's own account."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from audit.event import Outcome
from connectors.account import Account
from connectors.capabilities import KeepsSshKeys
from portal.action import Action
from portal.own_data.ssh_keys import MOST_CHARACTERS


class Form(FlaskForm):
    key = TextAreaField(
        _l("Your public key"),
        [
            InputRequired(_l("Paste the public key.")),
            Length(max=MOST_CHARACTERS, message=_l("That is longer than any public key. Paste one only.")),
        ],
        description=_l("One line, from a file whose name ends in .pub. It begins with ssh-ed25519, ecdsa or ssh-rsa."),
        render_kw={"rows": 5, "autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )


@dataclass(frozen=True, kw_only=True)
class AddSshKey(Action):
    name = "add_ssh_key"
    title = _l("Add an SSH key")
    kind = "ssh_key_add"
    needs = KeepsSshKeys
    Form = Form
    notice = "ssh_key_added"
    attribute = "ssh_key"

    key: str  # the line as it is stored: public
    fingerprint: str

    @property
    def new(self) -> str:
        return self.fingerprint

    def perform(self, connector: KeepsSshKeys, account: Account) -> None:
        connector.add_ssh_key(account, self.key)

    @classmethod
    def confirm(cls, details: Mapping[str, Any], before: Mapping[str, str], now: Account) -> Outcome:
        return "success" if details["key"] in now.ssh_keys else "failure"
