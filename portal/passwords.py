"""What a new password must be like for this person: the directory's rules and the portal's own."""

import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from connectors.account import Account, PasswordRules
from connectors.errors import Refusal
from portal.pages import day_and_time
from portal.settings import Passwords

LEAST_PART = 4  # shorter parts of names turn up in words by chance


@dataclass(frozen=True, kw_only=True)
class RuleLine:
    """One rule as it is shown: `check` and `value` let a script tick it while somebody types."""

    code: str  # the reason code when it is broken
    text: str
    check: str | None = None  # a name rules.js knows; None: only the server can tell
    value: int | list[str] | None = None
    state: str = "todo"  # todo, done, no
    words: str | None = None


def normal(password: str) -> str:
    """The password in NFC, so that the same letters typed on another keyboard are the same bytes (RFC 8265)."""
    return unicodedata.normalize("NFC", password)


def rule_lines(rules: PasswordRules, own: Passwords, account: Account) -> list[RuleLine]:
    """All rules, in the words of the person's language, shown before typing."""
    least = max(rules.min_length, own.min_length)
    lines = [
        RuleLine(
            code=Refusal.TOO_SHORT,
            check="min_length",
            value=least,
            text=ngettext("%(num)d character or more", "%(num)d characters or more", least),
        ),
        RuleLine(
            code=Refusal.CONTAINS_NAME,
            check="differs_from",
            value=sorted(own_words(account)),
            text=_("no part of your name, user name or address"),
        ),
        RuleLine(code="blocklisted", text=_("not one of those that are tried first")),
    ]
    if rules.history:
        used = ngettext("not your last password", "none of your last %(num)d passwords", rules.history)
        lines.append(RuleLine(code=Refusal.IN_HISTORY, text=used))
    if rules.quality_checked:
        lines.append(RuleLine(code=Refusal.TOO_WEAK, text=_("hard enough to guess, by the directory's own check")))
    if rules.possible_from:
        when = day_and_time(rules.possible_from)
        lines.append(RuleLine(code=Refusal.TOO_YOUNG, text=_("not before %(when)s", when=when), state="no"))
    return lines


def problems(password: str, rules: PasswordRules, own: Passwords, account: Account) -> list[str]:
    """Reason codes of all rules the portal itself can see broken; empty: worth asking the directory."""
    found: list[str] = []
    if any(unicodedata.category(c) in ("Cc", "Cs") for c in password):
        found.append("unusable_characters")
    if len(password) < max(rules.min_length, own.min_length):
        found.append(Refusal.TOO_SHORT)
    if rules.max_length and len(password) > rules.max_length:
        found.append(Refusal.TOO_LONG)
    plain = _plain(password)
    if any(word in plain for word in own_words(account)):
        found.append(Refusal.CONTAINS_NAME)
    if _is_common(plain) or any(_is_mostly(_plain(word), plain) for word in own.words):
        found.append("blocklisted")
    return found


def marked(lines: list[RuleLine], broken: list[str]) -> list[RuleLine]:
    """The rules with a cross at those that do not fit, and a tick at those the portal could see to fit."""
    return [
        replace(line, state="no") if line.code in broken else replace(line, state="done") if line.check else line
        for line in lines
    ]


def too_young(rules: PasswordRules, now: datetime) -> bool:
    return rules.possible_from is not None and rules.possible_from > now


def own_words(account: Account) -> frozenset[str]:
    """Parts of the person's names and addresses that must not turn up in the password."""
    names = [account.login, *account.name.split(), *account.login.replace(".", " ").split()]
    names += [address.partition("@")[0] for address in (account.mail, *account.recovery_mail) if address]
    return frozenset(plain for name in names if len(plain := _plain(name)) >= LEAST_PART)


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in folded if not unicodedata.combining(c))


LOOKALIKES = str.maketrans("013457@$!", "oieastasi")


def _is_common(plain: str) -> bool:
    """On the list as it stands, or dressed up: digits and signs around it, or look-alikes in it."""
    core = plain.strip("0123456789!?.,-_#*@$ ")
    return not core or bool({plain, core, core.translate(LOOKALIKES)} & _common())


def _is_mostly(word: str, plain: str) -> bool:
    """Built on this word: beside it there are only digits, signs and a letter or two."""
    letters = sum(c.isalpha() for c in plain.replace(word, "", 1))
    return len(word) >= LEAST_PART and word in plain and letters < LEAST_PART


@cache
def _common() -> frozenset[str]:
    lines: Any = files("portal").joinpath("common_passwords.txt").read_text("utf-8").split()
    return frozenset(lines)
