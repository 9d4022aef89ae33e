"""Finding people by FreeIPA's commands, and reading an account out of what they answer."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors.account import Account, AccountState
from connectors.errors import AccountAmbiguous, AccountNotFound, Unavailable
from connectors.freeipa.client import Client, Command
from connectors.freeipa.entry import Entry
from connectors.freeipa.policies import Policies, Policy
from connectors.freeipa.settings import FreeIpaSettings

_LOGIN = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.-]{0,253}[A-Za-z0-9_.$-]?")  # as `ipa user-add` lets through
_LONGEST_ADDRESS = 256
_IDENTITY = re.compile(r"(?P<uuid>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(?P<number>[1-9]\d{0,9})")
_SECOND = timedelta(seconds=1)


class People:
    """The people of one FreeIPA, read as the service account.

    No command finds anybody by ipaUniqueID, so an account's id has the number beside it (uidNumber): the number, which
    survives renaming, finds the entry, and the unique id says whether it still is the same person's.
    """

    def __init__(self, settings: FreeIpaSettings, client: Client, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._client = client
        self._clock = clock
        self._zone = ZoneInfo(settings.time_zone)
        self._protected_groups = frozenset(name.lower() for name in settings.protected_groups)
        self._protected = frozenset(login.lower() for login in (*settings.protected_users, settings.user))
        self.policies = Policies(client, clock)

    def find(self, claim: str) -> Account:
        """The one account with this login or address. Raises AccountNotFound or AccountAmbiguous."""
        if "@" not in claim:
            return self.show(claim)
        if len(claim) > _LONGEST_ADDRESS or not claim.isprintable():
            raise AccountNotFound("no usable name")
        return self.show(self._only({"mail": claim}))

    def read(self, account_id: str) -> Account:
        directory, _, identity = account_id.partition(":")
        wanted = _IDENTITY.fullmatch(identity)
        if directory != self._settings.name or wanted is None:
            raise AccountNotFound(f"{account_id} is no account of {self._settings.name}")
        account = self.show(self._only({"uidnumber": int(wanted["number"])}))
        if account.id != account_id:
            raise AccountNotFound("its number belongs to somebody else now")
        return account

    def show(self, login: str) -> Account:
        """The account as it stands now, by its login. Raises AccountNotFound."""
        if not _LOGIN.fullmatch(login):
            raise AccountNotFound("no usable name")
        show = Command(method="user_show", args=(login,), options={"all": True})
        if self._settings.ask_every_server:
            shown, status = self._client.several(show, Command(method="user_status", args=(login,)))
            counts = [Entry.of(server) for server in status.get("result", ())]
        else:
            shown, counts = self._client.call(show), []
        entry = Entry.of(shown.get("result", {}))
        if entry.flag("preserved") or not entry.text("ipauniqueid"):
            raise AccountNotFound("deleted, and kept only to be restored")
        return self._account(entry, [*counts, entry])

    def listed(self, **wanted: str) -> Iterator[Account]:
        """Everybody with these values, without their groups. Raises Unavailable if the list is cut short."""
        everybody = {"all": True, "no_members": True, "sizelimit": 0, "timelimit": 0, **wanted}
        found = self._client.call(Command(method="user_find", options=everybody), seconds=self._settings.list_timeout)
        if found.get("truncated"):
            raise Unavailable("FreeIPA stops the list at its size or time limit (ipa config-mod --searchrecordslimit)")
        for result in found.get("result", ()):
            entry = Entry.of(result)
            if entry.text("ipauniqueid"):
                yield self._account(entry, [entry])

    def sample(self) -> str:
        """The login of somebody ordinary, to look at our rights over; empty if there is nobody."""
        some = Command(method="user_find", options={"sizelimit": 50, "no_members": False, "all": True})
        for result in self._client.call(some).get("result", ()):
            entry = Entry.of(result)
            if not self._is_protected(entry) and not entry.flag("nsaccountlock"):
                return entry.text("uid")
        return ""

    def _only(self, wanted: dict[str, Any]) -> str:
        """The login of the only entry with this value; a limit of two is enough to know that there are more."""
        options = {**wanted, "pkey_only": True, "sizelimit": 2}
        found: Sequence[dict[str, Any]] = self._client.call(Command(method="user_find", options=options))["result"]
        if len(found) > 1:
            raise AccountAmbiguous("more than one entry")
        if not found:
            raise AccountNotFound("no such entry")
        return Entry.of(found[0]).text("uid")

    def _account(self, entry: Entry, counts: Sequence[Entry]) -> Account:
        s = self._settings
        dn = entry.text("dn")
        accounts = dn.partition(",cn=users,")[2]  # cn=accounts,dc=example,dc=org
        groups = entry.texts("memberof_group", "memberofindirect_group")
        sponsor = entry.text("manager")
        return Account(
            id=f"{s.name}:{entry.text('ipauniqueid')}.{entry.text('uidnumber')}",
            directory=s.name,
            dn=dn,
            login=entry.text("uid"),
            name=entry.text("displayname", "cn"),
            given_name=entry.text("givenname"),
            mail=entry.text("mail") or None,
            recovery_mail=entry.texts(*s.recovery_mail_attributes),
            language=entry.text(s.language_attribute) or None,
            unit=entry.text(s.unit_attribute),
            kind=entry.text(s.kind_attribute),
            sponsor=(sponsor if "=" in sponsor else f"uid={sponsor},cn=users,{accounts}") if sponsor else None,
            groups=frozenset(f"cn={name},cn=groups,{accounts}".lower() for name in groups),
            protected=self._is_protected(entry),
            policy=entry.text("krbpwdpolicyreference"),
            state=self._state(entry, counts),
        )

    def _is_protected(self, entry: Entry) -> bool:
        groups = {name.lower() for name in entry.texts("memberof_group", "memberofindirect_group")}
        return entry.text("uid").lower() in self._protected or not self._protected_groups.isdisjoint(groups)

    def _state(self, entry: Entry, counts: Sequence[Entry]) -> AccountState:
        now, policy = self._clock(), self.policies.of(entry.text("krbpwdpolicyreference"), entry.text("uid"))
        changed, expires = entry.moment("krblastpwdchange"), entry.moment("krbpasswordexpiration")
        ends = entry.moment("krbprincipalexpiration")
        unlocked = entry.moment("krblastadminunlock")
        failures = [seen for count in counts if (seen := _failures(count, unlocked))]
        locks = [at for number, at in failures if _locks(number, at, policy, now)]
        locked_at = max(locks, default=None)
        return AccountState(
            locked_at=locked_at,
            unlocks_at=locked_at + policy.lock_lasts if locked_at and policy.lock_lasts else None,
            disabled=entry.flag("nsaccountlock"),
            # FreeIPA dates the end of a password that somebody else has set to the very second of its change.
            must_change=expires is not None and expires <= (changed or now),
            password_changed_at=changed,
            password_expires_at=expires,
            ends_on=_last_day(ends, self._zone),
            ended=ends is not None and ends < now,
            failed_sign_ins=max((number for number, _ in failures), default=0),
            failed_at=max((at for _, at in failures), default=None),
            revision=entry.fingerprint(),
        )


def _failures(count: Entry, unlocked: datetime | None) -> tuple[int, datetime] | None:
    """What one server has counted, if it still counts: an unlock is known everywhere, the counters are not."""
    number, at = count.number("krbloginfailedcount"), count.moment("krblastfailedauth")
    return (number, at) if number and at and not (unlocked and at <= unlocked) else None


def _locks(number: int, at: datetime, policy: Policy, now: datetime) -> bool:
    lapsed = bool(policy.lock_lasts) and at + policy.lock_lasts <= now
    return bool(policy.max_failures) and number >= policy.max_failures and not lapsed


def _last_day(ends: datetime | None, zone: ZoneInfo) -> date | None:
    return (ends - _SECOND).astimezone(zone).date() if ends else None
