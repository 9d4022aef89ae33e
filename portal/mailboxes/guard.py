"""What the desk asks before it changes whose mailbox is used by whom, and which addresses there are for a while."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from connectors import Connectors
from connectors.account import Account
from connectors.mailbox import SharesMailboxes
from portal.action import Action
from portal.actions.add_temporary_alias import AddTemporaryAlias
from portal.actions.ask_shared_box import AskSharedBox
from portal.actions.end_share import EndShare
from portal.actions.share_absent import ShareAbsent
from portal.actions.share_mailbox import ShareMailbox
from portal.mailboxes.sharing import Sharing
from portal.settings.mailbox import MailRules


class MailboxGuard:
    """A page may be out of date, or not ours at all: this holds whatever it says."""

    def __init__(self, rules: MailRules, connectors: Connectors, zone: ZoneInfo) -> None:
        self._rules = rules
        self._connectors = connectors
        self._zone = zone

    def __call__(self, action: Action, account: Account, now: datetime) -> str | None:
        own, fits = (account.mail or "").casefold(), True
        match action:
            case ShareMailbox() | ShareAbsent():
                fits = action.box.casefold() == own != action.who.casefold() and self._gives(action, account)
            case AskSharedBox():
                fits = action.who.casefold() == own and action.box.casefold() in self._boxes(action, account)
            case EndShare():
                fits = own in (action.box.casefold(), action.who.casefold()) or self._answers_for(action, account)
            case AddTemporaryAlias():
                return None if self._may_be_had(action, account, now) else "alias_misplaced"
        return None if fits else "not_your_mailbox"

    def _may_be_had(self, action: AddTemporaryAlias, account: Account, now: datetime) -> bool:
        domain = action.address.rpartition("@")[2]
        longest = now.astimezone(self._zone).date() + timedelta(days=self._rules.temporary_days)
        return domain in self._rules.domains_of(account) and date.fromisoformat(action.last_day) <= longest

    def _gives(self, action: Sharing, account: Account) -> bool:
        connector = self._connectors.able_to(SharesMailboxes, account, action.via)
        return connector is None or (connector.own and action.right in connector.rights)

    def _boxes(self, action: AskSharedBox, account: Account) -> set[str]:
        connector = self._connectors.able_to(SharesMailboxes, account, action.via)
        return {one.address.casefold() for one in connector.shared_boxes(account)} if connector else set()

    def _answers_for(self, action: EndShare, account: Account) -> bool:
        connector = self._connectors.able_to(SharesMailboxes, account, action.via)
        mine = connector.shares(account).mine if connector else ()
        return action.box.casefold() in {one.box.casefold() for one in mine}
