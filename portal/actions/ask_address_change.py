"""Ask for a private address to be added, replaced or removed. It comes into force after a waiting time."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField
from wtforms.validators import InputRequired, Length

from connectors.account import Account
from connectors.capabilities import HoldsAddressChanges
from portal.action import Action
from portal.web.forms import no_control_characters


class Form(FlaskForm):
    address = EmailField(
        _l("The new address"),
        [
            InputRequired(_l("Type the new address.")),
            Length(max=254, message=_l("That is longer than an e-mail address can be.")),
            no_control_characters,
        ],
        render_kw={"autocomplete": "email", "autocapitalize": "none", "spellcheck": "false"},
    )


@dataclass(frozen=True, kw_only=True)
class AskAddressChange(Action):
    name = "ask_address_change"
    title = _l("Change my private address")
    kind = "address_asked"
    needs = HoldsAddressChanges
    Form = Form
    attribute = "recovery_mail"

    change_id: str
    old_address: str  # empty: one is added
    new_address: str  # empty: one is removed
    channels: str  # how whoever asks was proved, parted by blanks

    @property
    def old(self) -> str:
        return self.old_address

    @property
    def new(self) -> str:
        return self.new_address

    def perform(self, connector: HoldsAddressChanges, account: Account) -> None:
        connector.ask_address_change(
            account, self.change_id, old=self.old_address, new=self.new_address, channels=self.channels
        )
