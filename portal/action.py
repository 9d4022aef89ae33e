"""An Action is everything a person may ask for: data that says what is wanted, and how a connector does it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, ClassVar, Self

from flask_wtf import FlaskForm

from audit.event import Outcome
from connectors.access import AccessPass
from connectors.account import Account
from connectors.capabilities import Capability


@dataclass(frozen=True, kw_only=True)
class Action(ABC):
    """What is wanted, for which account. Fields are str, int, bool or date, so that an action can be written down."""

    name: ClassVar[str]
    title: ClassVar[Any]  # a lazily translated sentence: what it is called in lists and on its page
    kind: ClassVar[str]  # what the record calls it, a key of audit.KINDS
    needs: ClassVar[type[Capability] | None]  # None: only people can do it
    Form: ClassVar[type[FlaskForm]] = FlaskForm
    template: ClassVar[str] = "actions/ask.html"
    notice: ClassVar[str | None] = None  # the mail that tells the owner it was done
    desk_notice: ClassVar[str] = ""  # the mail that tells the service desk, where it should look at it, too
    other_notice: ClassVar[str] = ""  # the mail that tells others whom it concerns
    watched: ClassVar[bool] = False  # devices, and other servers, may still hold what it replaced
    by_staff: ClassVar[bool] = False  # done for somebody else, by those who work on tickets
    by_sponsor: ClassVar[bool] = False  # whoever answers for the account may do it
    by_owner: ClassVar[bool] = True  # whose account it is may do it
    revives: ClassVar[bool] = False  # meant for accounts that have ended, too
    switches_on: ClassVar[bool] = False  # meant for accounts that are switched off
    by_portal: ClassVar[bool] = False  # nobody asks for it; the portal does it by itself
    ends_sessions: ClassVar[bool] = False  # everything open for this account dies with it
    takes_away: ClassVar[bool] = False  # the portal may do it whatever state the account is in
    joint: ClassVar[bool] = False  # its details name one thing, whichever of several accounts it is done for
    also: ClassVar[type[Capability] | None] = None  # it is for the person's accounts in other systems, too

    attribute: ClassVar[str] = ""  # what it changes, as the record calls it

    account_id: str  # whom it is for

    @classmethod
    def from_form(cls, form: FlaskForm, account_id: str) -> Self:
        values = {f.name: form[f.name].data for f in fields(cls) if f.name in form}
        return cls(account_id=account_id, **values)

    @classmethod
    def from_details(cls, account_id: str, details: Mapping[str, Any]) -> Self:
        """The action that was written down as these details."""
        values = {
            f.name: date.fromisoformat(details[f.name]) if f.type in (date, "date") else details[f.name]
            for f in fields(cls)
            if f.name in details
        }
        return cls(account_id=account_id, **values)

    @classmethod
    def has_secrets(cls) -> bool:
        return any(f.metadata.get("secret") for f in fields(cls))

    def details(self) -> dict[str, Any]:
        """What may be written down: every field not marked secret, as JSON can hold it."""
        plain = {f.name: getattr(self, f.name) for f in fields(self) if not f.metadata.get("secret")}
        plain.pop("account_id")
        return {name: value.isoformat() if isinstance(value, date) else value for name, value in plain.items()}

    def change(self, account: Account) -> tuple[str, str]:
        """The old and the new value of its attribute, for the record; never a secret."""
        return getattr(self, "old", ""), getattr(self, "new", "")

    @property
    def via(self) -> str:
        """The installation's name of the connector that is to do it, where several can; empty: the first."""
        return str(getattr(self, "system", ""))

    def owners(self, connector: Any, account: Account) -> Sequence[str] | None:
        """Addresses of those it belongs to, whom a rule calls "owner"; None: whatever they think, nobody is asked."""
        return ()

    def at(self, now: datetime) -> Self:
        """The same as it is carried out at this moment."""
        return self

    def held_until(self, connector: Any) -> datetime | None:
        """The moment before which it must not be done, where the connector cannot be told to wait; None: at once."""
        return None

    @classmethod
    def undoing(cls, details: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]] | None:
        """The action that takes it away again, by name, and its details; None: there is no such thing."""
        return None

    @classmethod
    def ends_at(cls, details: Mapping[str, Any]) -> datetime | None:
        """When the portal takes it away again by itself; None: never."""
        return None

    @classmethod
    def concerned(cls, details: Mapping[str, Any]) -> Sequence[str]:
        """Addresses of all whom it concerns; whoever it is done for hears of it otherwise."""
        return ()

    @abstractmethod
    def perform(self, connector: Any, account: Account) -> Account | AccessPass | None:
        """Do it. `connector` is an instance of `needs`; raises what `connectors.errors` holds.

        Returns the account as it stands afterwards where the connector had to look anyway; or what only whoever asked
        may see, once.
        """

    def perform_also(self, connector: Any, account: Account) -> None:
        """Do the same to the person's account in another system; `connector` is an instance of `also`."""
        self.perform(connector, account)

    @classmethod
    def confirm(cls, details: Mapping[str, Any], before: Mapping[str, str], now: Account) -> Outcome:
        """Whether it happened: by what was wanted (`details`), the account's state before (`facts`) and now."""
        return "unknown"

    @classmethod
    def look(cls, connector: Any, details: Mapping[str, Any], account: Account) -> Outcome | None:
        """The same for what no account shows, by asking the connector; None: `confirm` is to tell."""
        return None
