"""Take a public SSH key away from one's own account."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from audit.event import Outcome
from connectors.account import Account
from connectors.capabilities import KeepsSshKeys
from portal.action import Action


@dataclass(frozen=True, kw_only=True)
class RemoveSshKey(Action):
    name = "remove_ssh_key"
    title = _l("Remove an SSH key")
    kind = "ssh_key_remove"
    needs = KeepsSshKeys
    notice = "ssh_key_removed"
    attribute = "ssh_key"

    key: str  # the line as it is stored
    fingerprint: str

    @property
    def old(self) -> str:
        return self.fingerprint

    def perform(self, connector: KeepsSshKeys, account: Account) -> None:
        connector.remove_ssh_key(account, self.key)

    @classmethod
    def confirm(cls, details: Mapping[str, Any], before: Mapping[str, str], now: Account) -> Outcome:
        return "failure" if details["key"] in now.ssh_keys else "success"
