"""Values are decoded by us, and no value however odd makes an account unreadable."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.ldap.entry import Entry, dn_key, generalized_time


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        (b"20261122050330Z", datetime(2026, 11, 22, 5, 3, 30, tzinfo=UTC)),
        (b"20261122050330.966709Z", datetime(2026, 11, 22, 5, 3, 30, tzinfo=UTC)),
        (b"202611220503Z", datetime(2026, 11, 22, 5, 3, tzinfo=UTC)),
        (b"2026112205Z", datetime(2026, 11, 22, 5, tzinfo=UTC)),
        (b"20261122050330+0130", datetime(2026, 11, 22, 3, 33, 30, tzinfo=UTC)),
        (b"20261122050330-05", datetime(2026, 11, 22, 10, 3, 30, tzinfo=UTC)),
        (b"20161231235960Z", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (b"000001010000Z", None),
        (b"20261322050330Z", None),
        (b"99991231235959-0100", None),
        (b"never", None),
        (b"", None),
    ],
)
def test_a_time_is_read_or_is_none(value: bytes, moment: datetime | None) -> None:
    assert generalized_time(value) == moment


@given(st.binary(max_size=32))
def test_no_garbage_makes_reading_fail(garbage: bytes) -> None:
    entry = Entry("cn=x", {"a": [garbage]})
    generalized_time(garbage)
    assert (entry.number("a") is None or isinstance(entry.number("a"), int)) and isinstance(entry.text("a"), str)
    assert entry.flag("a") in (True, False)


@given(st.text(max_size=64))
def test_any_text_has_a_key(text: str) -> None:
    assert dn_key(text) == dn_key(text)


@pytest.mark.parametrize(
    "spelling",
    [
        "cn=Ødegård\\2C Åse,ou=People,dc=x",
        "CN=ødegård\\, åse, OU=people ,DC=X",
        "cn=\\C3\\98degård\\, Åse,ou=people,dc=x",
    ],
)
def test_one_name_in_several_spellings_is_one_name(spelling: str) -> None:
    assert dn_key(spelling) == "cn=ødegård\\, åse,ou=people,dc=x"


def test_two_names_that_differ_by_an_escaped_comma_stay_two() -> None:
    assert dn_key("cn=a\\,b,dc=x") != dn_key("cn=a,b=,dc=x")


def test_several_attributes_are_read_in_order_each_value_once() -> None:
    entry = Entry("cn=x", {"mail": [b"a@x", b"b@x"], "other": [b"b@x", b"c@x"]})
    assert entry.texts("mail", "other", "missing") == ("a@x", "b@x", "c@x")
    assert entry.text("missing", "Other") == "b@x"
