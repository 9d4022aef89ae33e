"""Suggestions fit the rules they are made for, hold as much chance as they say, and estimates are honest."""

import math
import random
import re

import pytest

from connectors.account import Account, PasswordRules
from connectors.characters import CharacterClass
from portal.passwords.breaches import Leaks
from portal.passwords.demands import problems, rule_lines
from portal.passwords.passphrases import LEAST_BITS, suggest, words_of
from portal.passwords.rule_lines import RuleLine
from portal.passwords.strength import strength_of
from portal.settings.part import LANGUAGES
from portal.settings.people import Passwords

ALICE = Account(id="main:1", directory="main", dn="uid=alice", login="alice", name="Alice Berg", mail="alice@a.example")
RULES = {
    "none": PasswordRules(),
    "complex": PasswordRules(classes=3, forbidden_words=frozenset({"Berg", "ali"})),
    "all five but one": PasswordRules(classes=4),
    "at least": PasswordRules(at_least={CharacterClass.UPPER: 1, CharacterClass.DIGIT: 1, CharacterClass.SIGN: 2}),
    "long": PasswordRules(min_length=28),
    "no doubles": PasswordRules(most_repeats=1),
    "short": PasswordRules(max_length=20),
    "octets": PasswordRules(max_length=72, min_length=20, counts_octets=True),
}


def lines_for(rules: PasswordRules) -> list[RuleLine]:
    own = Passwords()
    return rule_lines(rules, own, ALICE, Leaks(own))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", RULES)
def test_what_is_suggested_fits_and_is_hard_to_guess(name: str, language: str) -> None:
    lines = lines_for(RULES[name])
    for seed in range(20):
        made = suggest(lines, language=language, choice=random.Random(seed).choice)
        assert made is not None
        assert problems(made.text, lines) == []
        assert made.bits >= LEAST_BITS


def test_where_nothing_fits_nothing_is_suggested() -> None:
    assert suggest(lines_for(PasswordRules(max_length=5)), language="en") is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_can_be_typed_everywhere_and_none_counts_twice(language: str) -> None:
    words = words_of(language)
    assert len(set(words)) == len(words) > 1024
    assert all(re.fullmatch("[a-z]{3,8}", word) for word in words)


def test_the_bits_are_those_of_the_list() -> None:
    made = suggest(lines_for(PasswordRules()), language="en")
    assert made is not None
    assert made.bits == int(len(made.text.split("-")) * math.log2(len(words_of("en"))))


def test_a_language_without_words_gets_english_ones() -> None:
    assert words_of("xx") == words_of("en")


def test_two_suggestions_differ() -> None:
    lines = lines_for(PasswordRules())
    assert suggest(lines, language="nb") != suggest(lines, language="nb")


def test_strength_grows_from_the_worst_to_the_best() -> None:
    tries = ("password", "alice1990", "Summer-2026", "harbour lantern", "blue harbour lantern nine oak")
    parts = [strength_of(text, ALICE).part for text in tries]
    assert parts == sorted(parts)
    assert strength_of(tries[0]).words == "Very easy to guess"
    assert strength_of(tries[-1]).words == "Very hard to guess"


@pytest.mark.parametrize("text", ["", "a" * 1024, "Pass1!" * 170, "🐙" * 200, "\ud800"])
def test_no_text_takes_long_or_fails(text: str) -> None:
    assert 0 < strength_of(text).part <= 1
