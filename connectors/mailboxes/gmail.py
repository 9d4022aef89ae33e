"""Mailboxes at Google: as their owners by domain-wide delegation, and as an administrator for what these cannot do."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from datetime import datetime, timedelta
from typing import Any

from connectors.account import Account
from connectors.capabilities import Capability, Examined, Finding
from connectors.errors import AccountNotFound, ConnectorError, Forbidden, Obstacle, Refusal, Refused, Unconfirmed
from connectors.findings import say
from connectors.google.delegated import Delegated, part, put
from connectors.google.dialect import NotTaken
from connectors.google.doctor import Need, of_scopes
from connectors.google.scopes import Scope
from connectors.mailbox import (
    AppPassword,
    AutoReply,
    Forward,
    Forwards,
    KeepsAliases,
    KeepsAppPasswords,
    Mailbox,
    Quota,
    ReadsMailbox,
    Right,
    SetsAutoReply,
    Share,
    SharedBox,
    Shares,
    SharesMailboxes,
    Source,
)
from connectors.mailboxes import gmail_forms
from connectors.mailboxes.gmail_settings import GmailSettings
from connectors.mailboxes.settings import MailSystem
from connectors.oauth import Api, TokenStore

_OWN = "gmail/v1/users/me/settings"
_USERS = "admin/directory/v1/users"
_REPORTS = "admin/reports/v1/usage/users"
_REPORTED = "accounts:gmail_used_quota_in_mb,accounts:total_quota_in_mb"
_DAYS_BEHIND = (2, 3, 4)  # reports come two or three days later; a day that is not there yet is refused
_WITHOUT: dict[type[Capability], str] = {
    SetsAutoReply: "auto_reply",
    Forwards: "forwards",
    KeepsAliases: "aliases",
    SharesMailboxes: "delegates",
    KeepsAppPasswords: "app_passwords",
}


class Gmail(
    MailSystem, ReadsMailbox, SetsAutoReply, Forwards, KeepsAliases, SharesMailboxes, KeepsAppPasswords, Examined
):
    """One forward for a whole mailbox, whose target must agree; delegates may do all but change settings."""

    settings: GmailSettings
    parted = False
    ends_by_itself = False
    rights = (Right.WORK,)
    makes = False

    def __init__(self, settings: GmailSettings, clock: Callable[[], datetime], store: TokenStore) -> None:
        self.settings = settings
        self._clock = clock
        self._google = Delegated(settings, settings.service_key, store, clock)
        self._shared = {box.casefold(): tuple(owners) for box, owners in settings.shared.items()}

    def offers(self, capability: type[Capability]) -> bool:
        return super().offers(capability) and _WITHOUT.get(capability) not in self.settings.without

    def read_mailbox(self, account: Account) -> Mailbox:
        """All questions at once: one after the other they would take as long as a page may."""
        address = _address(account)
        with self._owner(address) as api, ThreadPoolExecutor(6) as at_once:
            asked = [
                at_once.submit(api.get, f"{_OWN}/{name}")
                for name in ("vacation", "autoForwarding", "forwardingAddresses", "filters")
            ]
            aliases, quota = at_once.submit(self._aliases, address), at_once.submit(self._quota, address)
            vacation, forwarding, targets, filters = (one.result() for one in asked)
        return Mailbox(
            address=address,
            auto_reply=gmail_forms.reply_in(vacation, self._clock()),
            forwards=gmail_forms.forwards_in(
                forwarding,
                targets.get("forwardingAddresses", ()),
                filters.get("filter", ()),
                Source.PORTAL if self.offers(Forwards) else Source.SERVER,
            ),
            aliases=aliases.result(),
            quota=quota.result(),
        )

    def set_auto_reply(self, account: Account, reply: AutoReply | None) -> None:
        wanted = gmail_forms.vacation(reply)
        with self._owner(_ours(account)) as api:
            now = put(api, f"{_OWN}/vacation", wanted)
        if any(now.get(name, default) != wanted.get(name, default) for name, default in gmail_forms.COMPARED.items()):
            raise Unconfirmed(f"{account.mail}: the auto reply is not what was written")

    def add_forward(self, account: Account, forward: Forward) -> None:
        """Google asks an address outside whether it agrees, and forwards nothing before; then this goes through."""
        address, target = _ours(account), forward.target
        with self._owner(address) as api:
            there = api.get(f"{_OWN}/autoForwarding")
            if there.get("enabled") and there["emailAddress"].casefold() != target.casefold():
                raise Refused(Refusal.TOO_MANY_FORWARDS, "Google forwards a mailbox to one address")
            status = _status(api, target)
        with self._owner(address, Scope.SHARING) as api:
            if not status:
                status = _registered(api, target)
            if status != "accepted":
                raise Refused(Refusal.TARGET_MUST_CONFIRM, f"{target}: {status}")
            disposition = "leaveInInbox" if forward.keep_copy else "trash"
            wanted = {"enabled": True, "emailAddress": target, "disposition": disposition}
            if put(api, f"{_OWN}/autoForwarding", wanted) != wanted:
                raise Unconfirmed(f"{address}: the forwarding is not what was written")

    def remove_forward(self, account: Account, target: str) -> None:
        """A filter of the person's own that sends mail there goes on: so does Google's leave for the address."""
        address = _ours(account)
        with self._owner(address) as api:
            there = api.get(f"{_OWN}/autoForwarding")
            filters = api.get(f"{_OWN}/filters").get("filter", ())
        with self._owner(address, Scope.SHARING) as api:
            if there.get("enabled") and there["emailAddress"].casefold() == target.casefold():
                put(api, f"{_OWN}/autoForwarding", {"enabled": False})
            if not any(one.get("action", {}).get("forward", "").casefold() == target.casefold() for one in filters):
                with suppress(AccountNotFound):
                    api.write("DELETE", f"{_OWN}/forwardingAddresses/{part(target)}")

    def add_alias(self, account: Account, address: str) -> None:
        owner = _ours(account)
        with self._admin(Scope.ALIASES) as api:
            try:
                api.write("POST", f"{_USERS}/{part(owner)}/aliases", {"alias": address})
            except Refused:
                if not _is_in(address, self._aliases(owner)):
                    raise

    def remove_alias(self, account: Account, address: str) -> None:
        owner = _ours(account)
        with self._admin(Scope.ALIASES) as api, suppress(AccountNotFound):
            api.write("DELETE", f"{_USERS}/{part(owner)}/aliases/{part(address)}")

    def shares(self, account: Account) -> Shares:
        """What a person may do with others' own mailboxes Google does not tell; of shared ones we ask."""
        own = _address(account)
        boxes = [own, *(box for box, owners in self._shared.items() if _is_in(own, owners))]
        mine = [Share(box=box, who=who, right=Right.WORK) for box in boxes for who in self._delegates(box)]
        others = [
            Share(box=box, who=own, right=Right.WORK) for box in self._shared if _is_in(own, self._delegates(box))
        ]
        return Shares(mine=tuple(mine), others=tuple(others))

    def shared_boxes(self, account: Account) -> tuple[SharedBox, ...]:
        return tuple(SharedBox(address=box, owners=owners) for box, owners in self._shared.items())

    def share(self, account: Account, share: Share) -> None:
        box = self._box(account, share.box)
        if _is_in(share.who, self._delegates(box)):
            return
        with self._owner(box, Scope.SHARING) as api:
            try:
                api.write("POST", f"{_OWN}/delegates", {"delegateEmail": share.who})
            except NotTaken as error:
                raise Refused(Refusal.NO_SUCH_MAILBOX, error.detail) from error
        if not _is_in(share.who, self._delegates(box)):
            raise Unconfirmed(f"{share.who} is not among those who may use {box}")

    def unshare(self, account: Account, box: str, who: str) -> None:
        with self._owner(self._box(account, box), Scope.SHARING) as api, suppress(AccountNotFound):
            api.write("DELETE", f"{_OWN}/delegates/{part(who)}")

    def app_passwords(self, account: Account) -> tuple[AppPassword, ...]:
        with self._admin(Scope.SECURITY) as api:
            listed = api.get(f"{_USERS}/{part(_address(account))}/asps").get("items", ())
        return tuple(gmail_forms.app_password_in(one) for one in listed)

    def add_app_password(self, account: Account, name: str, password: str) -> None:
        raise Forbidden("Google makes app passwords itself", obstacle=Obstacle.UNSUPPORTED)

    def remove_app_password(self, account: Account, password_id: str) -> None:
        owner = _ours(account)
        with self._admin(Scope.SECURITY) as api, suppress(AccountNotFound):
            api.write("DELETE", f"{_USERS}/{part(owner)}/asps/{part(password_id)}")

    def examine(self) -> Iterator[Finding]:
        """Asked as the administrator: that a scope is delegated does not depend on whose mailbox it is."""
        without, stops = set(self.settings.without), (Forwards, SharesMailboxes)
        needs = [Need(Scope.MAIL, say("read mailboxes and set auto replies"), (ReadsMailbox, SetsAutoReply))]
        optional = (
            ({"forwards", "delegates"}, Need(Scope.SHARING, say("forward mail and share mailboxes"), stops)),
            ({"aliases"}, Need(Scope.ALIASES, say("give and take other addresses"), (KeepsAliases,))),
            ({"app_passwords"}, Need(Scope.SECURITY, say("list and end app passwords"), (KeepsAppPasswords,))),
            ({"quota"}, Need(Scope.USAGE, say("tell how full mailboxes are"))),
        )
        needs += [need for names, need in optional if not names <= without]
        for _, finding in of_scopes(needs, self.settings.admin, self.settings.service_key, self._google):
            yield finding

    def close(self) -> None:
        """Close all idle connections."""
        self._google.close()

    def _owner(self, address: str, scope: Scope = Scope.MAIL) -> AbstractContextManager[Api]:
        return self._google.api(self.settings.url, address, scope)

    def _admin(self, scope: Scope) -> AbstractContextManager[Api]:
        return self._google.api(self.settings.admin_url, self.settings.admin, scope)

    def _box(self, account: Account, box: str) -> str:
        """Only this person's own mailbox, or one that is nobody's own."""
        address = _ours(account)
        if box.casefold() not in (address.casefold(), *self._shared):
            raise Forbidden(f"{box} is somebody else's", obstacle=Obstacle.PROTECTED)
        return box

    def _delegates(self, box: str) -> tuple[str, ...]:
        with self._owner(box) as api:
            listed = api.get(f"{_OWN}/delegates").get("delegates", ())
        return tuple(str(one["delegateEmail"]) for one in listed)

    def _aliases(self, address: str) -> tuple[str, ...]:
        if "aliases" in self.settings.without:
            return ()
        with suppress(Forbidden), self._admin(Scope.ALIASES) as api:
            listed = api.get(f"{_USERS}/{part(address)}/aliases").get("aliases", ())
            return tuple(str(one["alias"]) for one in listed)
        return ()

    def _quota(self, address: str) -> Quota | None:
        """The newest report there is. Nobody waits for a number that is days old: without one the rest is shown."""
        if "quota" in self.settings.without:
            return None
        with suppress(ConnectorError), self._admin(Scope.USAGE) as api:
            for days in _DAYS_BEHIND:
                day = (self._clock() - timedelta(days=days)).date().isoformat()
                with suppress(NotTaken):
                    report: Any = api.get(f"{_REPORTS}/{part(address)}/dates/{day}", {"parameters": _REPORTED})
                    if quota := gmail_forms.quota_in(report):
                        return quota
        return None


def _status(api: Api, target: str) -> str:
    """Whether the target has agreed; empty where it was never asked."""
    with suppress(AccountNotFound):
        return str(api.get(f"{_OWN}/forwardingAddresses/{part(target)}").get("verificationStatus", ""))
    return ""


def _registered(api: Api, target: str) -> str:
    created = api.write("POST", f"{_OWN}/forwardingAddresses", {"forwardingEmail": target}) or {}
    return str(created.get("verificationStatus", ""))


def _address(account: Account) -> str:
    if not account.mail:
        raise AccountNotFound(f"{account.id} has no mail address")
    return account.mail


def _ours(account: Account) -> str:
    if account.protected:
        raise Forbidden(f"{account.dn} is protected", obstacle=Obstacle.PROTECTED)
    return _address(account)


def _is_in(address: str, addresses: tuple[str, ...]) -> bool:
    return address.casefold() in {one.casefold() for one in addresses}
