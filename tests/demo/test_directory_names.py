"""Distinguished names: equal ones fold to the same, and nothing else does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.demo.directory import names

BASE = names.key("dc=nordvik,dc=example")


@pytest.mark.parametrize(
    "other",
    [
        "CN=Olsen\\, Connie,DC=Example",
        "cn = olsen\\2C connie , dc = example",
        "cn=Olsen\\2c  Connie;dc=example",
        "cn=\\4flsen\\, Connie,dc=example",
    ],
)
def test_writing_a_name_differently_does_not_make_another_of_it(other: str) -> None:
    assert names.key(other) == names.key("cn=Olsen\\, Connie,dc=example")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("cn=a,cn=b", "cn=a\\,cn\\=b"),
        ("cn=a+sn=b", "cn=a\\+sn\\=b"),
        ("cn=ab", "cn=a b"),
        ("cn=Ødegård", "cn=Odegard"),
    ],
)
def test_different_names_stay_different(one: str, other: str) -> None:
    assert names.key(one) != names.key(other)


def test_the_parts_of_a_compound_name_have_no_order() -> None:
    assert names.key("cn=a+sn=b") == names.key("SN=B+CN=A")


@pytest.mark.parametrize("text", ["x", "=x", "cn", "cn=a,", "cn=a\\", "cn=\\ff", "c n=a", ","])
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(names.InvalidName):
        names.key(text)


@given(st.text(min_size=1))
def test_any_value_can_be_escaped_into_a_name(value: str) -> None:
    key = names.key(f"cn={names.escape(value)},dc=nordvik,dc=example")
    assert key[1:] == BASE
    assert names.is_below(key, BASE)


def test_only_what_ends_in_the_base_lies_below_it() -> None:
    assert names.is_below(BASE, BASE)
    assert not names.is_below(BASE[1:], BASE)
    assert not names.is_below(names.key("dc=nordvik,dc=other"), BASE)
