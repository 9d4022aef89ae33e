"""Addresses and telephone numbers as people type them."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask_babel import Babel

from connectors.account import Account
from portal.own_data.addresses import NotUsable, address, phone, readable
from portal.settings.people import OwnData

ALICE = Account(
    id="main:1",
    directory="main",
    dn="uid=alice",
    login="alice",
    name="Alice",
    mail="Alice@nordvik.example",
    recovery_mail=("alice@fjordpost.example",),
)
OURS = OwnData(mail_domains=("@staff.example",), phone_country="NO")


@pytest.fixture(autouse=True)
def page() -> Iterator[None]:
    """What is wrong is said in the page's language."""
    app = Flask("addresses")
    Babel(app)
    with app.test_request_context():
        yield


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" a.Berg@New.Example ", "a.Berg@new.example"),
        ("a@bücher.example", "a@xn--bcher-kva.example"),
        ("o'brien+x@new.example", "o'brien+x@new.example"),
        ("alice+1@fjordpost.example", "alice+1@fjordpost.example"),
    ],
)
def test_an_address_is_brought_into_one_form(typed: str, stored: str) -> None:
    assert address(typed, ALICE, OURS) == stored


@pytest.mark.parametrize(
    "typed",
    ["", "alice", "a@localhost", "a@b", "a b@x.example", "a@x.example, b@x.example", "A <a@x.example>", "ü@x.example",
     '"a b"@x.example', "a@[127.0.0.1]", "a@x.example\r\nBcc: b@x.example", "a" * 65 + "@x.example",
     "a@" + ".".join(["b" * 60] * 5), "a@x..example", ".a@x.example", "a\0@x.example", "a@x.example\u202e"],
)  # fmt: skip
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(NotUsable, match="e-mail address"):
        address(typed, ALICE, OURS)


@pytest.mark.parametrize(
    "typed", ["alice@nordvik.example", "ALICE+private@NORDVIK.example", "bob@staff.example", "bob@STAFF.example"]
)
def test_the_mailbox_that_the_password_opens_is_no_way_back_in(typed: str) -> None:
    with pytest.raises(NotUsable, match="password you might forget"):
        address(typed, ALICE, OURS)


def test_the_same_address_counts_once_however_it_is_written() -> None:
    with pytest.raises(NotUsable, match="already"):
        address("Alice@Fjordpost.Example", ALICE, OURS)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("+47 55 50 10 10", "+4755501010"), ("55 50 10 10", "+4755501010"), ("0046 8 123 456 78", "+46812345678"),
     ("", ""), ("  ", "")],
)  # fmt: skip
def test_a_number_is_stored_in_international_form(typed: str, stored: str) -> None:
    assert phone(typed, OURS) == stored


@pytest.mark.parametrize("typed", ["x", "12", "+99 123", "+47 1", "+47 55501010 ext. 5", "112", "1" * 40, "²²²"])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(NotUsable):
        phone(typed, OURS)


def test_without_a_country_in_the_settings_one_must_be_typed() -> None:
    with pytest.raises(NotUsable, match="Begin with"):
        phone("55 50 10 10", OwnData())
    assert phone("+47 55 50 10 10", OwnData()) == "+4755501010"


@pytest.mark.parametrize(
    ("number", "shown"), [("+4755501010", "+47 55 50 10 10"), ("ask at the desk", "ask at the desk")]
)
def test_a_stored_number_is_shown_in_groups(number: str, shown: str) -> None:
    assert readable(number) == shown
