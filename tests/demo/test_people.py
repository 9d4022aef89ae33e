"""The invented people: enough of them, one for every state and role, and their secrets always the same."""

from collections import Counter
from datetime import UTC, datetime

import pyotp
import pytest

from portal.demo.content import records
from portal.demo.directory import names
from portal.demo.people import BY_LOGIN, EVERYBODY, GUESTS, PERSONS
from portal.settings.part import LANGUAGES, ROLES

STATES = ("locked", "disabled", "expired", "ended", "must_change", "contractor", "no_recovery")


def test_there_are_enough_and_no_two_share_a_name() -> None:
    assert len(PERSONS) >= 25
    assert len({p.login for p in PERSONS}) == len(PERSONS)
    for unique in ("mail", "dn", "password"):
        assert len({getattr(p, unique).lower() for p in EVERYBODY}) == len(EVERYBODY)


def test_a_guest_goes_by_the_name_of_somebody_at_the_university() -> None:
    assert {guest.login for guest in GUESTS} & set(BY_LOGIN) == {"hedda"}
    university, guest = BY_LOGIN["hedda"], GUESTS[0]
    assert university.totp_secret != guest.totp_secret
    assert not set(university.recovery_codes) & set(guest.recovery_codes)


@pytest.mark.parametrize("state", STATES)
def test_there_is_somebody_in_every_state(state: str) -> None:
    assert any(state in person.states for person in PERSONS)


@pytest.mark.parametrize("role", ROLES)
def test_there_is_somebody_in_every_role(role: str) -> None:
    assert any(role in person.roles for person in PERSONS)


def test_alice_and_bob_are_ordinary_and_carol_coordinates() -> None:
    assert [(BY_LOGIN[login].states, BY_LOGIN[login].roles) for login in ("alice", "bob", "carol")] == [
        ((), ()),
        ((), ()),
        ((), ("coordinator",)),
    ]


def test_every_language_is_spoken() -> None:
    assert set(Counter(person.language for person in PERSONS)) == set(LANGUAGES)


def test_names_are_as_varied_as_people() -> None:
    everybody = " ".join(person.name for person in PERSONS)
    for name in ("Bjørn Åkesson", "李小龙", "O'Brien", "Ødegård, Åse"):
        assert name in everybody
    assert any("\\," in person.dn for person in PERSONS)


def test_secrets_are_the_same_on_every_machine() -> None:
    alice = BY_LOGIN["alice"]
    assert alice.totp_secret == "GW4L4PYQNC6MMP642HLB5J537Y5I5XS7"
    assert alice.recovery_codes[0] == "pur2-ysx6-k7dv-csmr"
    assert len({code for person in PERSONS for code in person.recovery_codes}) == 10 * (len(PERSONS) - 2)


def test_secrets_have_the_form_the_portal_uses() -> None:
    for person in PERSONS:
        assert len(person.password) >= 15
        if person.totp_secret:
            assert len(pyotp.TOTP(person.totp_secret).at(0)) == 6
        assert all(len(code.replace("-", "")) == 16 for code in person.recovery_codes)


def test_every_entry_has_its_parent_before_it() -> None:
    seen = {names.key("dc=example")}
    for dn, attributes in records(datetime.now(UTC)):
        key = names.key(dn)
        assert key[1:] in seen
        assert all(values for values in attributes.values())
        seen.add(key)
