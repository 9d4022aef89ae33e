"""Answers are read as ldap3 reads them, and whatever comes over the wire is an answer or garbage, nothing else."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ldap3.operation.bind import bind_response_to_dict_fast
from ldap3.operation.search import search_result_entry_response_to_dict_fast
from ldap3.strategy.base import BaseStrategy
from ldap3.utils.asn1 import decode_message_fast

from connectors.ldap import answers, requests
from connectors.ldap.answers import Garbled
from connectors.ldap.requests import element, number, octets

_texts = st.text(max_size=200)
_values = st.lists(st.binary(max_size=300), max_size=4)
_attributes = st.dictionaries(st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True), _values, max_size=6)


def entry(dn: str, raw: dict[str, list[bytes]]) -> bytes:
    listed = (element(0x30, octets(name), element(0x31, *map(octets, values))) for name, values in raw.items())
    return element(0x64, octets(dn), element(0x30, *listed))


def result(kind: int, code: int, words: str) -> bytes:
    return element(kind, number(code, 0x0A), octets("dc=example"), octets(words))


@given(st.integers(1, 2**31 - 1), _texts, _attributes)
def test_an_entry_is_what_ldap3_makes_of_it(message_id: int, dn: str, raw: dict[str, list[bytes]]) -> None:
    message = requests.message(message_id, entry(dn, raw), ())
    read = answers.read(message)
    theirs = search_result_entry_response_to_dict_fast(decode_message_fast(message)["payload"], None, None, False)
    assert read.entry is not None
    assert (read.number, read.entry.dn, read.entry.raw) == (message_id, dn, raw)
    assert read.entry.raw == {name: list(values or ()) for name, values in theirs["raw_attributes"].items()}


@given(st.sampled_from((0, 1, 6, 19, 32, 49, 53, 80)), _texts, st.binary(max_size=300))
def test_a_result_is_what_ldap3_makes_of_it(code: int, words: str, value: bytes) -> None:
    message = requests.message(7, result(0x61, code, words), (requests.control("1.2.3", value),))
    read = answers.read(message)
    theirs = decode_message_fast(message)
    told = bind_response_to_dict_fast(theirs["payload"])
    assert (read.number, read.code, read.message) == (7, told["result"], told["message"])
    control = BaseStrategy.decode_control_fast(theirs["controls"][0][3])
    assert read.controls == {"1.2.3": value}
    assert control[1]["value"] == value


def test_a_critical_control_and_a_referral_are_understood() -> None:
    critical = element(0x30, octets("1.2.3"), b"\x01\x01\xff", octets(b"value"))
    referred = element(0x65, number(10, 0x0A), octets(""), octets("elsewhere"), element(0xA3, octets("ldap://other")))
    read = answers.read(requests.message(3, referred, (critical,)))
    assert (read.code, read.message, read.controls) == (10, "elsewhere", {"1.2.3": b"value"})


@given(st.integers(0, 2**31 - 1), st.binary(max_size=300))
def test_the_cookie_of_the_next_page_comes_back(count: int, cookie: bytes) -> None:
    assert answers.page_of(requests.page(count, cookie)) == cookie


@given(st.binary(max_size=100_000))
def test_the_size_is_told_as_soon_as_it_can_be(content: bytes) -> None:
    message = element(0x30, content)
    known = next(count for count in range(len(message) + 1) if answers.size_of(message[:count]))
    assert known <= 6
    assert answers.size_of(message) == len(message)


@pytest.mark.parametrize("begun", [b"\x30\x80", b"\x31\x00", b"HTTP/1.1", b"\x30\x85\1\1\1\1\1", b"\x30\x84\x7f\0\0\0"])
def test_no_message_begins_so(begun: bytes) -> None:
    with pytest.raises(Garbled):
        answers.size_of(begun)


@given(st.binary(max_size=200))
def test_garbage_is_garbage(content: bytes) -> None:
    for given_ in (content, element(0x30, content), element(0x30, number(1), content)):
        with contextlib.suppress(Garbled):
            assert answers.read(given_).number >= 0


@given(st.data())
def test_a_message_with_one_octet_changed_or_cut_off_is_an_answer_or_garbage(data: st.DataObject) -> None:
    policy = requests.control("1.2.3", b"abc")
    message = bytearray(requests.message(1, entry("cn=a", {"mail": [b"x" * 200, b"y"]}), (policy,)))
    message[data.draw(st.integers(0, len(message) - 1))] = data.draw(st.integers(0, 255))
    for given_ in (bytes(message), bytes(message[: data.draw(st.integers(0, len(message)))])):
        with contextlib.suppress(Garbled):
            answers.read(given_)
