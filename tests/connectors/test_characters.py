"""Kinds of characters are counted as Active Directory counts them."""

import pytest

from connectors.characters import CharacterClass, classes_in

UPPER, LOWER, DIGIT, SIGN, OTHER = CharacterClass


@pytest.mark.parametrize(
    ("password", "classes"),
    [
        ("", set()),
        ("Åse", {UPPER, LOWER}),
        ("straße", {LOWER}),
        ("ΩжД", {UPPER, LOWER}),
        ("李小龍1", {OTHER, DIGIT}),
        ("~!@#$%^&*_-+=`|\\(){}[]:;\"'<>,.?/", {SIGN}),
        ("€ £", set()),
        ("٣²", set()),
        ("aA1-", {UPPER, LOWER, DIGIT, SIGN}),
    ],
)
def test_each_character_is_of_one_kind_or_none(password: str, classes: set[CharacterClass]) -> None:
    assert classes_in(password) == classes


@pytest.mark.parametrize(
    ("password", "classes"),
    [("Åse", {OTHER, LOWER}), ("€ £", {OTHER, SIGN}), ("a b", {LOWER, SIGN}), ("٣", {OTHER}), ("", set())],
)
def test_a_server_of_octets_knows_only_ascii(password: str, classes: set[CharacterClass]) -> None:
    assert classes_in(password, ascii_kinds=True) == classes
