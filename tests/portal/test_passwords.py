"""What the portal itself can see of a new password."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.account import Account, PasswordRules
from portal.passwords.breaches import Leaks
from portal.passwords.demands import judged, normal, own_words, problems, refused, rule_lines
from portal.passwords.rule_lines import RuleLine
from portal.settings.people import Passwords

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


def with_another(*rules: PasswordRules) -> list[RuleLine]:
    others = [(name, asked) for name, asked in zip(("Centre", "Google", "Library"), rules, strict=False)]
    return rule_lines(PasswordRules(history=5, most_repeats=3), OWN, BJORN, Leaks(OWN), others)


def named(lines: list[RuleLine]) -> list[str]:
    return [line.text for line in lines if line.elsewhere]


def test_another_systems_rules_are_named_by_it_and_only_those_that_ask_for_more() -> None:
    centre = PasswordRules(min_length=14, max_length=40, history=3, most_repeats=4, quality_checked=True)
    google = PasswordRules(min_length=8, max_length=100, ascii_only=True)
    library = PasswordRules(min_length=9, counts_octets=True)
    assert named(with_another(centre, google, library)) == [
        "Centre: 14 characters or more",
        "Centre: at most 40 characters",
        "Centre: hard enough to guess, by the directory's own check",
        "Google: only a to z, A to Z, digits, blanks and the signs of an English keyboard",
    ]


def test_a_password_too_weak_for_another_system_is_seen_before_any_is_asked() -> None:
    lines = with_another(PasswordRules(min_length=16, classes=3, ascii_kinds=True, forbidden_words=frozenset({"Blå"})))
    assert problems("harbour-lantern", lines) == ["too_short", "not_complex"]
    assert problems("Bla-harbour-lantern-9", lines) == ["contains_name"]
    assert problems("Blue-harbour-lantern-9", lines) == []
    states = {line.text: line.state for line in judged("harbour-lantern", lines)}
    assert states["12 characters or more"] == "done"
    assert states["Centre: 16 characters or more"] == "no"


def test_what_the_directory_at_home_refuses_is_laid_at_no_other_door() -> None:
    lines = refused(judged("Blue-harbour-lantern-9", with_another(PasswordRules(history=9))), "in_history")
    assert [(line.elsewhere, line.state) for line in lines if line.code == "in_history"] == [
        (False, "no"),
        (True, "todo"),
    ]
