"""The kinds of characters that directories want mixed in a password."""

import string
import unicodedata
from enum import StrEnum


class CharacterClass(StrEnum):
    """The five of Active Directory's rule "Password must meet complexity requirements", which others count too."""

    UPPER = "upper"  # with accents, Greek and Cyrillic
    LOWER = "lower"
    DIGIT = "digit"  # 0 to 9
    SIGN = "sign"  # those of ASCII; a blank, a euro or a pound is none
    OTHER_LETTER = "other_letter"  # neither large nor small, as in Chinese


_LETTERS = {
    "Lu": CharacterClass.UPPER, "Ll": CharacterClass.LOWER, "Lo": CharacterClass.OTHER_LETTER,
    "Lm": CharacterClass.OTHER_LETTER, "Lt": CharacterClass.OTHER_LETTER,
}  # fmt: skip


def classes_in(password: str, *, ascii_kinds: bool = False) -> frozenset[CharacterClass]:
    """The kinds that turn up in it at least once."""
    class_of = _ascii_class_of if ascii_kinds else _class_of
    return frozenset(found for c in password if (found := class_of(c)))


def _ascii_class_of(character: str) -> CharacterClass:
    """As servers see it that look at octets: 389 DS calls all beyond ASCII "8-bit"."""
    if not character.isascii():
        return CharacterClass.OTHER_LETTER
    return _class_of(character) or CharacterClass.SIGN


def _class_of(character: str) -> CharacterClass | None:
    if character in string.digits:
        return CharacterClass.DIGIT
    if character in string.punctuation:
        return CharacterClass.SIGN
    return _LETTERS.get(unicodedata.category(character))
