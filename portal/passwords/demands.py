"""What a new password must be like for this person: the rules of all systems that get it, and the portal's own."""

import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from flask_babel import lazy_gettext as _l

from connectors.account import Account, PasswordRules
from connectors.errors import Refusal
from portal.passwords.breaches import Leaks
from portal.passwords.rule_lines import RuleLine, characters, lengths, lines_elsewhere, plain, unseen, without
from portal.settings.people import Passwords

LEAST_PART = 4  # shorter parts of names turn up in words by chance
LEAKED = "breached"


def normal(password: str) -> str:
    """The password in NFC, so that the same letters typed on another keyboard are the same bytes (RFC 8265)."""
    return unicodedata.normalize("NFC", password)


def rule_lines(
    rules: PasswordRules,
    own: Passwords,
    account: Account,
    leaks: Leaks,
    others: Iterable[tuple[str, PasswordRules]] = (),
) -> list[RuleLine]:
    """All rules, in the words of the person's language, shown before typing. What is shown is what is checked.

    `others`: the further systems that get the same password, by what people call them.
    """
    forbidden = {plain(word) for word in rules.forbidden_words if word}
    lines = [*lengths(rules, own.min_length), *characters(rules)]
    lines += [without(own_words(account) | forbidden), _common_ones(own)]
    if leaks.known:
        text = _l("not among those that have turned up in leaks")
        lines.append(RuleLine(code=LEAKED, text=text, fits=lambda password: leaks.seen(password) is None))
    lines += unseen(rules)
    for system, asked in others:
        lines += lines_elsewhere(system, asked, lines)
    return lines


def judged(password: str, lines: list[RuleLine]) -> list[RuleLine]:
    """Each rule with a cross, or a tick, as far as the portal itself can see."""
    return [replace(line, state=state) for line, state in zip(lines, _states(password, lines), strict=True)]


def problems(password: str, lines: list[RuleLine]) -> list[str]:
    """Reason codes of all rules the portal itself can see broken; empty: worth asking the directory."""
    found = [Refusal.UNUSABLE_CHARACTERS] if _is_unusable(password) else []
    broken = (line.code for line, state in zip(lines, _states(password, lines), strict=True) if state == "no")
    return list(dict.fromkeys([*found, *broken]))


def refused(lines: list[RuleLine], reason: str) -> list[RuleLine]:
    """With a cross at what the account's own directory has said where the portal saw nothing wrong."""
    return [replace(line, state="no") if line.code == reason and not line.elsewhere else line for line in lines]


def too_young(rules: PasswordRules, now: datetime) -> datetime | None:
    """When the next change is possible, if the directory would refuse one now."""
    return rules.possible_from if rules.possible_from and rules.possible_from > now else None


def _is_unusable(password: str) -> bool:
    return not password.isprintable() and any(unicodedata.category(c) in ("Cc", "Cs") for c in password)


def _states(password: str, lines: list[RuleLine]) -> list[str]:
    states = ["todo" if line.code == LEAKED else _state(line, password) for line in lines]
    if "no" in states or _is_unusable(password):
        return states  # whatever is wrong anyway need not be looked up among the leaks, maybe at somebody else's
    return [_state(line, password) if line.code == LEAKED else state for line, state in zip(lines, states, strict=True)]


def _state(line: RuleLine, password: str) -> str:
    if line.fits is None:
        return "todo"
    return "done" if line.fits(password) else "no"


def _common_ones(own: Passwords) -> RuleLine:
    def fits(password: str) -> bool:
        found = plain(password)
        return not (_is_common(found) or any(_is_mostly(plain(word), found) for word in own.words))

    return RuleLine(code="blocklisted", text=_l("not one of those that are tried first"), fits=fits)


def own_words(account: Account) -> frozenset[str]:
    """Parts of the person's names and addresses that must not turn up in the password."""
    names = [account.login, *account.name.split(), *account.login.replace(".", " ").split()]
    names += [address.partition("@")[0] for address in (account.mail, *account.recovery_mail) if address]
    return frozenset(part for name in names if len(part := plain(name)) >= LEAST_PART)


LOOKALIKES = str.maketrans("013457@$!", "oieastasi")


def _is_common(text: str) -> bool:
    """On the list as it stands, or dressed up: digits and signs around it, or look-alikes in it."""
    core = text.strip("0123456789!?.,-_#*@$ ")
    return not core or bool({text, core, core.translate(LOOKALIKES)} & _common())


def _is_mostly(word: str, text: str) -> bool:
    """Built on this word: beside it there are only digits, signs and a letter or two."""
    letters = sum(c.isalpha() for c in text.replace(word, "", 1))
    return len(word) >= LEAST_PART and word in text and letters < LEAST_PART


@cache
def _common() -> frozenset[str]:
    lines: Any = files("portal.passwords").joinpath("common_passwords.txt").read_text("utf-8").split()
    return frozenset(lines)
