"""What the portal itself can see of a new password."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.account import Account, PasswordRules
from portal.breaches import Leaks
from portal.passwords import normal, own_words, problems, rule_lines
from portal.settings_people import Passwords

BJORN = Account(
    id="main:1",
    directory="main",
    dn="uid=bjorna",
    login="bjorna",
    name="Bjørn Åkesson",
    mail="bjorn.akesson@nordvik.example",
    recovery_mail=("b.a@fjordpost.example",),
)
OWN = Passwords(min_length=12, words=("nordvik",))


def broken(password: str, own: Passwords = OWN, **rules: Any) -> list[str]:
    return problems(password, rule_lines(PasswordRules(**rules), own, BJORN, Leaks(own)))


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("elevenchars", "too_short"),
        ("long-enough-BJORNA-9", "contains_name"),
        ("long-enough-åkesson-9", "contains_name"),
        ("long-enough-akesson-9", "contains_name"),
        ("password12345", "blocklisted"),
        ("P@ssw0rd12345!", "blocklisted"),
        ("qwertyuiop123456", "blocklisted"),
        ("1234567890123456", "blocklisted"),
        ("Nordvik-2026!", "blocklisted"),
        ("nordvik1!!!!", "blocklisted"),
        ("blue\x00harbour-lantern", "unusable_characters"),
    ],
)
def test_what_is_wrong_is_named(password: str, problem: str) -> None:
    assert problem in broken(password)


@pytest.mark.parametrize(
    "password", ["Blue-harbour-lantern-9", "fire hester på en strand", "李小龙跳过了那道很高的墙啊", "🐙" * 12]
)
def test_long_ones_of_any_letters_are_fine(password: str) -> None:
    assert broken(password, min_length=8) == []


def test_the_longer_of_both_least_lengths_counts() -> None:
    assert "too_short" in broken("fourteen-chars", min_length=15)
    assert "too_short" not in broken("fifteen--chars-", min_length=15)


def test_a_letter_typed_in_two_parts_is_the_same_letter() -> None:
    assert normal("A\u030akesson") == "Åkesson"


def test_short_parts_of_names_are_not_looked_for() -> None:
    assert own_words(BJORN) == {"bjorna", "bjørn", "akesson", "bjorn.akesson"}


@given(st.text(max_size=200))
def test_no_text_makes_it_fail(password: str) -> None:
    assert isinstance(broken(normal(password), history=5), list)
