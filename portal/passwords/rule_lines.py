"""A directory's rules for a new password, one line for each: what it says, and how it is checked while typing."""

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_ngettext as ngettext

from connectors.account import PasswordRules
from connectors.characters import CharacterClass, classes_in
from connectors.errors import Refusal


@dataclass(frozen=True, kw_only=True)
class RuleLine:
    """One rule as it is shown: `check` and `value` let a script tick it while somebody types."""

    code: str  # the reason code when it is broken
    text: Any  # translated when shown, which it is not to whoever keeps all rules
    check: str | None = None  # a name rules.js knows; None: only the server can tell
    value: int | list[str] | None = None  # without a check: how much it asks for
    state: str = "todo"  # todo, done, no
    words: str | None = None
    fits: Callable[[str], bool] | None = None  # None: only the directory can tell
    elsewhere: bool = False  # a rule of another system that gets the same password


def octets(password: str) -> int:
    return len(password.encode(errors="replace"))


def lengths(rules: PasswordRules, own_least: int) -> Iterator[RuleLine]:
    """How long it must and may be; `own_least` is asked for in any case."""
    in_octets = rules.counts_octets
    least = own_least if in_octets else max(rules.min_length, own_least)
    if least:
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
            text=_l("%(num)d or more as the directory counts: å, ä and ø are two each", num=rules.min_length),
            fits=lambda password: octets(password) >= rules.min_length,
        )
    if most := rules.max_length:
        yield RuleLine(
            code=Refusal.TOO_LONG,
            check="max_octets" if in_octets else "max_length",
            value=most,
            text=_l("at most %(num)d as the directory counts: å, ä and ø are two each", num=most)
            if in_octets
            else ngettext("at most %(num)d character", "at most %(num)d characters", most),
            fits=lambda password: (octets(password) if in_octets else len(password)) <= most,
        )


def characters(rules: PasswordRules) -> Iterator[RuleLine]:
    """Which kinds of characters it must mix, and which it may hold."""
    in_ascii = rules.ascii_kinds
    family = "ascii_" if in_ascii else ""  # as rules.js calls the two ways of telling kinds apart
    if rules.ascii_only:
        text = _l("only a to z, A to Z, digits, blanks and the signs of an English keyboard")
        yield RuleLine(code=Refusal.UNUSABLE_CHARACTERS, check="ascii_only", text=text, value=1, fits=str.isascii)
    if wanted := rules.classes:
        yield RuleLine(
            code=Refusal.NOT_COMPLEX,
            check=f"min_{family}classes",
            value=wanted,
            text=_classes_text(rules),
            fits=lambda password: len(classes_in(password, ascii_kinds=in_ascii)) >= wanted,
        )
    for kind, least in rules.at_least.items():
        yield RuleLine(
            code=Refusal.NOT_COMPLEX,
            check=f"min_{family}{kind}",
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


def unseen(rules: PasswordRules) -> Iterator[RuleLine]:
    """What only the directory can check."""
    if rules.history:
        used = ngettext("not your last password", "none of your last %(num)d passwords", rules.history)
        yield RuleLine(code=Refusal.IN_HISTORY, text=used, value=rules.history)
    if rules.quality_checked:
        yield RuleLine(code=Refusal.TOO_WEAK, text=_l("hard enough to guess, by the directory's own check"))


def lines_elsewhere(system: str, rules: PasswordRules, before: Iterable[RuleLine]) -> list[RuleLine]:
    """What one more system asks for beyond the lines before it, each line with the system's name."""
    asked = [*lengths(rules, 0), *characters(rules)]
    if rules.forbidden_words:
        asked.append(without(plain(word) for word in rules.forbidden_words if word))
    asked += unseen(rules)
    said = list(before)
    return [
        replace(line, text=_l("%(system)s: %(rule)s", system=system, rule=line.text), elsewhere=True)
        for line in asked
        if not any(_covers(one, line) for one in said)
    ]


def without(words: Iterable[str]) -> RuleLine:
    """No part of somebody's names; `words` are plain."""
    found = sorted(set(words))
    return RuleLine(
        code=Refusal.CONTAINS_NAME,
        check="differs_from",
        value=found,
        text=_l("no part of your name, user name or address"),
        fits=lambda password: not any(word in plain(password) for word in found),
    )


def plain(text: str) -> str:
    """In small letters without accents: what people take for the same word."""
    if text.isascii():
        return text.casefold()
    folded = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in folded if not unicodedata.combining(c))


_MORE_THAN = {("min_length", "min_octets"), ("max_octets", "max_length")}  # each character is an octet or more


def _covers(one: RuleLine, other: RuleLine) -> bool:
    """Whether what keeps to the one keeps to the other, too; what a server checks in its own way covers nothing."""
    if one.code != other.code or (one.check != other.check and (one.check, other.check) not in _MORE_THAN):
        return False
    if isinstance(one.value, list) and isinstance(other.value, list):
        return set(one.value) >= set(other.value)
    if isinstance(one.value, int) and isinstance(other.value, int):
        return one.value <= other.value if (one.check or "").startswith("max_") else one.value >= other.value
    return False


def _classes_text(rules: PasswordRules) -> Any:
    if rules.ascii_only:
        return _l("%(num)d of these kinds: a to z, A to Z, digits, signs or blanks", num=rules.classes)
    if rules.ascii_kinds:
        return _l("%(num)d of these kinds: a to z, A to Z, digits, signs or blanks, other letters", num=rules.classes)
    return _l(
        "%(num)d of these kinds: small letters, capital letters, digits, signs, letters without case",
        num=rules.classes,
    )


def _enough(kind: CharacterClass, least: int, in_ascii: bool) -> Callable[[str], bool]:
    return lambda password: sum(kind in classes_in(c, ascii_kinds=in_ascii) for c in password) >= least


def _kind_text(kind: CharacterClass, least: int) -> Any:
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
