"""What a system may be able to do that itself keeps people signed in: end that, let them in again, let them in once."""

from abc import abstractmethod
from dataclasses import dataclass, field
from datetime import datetime

from connectors.account import Account
from connectors.capability import Capability


class EnablesAccount(Capability):
    @abstractmethod
    def enable_account(self, account: Account) -> None:
        """Allow sign-ins again; no effect on an account that is not disabled."""


class SignsOutEverywhere(Capability):
    @abstractmethod
    def sign_out_everywhere(self, account: Account) -> None:
        """End every session of the person in that system, whoever holds it; a repeat does no harm."""


@dataclass(frozen=True, kw_only=True)
class AccessPass:
    """Lets its owner in without the password, for a short time."""

    value: str = field(repr=False)
    ends: datetime


class GivesAccessPass(Capability):
    @abstractmethod
    def give_access_pass(self, account: Account, minutes: int) -> AccessPass:
        """Make one for a single sign-in, in place of any before; it can never be read again."""
