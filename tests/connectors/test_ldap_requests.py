"""Our requests are octet for octet those that ldap3 would send, and a value never becomes part of a filter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ldap3 import BASE, DEREF_NEVER, SIMPLE, SUBTREE
from ldap3.operation.bind import bind_operation
from ldap3.operation.compare import compare_operation
from ldap3.operation.extended import extended_operation
from ldap3.operation.modify import modify_operation
from ldap3.operation.search import search_operation
from ldap3.protocol.rfc2696 import paged_search_control
from ldap3.protocol.rfc3062 import PasswdModifyRequestValue
from ldap3.utils.asn1 import encode
from ldap3.utils.conv import escape_filter_chars

from connectors.ldap import requests
from connectors.ldap.requests import Change, Scope, all_of, any_of, equals, written

_some = st.text(min_size=1, max_size=300).filter(lambda text: not any("\ud800" <= c <= "\udfff" for c in text))


@given(_some, _some)
def test_a_bind(dn: str, password: str) -> None:
    assert requests.bind(dn, password) == encode(bind_operation(3, SIMPLE, dn, password.encode()))


@given(_some.filter(lambda text: text == text.strip()), st.integers(0, 100_000))  # ldap3 drops blanks at the ends
def test_a_search_by_a_value_is_that_of_the_escaped_value(value: str, limit: int) -> None:
    escaped = escape_filter_chars(value)
    text = f"(&(objectClass=person)(|(uid={escaped})(mail={escaped})))"
    theirs = search_operation("dc=x", text, SUBTREE, DEREF_NEVER, ["uid", "mail"], limit, 0, False, False, False)
    ours = all_of(written("(objectClass=person)"), any_of(equals("uid", value), equals("mail", value)))
    assert requests.search("dc=x", Scope.SUBTREE, ours, ("uid", "mail"), limit) == encode(theirs)


def test_reading_an_entry_without_attributes() -> None:
    theirs = search_operation("dc=x", "(objectClass=*)", BASE, DEREF_NEVER, ["1.1"], 0, 0, False, False, False)
    assert requests.search("dc=x", Scope.ENTRY, written("(objectClass=*)"), (), 0) == encode(theirs)


@given(_some, _some)
def test_a_comparison(dn: str, value: str) -> None:
    assert requests.compare(dn, "cn", value) == encode(compare_operation(dn, "cn", value.encode(), False))


@given(_some, st.lists(st.binary(max_size=200), max_size=4), st.sampled_from(Change))
def test_a_modification(dn: str, values: list[bytes], change: Change) -> None:
    theirs = modify_operation(dn, {"description": [(int(change), values)]}, False)
    assert requests.modify(dn, {"description": [(change, values)]}) == encode(theirs)


@pytest.mark.parametrize(("dn", "old"), [(None, None), ("uid=alice", None), (None, "old"), ("uid=Åse", "gammelt-ø")])
def test_a_new_password(dn: str | None, old: str | None) -> None:
    value = PasswdModifyRequestValue()
    if dn is not None:
        value["userIdentity"] = dn.encode()
    if old is not None:
        value["oldPasswd"] = old.encode()
    value["newPasswd"] = "ny-ø".encode()
    theirs = encode(extended_operation("1.3.6.1.4.1.4203.1.11.1", value))
    assert requests.password_modify("ny-ø", dn, old) == theirs


@given(st.integers(0, 2**31 - 1), st.binary(max_size=300))
def test_a_page(size: int, cookie: bytes) -> None:
    theirs = paged_search_control(False, size, cookie)
    assert requests.page(size, cookie) == bytes(theirs["controlValue"])


def test_a_filter_that_is_none_is_refused_where_it_is_written() -> None:
    with pytest.raises(Exception, match="filter"):
        written("(objectClass=person")
