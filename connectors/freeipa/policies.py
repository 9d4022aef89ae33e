"""Password policies as FreeIPA keeps them: one for everybody, others by group (`ipa help pwpolicy`)."""

import string
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby

from connectors.account import PasswordRules
from connectors.errors import AccountNotFound, Forbidden, Refusal
from connectors.freeipa.client import Client, Command
from connectors.freeipa.entry import Entry

_FRESH = timedelta(seconds=60)
_UNTOLD = ("krbpwdmindiffchars", "ipapwdmaxsequence")


@dataclass(frozen=True, kw_only=True)
class Policy:
    """One policy. A number of zero means no such rule."""

    name: str = ""
    readable: bool = True
    min_length: int = 0
    classes: int = 0
    history: int = 0
    min_age: timedelta = timedelta()
    max_age: timedelta = timedelta()
    max_failures: int = 0
    lock_lasts: timedelta = timedelta()  # zero: until somebody unlocks
    most_repeats: int = 0
    name_forbidden: bool = False
    quality_checked: bool = False

    def rules(self, login: str) -> PasswordRules:
        """As one person meets it. A reset is possible at any time: FreeIPA holds it to no least age."""
        return PasswordRules(
            min_length=self.min_length,
            history=self.history,
            min_age=self.min_age,
            max_age=self.max_age or None,
            quality_checked=self.quality_checked,
            most_repeats=self.most_repeats,
            forbidden_words=frozenset({login.lower()}) if self.name_forbidden else frozenset(),
        )

    def refusal(self, password: str, login: str) -> Refusal | None:
        """What a person's own change would be refused for. FreeIPA holds a reset to its history and nothing else."""
        if len(password) < self.min_length:
            return Refusal.TOO_SHORT
        if _classes(password) < self.classes:
            return Refusal.NOT_COMPLEX
        if self.most_repeats and _longest_run(password) > self.most_repeats:
            return Refusal.REPEATS
        if self.name_forbidden and login.lower() in password.lower():
            return Refusal.CONTAINS_NAME
        return None


def policy_from(entry: Entry) -> Policy:
    return Policy(
        name=entry.text("cn"),
        min_length=entry.number("krbpwdminlength"),
        classes=entry.number("krbpwdmindiffchars"),
        history=entry.number("krbpwdhistorylength"),
        min_age=timedelta(hours=entry.number("krbminpwdlife")),
        max_age=timedelta(days=entry.number("krbmaxpwdlife")),
        max_failures=entry.number("krbpwdmaxfailure"),
        lock_lasts=timedelta(seconds=entry.number("krbpwdlockoutduration")),
        most_repeats=entry.number("ipapwdmaxrepeat"),
        name_forbidden=entry.flag("ipapwdusercheck"),
        quality_checked=any(map(entry.number, _UNTOLD)) or entry.flag("ipapwddictcheck"),
    )


class Policies:
    """Reads policies and keeps each for a minute: they change once a year, and every account needs one."""

    def __init__(self, client: Client, clock: Callable[[], datetime]) -> None:
        self._client = client
        self._clock = clock
        self._kept: dict[str, tuple[datetime, Policy]] = {}

    def of(self, dn: str, login: str) -> Policy:
        """The policy of that DN, which binds this person; without one everybody's. One we may not read has no rules."""
        read_at, policy = self._kept.get(dn, (datetime.min.replace(tzinfo=UTC), Policy()))
        if not timedelta() <= self._clock() - read_at < _FRESH:
            policy = self._read(login)
            self._kept[dn] = (self._clock(), policy)
        return policy

    def _read(self, login: str) -> Policy:
        # By person, not by name: what a group's policy is called takes one right more to read.
        try:
            found = self._client.call(Command(method="pwpolicy_show", options={"user": login}))
        except (Forbidden, AccountNotFound):  # what somebody may not read does not exist for them
            return Policy(readable=False)
        return policy_from(Entry.of(found.get("result", {})))


def _classes(password: str) -> int:
    """Kinds of characters as util/ipa_pwd.c counts them; letters beyond ASCII are one kind, repetition costs one."""
    kinds = {_kind(character) for character in password}
    return len(kinds) - (_longest_run(password) > 2)


def _longest_run(password: str) -> int:
    return max((sum(1 for _ in run) for _, run in groupby(password)), default=0)


def _kind(character: str) -> str:
    if not character.isascii():
        return "beyond ASCII"
    for name in ("digits", "ascii_uppercase", "ascii_lowercase"):
        if character in getattr(string, name):
            return name
    return "signs"
