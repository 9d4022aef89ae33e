"""What a new password must be like for this person: the directory's rules and the portal's own."""

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from connectors.account import Account, PasswordRules
from connectors.characters import CharacterClass, classes_in
from connectors.errors import Refusal
from portal.breaches import Leaks
from portal.settings_people import Passwords

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
    fits: Callable[[str], bool] | None = None  # None: only the directory can tell


def normal(password: str) -> str:
    """The password in NFC, so that the same letters typed on another keyboard are the same bytes (RFC 8265)."""
    return unicodedata.normalize("NFC", password)


def rule_lines(rules: PasswordRules, own: Passwords, account: Account, leaks: Leaks) -> list[RuleLine]:
    """All rules, in the words of the person's language, shown before typing. What is shown is what is checked."""
    lines = [*_lengths(rules, own), *_characters(rules), _names(rules, account), _common_ones(own)]
    if leaks.known:
        text = _("not among those that have turned up in leaks")
        lines.append(RuleLine(code="breached", text=text, fits=lambda password: leaks.seen(password) is None))
    if rules.history:
        used = ngettext("not your last password", "none of your last %(num)d passwords", rules.history)
        lines.append(RuleLine(code=Refusal.IN_HISTORY, text=used))
    if rules.quality_checked:
        lines.append(RuleLine(code=Refusal.TOO_WEAK, text=_("hard enough to guess, by the directory's own check")))
    return lines


def problems(password: str, lines: list[RuleLine]) -> list[str]:
    """Reason codes of all rules the portal itself can see broken; empty: worth asking the directory."""
    found = ["unusable_characters"] if any(unicodedata.category(c) in ("Cc", "Cs") for c in password) else []
    for line in lines:
        # Whatever is wrong anyway need not be looked up among the leaks, which may be a question to somebody else.
        if line.fits and line.code not in found and not (line.code == "breached" and found) and not line.fits(password):
            found.append(line.code)
    return found


def marked(lines: list[RuleLine], broken: list[str]) -> list[RuleLine]:
    """The rules with a cross at those that do not fit, and a tick at those the portal could see to fit."""
    unseen = "breached" if broken else ""
    return [
        replace(line, state="no")
        if line.code in broken
        else replace(line, state="done")
        if line.fits and line.code != unseen
        else line
        for line in lines
    ]


def too_young(rules: PasswordRules, now: datetime) -> datetime | None:
    """When the next change is possible, if the directory would refuse one now."""
    return rules.possible_from if rules.possible_from and rules.possible_from > now else None


def octets(password: str) -> int:
    return len(password.encode(errors="replace"))


def _lengths(rules: PasswordRules, own: Passwords) -> Iterator[RuleLine]:
    in_octets = rules.counts_octets
    least = own.min_length if in_octets else max(rules.min_length, own.min_length)
    yield RuleLine(
        code=Refusal.TOO_SHORT,
        check="min_length",
        value=least,
        text=ngettext("%(num)d character or more", "%(num)d characters or more", least),
        fits=lambda password: len(password) >= least,
    )
    if in_octets and rules.min_length > least:
        yield RuleLine(
            code=Refusal.TOO_SHORT,
            check="min_octets",
            value=rules.min_length,
            text=_("%(num)d or more as the directory counts: å, ä and ø are two each", num=rules.min_length),
            fits=lambda password: octets(password) >= rules.min_length,
        )
    if most := rules.max_length:
        yield RuleLine(
            code=Refusal.TOO_LONG,
            check="max_octets" if in_octets else "max_length",
            value=most,
            text=_("at most %(num)d as the directory counts: å, ä and ø are two each", num=most)
            if in_octets
            else ngettext("at most %(num)d character", "at most %(num)d characters", most),
            fits=lambda password: (octets(password) if in_octets else len(password)) <= most,
        )


def _characters(rules: PasswordRules) -> Iterator[RuleLine]:
    in_ascii = rules.ascii_kinds  # rules.js knows the other way of telling kinds apart
    if wanted := rules.classes:
        yield RuleLine(
            code=Refusal.NOT_COMPLEX,
            check=None if in_ascii else "min_classes",
            value=wanted,
            text=_("%(num)d of these kinds: a to z, A to Z, digits, signs or blanks, other letters", num=wanted)
            if in_ascii
            else _(
                "%(num)d of these kinds: small letters, capital letters, digits, signs, letters without case",
                num=wanted,
            ),
            fits=lambda password: len(classes_in(password, ascii_kinds=in_ascii)) >= wanted,
        )
    for kind, least in rules.at_least.items():
        yield RuleLine(
            code=Refusal.NOT_COMPLEX,
            check=None if in_ascii else f"min_{kind}",
            value=least,
            text=_kind_text(kind, least),
            fits=_enough(kind, least, in_ascii),
        )
    if most := rules.most_repeats:
        yield RuleLine(
            code=Refusal.REPEATS,
            check="max_repeats",
            value=most,
            text=ngettext("no character twice in a row", "no character more than %(num)d times in a row", most),
            fits=lambda password: all(len(list(same)) <= most for _character, same in groupby(password)),
        )


def _enough(kind: CharacterClass, least: int, in_ascii: bool) -> Callable[[str], bool]:
    return lambda password: sum(kind in classes_in(c, ascii_kinds=in_ascii) for c in password) >= least


def _kind_text(kind: CharacterClass, least: int) -> str:
    match kind:
        case CharacterClass.UPPER:
            return ngettext("%(num)d capital letter or more", "%(num)d capital letters or more", least)
        case CharacterClass.LOWER:
            return ngettext("%(num)d small letter or more", "%(num)d small letters or more", least)
        case CharacterClass.DIGIT:
            return ngettext("%(num)d digit or more", "%(num)d digits or more", least)
        case CharacterClass.SIGN:
            return ngettext("%(num)d sign such as - or more", "%(num)d signs such as - or more", least)
        case CharacterClass.OTHER_LETTER:
            return ngettext("%(num)d letter without case or more", "%(num)d letters without case or more", least)


def _names(rules: PasswordRules, account: Account) -> RuleLine:
    words = own_words(account) | {_plain(word) for word in rules.forbidden_words if word}
    return RuleLine(
        code=Refusal.CONTAINS_NAME,
        check="differs_from",
        value=sorted(words),
        text=_("no part of your name, user name or address"),
        fits=lambda password: not any(word in _plain(password) for word in words),
    )


def _common_ones(own: Passwords) -> RuleLine:
    def fits(password: str) -> bool:
        plain = _plain(password)
        return not (_is_common(plain) or any(_is_mostly(_plain(word), plain) for word in own.words))

    return RuleLine(code="blocklisted", text=_("not one of those that are tried first"), fits=fits)


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
