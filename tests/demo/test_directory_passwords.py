"""Changing passwords at the embedded directory: by the person, by the portal, and what the policy refuses."""

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest

from portal.demo.content import Record, records
from portal.demo.directory.embedded import EmbeddedDirectory
from portal.demo.people import BY_LOGIN
from tests.demo.conftest import Clock
from tests.demo.directory_client import Client

NEW = "Brand-new-password-1"
ALICE, BOB, LARS, MATS = (BY_LOGIN[login] for login in ("alice", "bob", "lars", "mats"))
SignIn = Callable[[str], Client]


def binds(directory: EmbeddedDirectory, dn: str, password: str) -> bool:
    return Client(directory).bind(dn, password).code == 0


def test_a_person_changes_the_password_with_the_old_one(directory: EmbeddedDirectory, signed_in: SignIn) -> None:
    answer = signed_in("alice").set_password(ALICE.dn, ALICE.password, NEW)
    assert (answer.code, answer.policy) == (0, None)
    assert binds(directory, ALICE.dn, NEW)
    assert not binds(directory, ALICE.dn, ALICE.password)


def test_a_person_may_leave_out_name_and_old_password(directory: EmbeddedDirectory, signed_in: SignIn) -> None:
    assert signed_in("alice").set_password(None, None, NEW).code == 0
    assert binds(directory, ALICE.dn, NEW)


def test_a_wrong_old_password_changes_nothing(directory: EmbeddedDirectory, signed_in: SignIn) -> None:
    answer = signed_in("alice").set_password(ALICE.dn, "wrong", NEW)
    assert (answer.code, answer.text) == (53, "unwilling to verify old password")
    assert binds(directory, ALICE.dn, ALICE.password)


def test_a_reset_by_the_portal_unlocks(directory: EmbeddedDirectory, portal: Client) -> None:
    assert portal.set_password(LARS.dn, None, NEW).code == 0
    assert binds(directory, LARS.dn, NEW)
    assert portal.read(LARS.dn, "pwdAccountLockedTime", "pwdFailureTime") == {}


def test_a_reset_by_the_portal_ends_the_order_to_change(directory: EmbeddedDirectory, portal: Client) -> None:
    portal.set_password(MATS.dn, None, NEW)
    assert Client(directory).bind(MATS.dn, NEW).policy == "3000"


def test_the_portal_may_order_a_change_along_with_a_password(directory: EmbeddedDirectory, portal: Client) -> None:
    assert portal.replace(ALICE.dn, pwdReset=["TRUE"], userPassword=[NEW]).code == 0
    assert Client(directory).bind(ALICE.dn, NEW).policy == "3003810102"


def test_who_must_change_can_do_nothing_else_until_then(signed_in: SignIn, directory: EmbeddedDirectory) -> None:
    mats = signed_in("mats")
    for refused in (mats.search(directory.base_dn, "(uid=alice)"), mats.replace(MATS.dn, description=["x"])):
        assert (refused.code, refused.text[:24]) == (50, "Operations are restricte")
    assert mats.who_am_i() == f"dn:{MATS.dn}"
    assert mats.set_password(MATS.dn, MATS.password, NEW).code == 0
    assert len(mats.search(directory.base_dn, "(uid=alice)").found) == 1
    assert Client(directory).bind(MATS.dn, NEW).policy == "3000"


@pytest.mark.parametrize("by", ["portal", "alice"])
def test_the_policy_binds_everybody(portal: Client, signed_in: SignIn, by: str) -> None:
    client = portal if by == "portal" else signed_in("alice")
    wrong = [
        client.set_password(ALICE.dn, None, new) for new in ("short", None, "{SSHA}cafecafecafecafe", ALICE.password)
    ]
    assert [(one.code, one.policy) for one in wrong] == [
        (19, "3003810106"),
        (19, "3003810106"),
        (19, "3003810105"),
        (19, "3003810108"),
    ]


def test_the_last_five_passwords_may_not_come_back(portal: Client) -> None:
    for number in range(5):
        assert portal.set_password(BOB.dn, None, f"Another-password-{number}").code == 0
    again = portal.set_password(BOB.dn, None, BOB.password)
    assert (again.code, again.text, again.policy) == (19, "Password is in history of old passwords", "3003810108")
    assert portal.set_password(BOB.dn, None, "Another-password-5").code == 0
    assert portal.set_password(BOB.dn, None, BOB.password).code == 0


def test_a_password_may_be_too_young(tmp_path_factory: pytest.TempPathFactory, clock: Clock) -> None:
    def with_an_age(now: datetime) -> Iterator[Record]:
        for dn, values in records(now):
            yield dn, {**values, "pwdMinAge": ["3600"]} if dn.startswith("cn=default") else values

    with EmbeddedDirectory(tmp_path_factory.mktemp("d"), content=with_an_age, clock=clock) as directory:
        portal = Client(directory)
        portal.bind(directory.service_dn, directory.service_password)
        assert portal.set_password(BOB.dn, None, NEW).code == 0
        young = portal.set_password(BOB.dn, None, "Another-password-1")
        assert (young.code, young.text, young.policy) == (19, "Password is too young to change", "3003810107")
        clock.forward(hours=1)
        assert portal.set_password(BOB.dn, None, "Another-password-1").code == 0


def test_nobody_sets_another_persons_password(signed_in: SignIn, directory: EmbeddedDirectory) -> None:
    alice = signed_in("alice")
    assert alice.set_password(BOB.dn, None, NEW).code == 50
    assert alice.set_password(BOB.dn, BOB.password, NEW).code == 50
    assert alice.replace(BOB.dn, userPassword=[NEW]).code == 50
    stranger = Client(directory).set_password(BOB.dn, BOB.password, NEW)
    assert (stranger.code, stranger.text) == (8, "only authenticated users may change passwords")


def test_the_password_of_somebody_unknown_cannot_be_set(portal: Client, directory: EmbeddedDirectory) -> None:
    assert portal.set_password(f"uid=nobody,ou=people,{directory.base_dn}", None, NEW).code == 32


def test_a_modify_with_the_old_value_works_too(directory: EmbeddedDirectory, signed_in: SignIn) -> None:
    alice = signed_in("alice")
    wrong = alice.modify(ALICE.dn, {"userPassword": [("MODIFY_DELETE", ["wrong"]), ("MODIFY_ADD", [NEW])]})
    assert (wrong.code, wrong.policy) == (53, "3003810104")
    assert alice.modify(ALICE.dn, {"userPassword": [("MODIFY_DELETE", ["wrong"])]}).code == 16
    right = alice.modify(ALICE.dn, {"userPassword": [("MODIFY_DELETE", [ALICE.password]), ("MODIFY_ADD", [NEW])]})
    assert (right.code, binds(directory, ALICE.dn, NEW)) == (0, True)


def test_two_passwords_at_once_are_refused(portal: Client) -> None:
    assert portal.replace(ALICE.dn, userPassword=[NEW, NEW + "2"]).code == 19
    assert portal.modify(ALICE.dn, {"userPassword": [("MODIFY_ADD", [NEW])]}).code == 19


def test_each_write_changes_the_revision_even_in_the_same_moment(portal: Client, clock: Clock) -> None:
    seen = set()
    for number in range(3):
        portal.set_password(ALICE.dn, None, f"Another-password-{number}")
        seen.add(portal.read(ALICE.dn, "entryCSN")["entryCSN"][0])
    assert len(seen) == 3
    changed = portal.read(ALICE.dn, "pwdChangedTime")["pwdChangedTime"]
    assert changed == [clock.now.strftime("%Y%m%d%H%M%SZ")]
