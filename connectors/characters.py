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


def classes_in(password: str) -> frozenset[CharacterClass]:
    """The kinds that turn up in it at least once."""
    return frozenset(found for c in password if (found := _class_of(c)))


def _class_of(character: str) -> CharacterClass | None:
    if character in string.digits:
        return CharacterClass.DIGIT
    if character in string.punctuation:
        return CharacterClass.SIGN
    return _LETTERS.get(unicodedata.category(character))
