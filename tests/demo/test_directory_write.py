"""Writing at the embedded directory: who may, what values may be, and that all of it lasts."""

from collections.abc import Callable

import pytest

from portal.demo.directory.embedded import EmbeddedDirectory
from portal.demo.people import BY_LOGIN
from tests.demo.directory_client import CONTROLS, Client

ALICE, BOB, LARS = (BY_LOGIN[login] for login in ("alice", "bob", "lars"))
ASSERTION = "1.3.6.1.1.12"
SignIn = Callable[[str], Client]


def test_the_portal_unlocks_and_doing_so_twice_is_no_fault(directory: EmbeddedDirectory, portal: Client) -> None:
    for _ in range(2):
        assert portal.replace(LARS.dn, pwdAccountLockedTime=[]).code == 0
    assert Client(directory).bind(LARS.dn, LARS.password).code == 0
    assert portal.read(LARS.dn, "pwdFailureTime") == {}


def test_the_portal_shuts_an_account_for_good(directory: EmbeddedDirectory, portal: Client) -> None:
    assert portal.replace(BOB.dn, pwdAccountLockedTime=["000001010000Z"]).code == 0
    assert Client(directory).bind(BOB.dn, BOB.password).policy == "3003810101"


def test_the_portal_moves_the_end_of_an_account(directory: EmbeddedDirectory, portal: Client) -> None:
    enno = BY_LOGIN["enno"]
    assert portal.replace(enno.dn, pwdEndTime=["20990101000000Z"], shadowExpire=["47117"]).code == 0
    assert Client(directory).bind(enno.dn, enno.password).code == 0


def test_people_write_nothing_but_their_password(signed_in: SignIn) -> None:
    alice = signed_in("alice")
    for attribute, value in (("description", "x"), ("pwdReset", "FALSE"), ("shadowExpire", "99999"), ("mail", "a@b")):
        assert alice.replace(ALICE.dn, **{attribute: [value]}).code == 50


def test_the_portal_writes_only_what_it_is_for(portal: Client, directory: EmbeddedDirectory) -> None:
    assert portal.replace(ALICE.dn, mail=["a@b"]).code == 50
    assert portal.replace(ALICE.dn, pwdPolicySubentry=[f"cn=aged,ou=policies,{directory.base_dn}"]).code == 50
    assert portal.replace(f"cn=admins,ou=groups,{directory.base_dn}", member=[ALICE.dn]).code == 50
    assert portal.replace(directory.base_dn, description=["x"]).code == 50
    assert portal.delete(ALICE.dn).code == 50
    assert portal.add("uid=new,ou=people,dc=nordvik,dc=example").code == 50


def test_a_stranger_writes_nothing(directory: EmbeddedDirectory) -> None:
    answer = Client(directory).replace(ALICE.dn, description=["x"])
    assert (answer.code, answer.text) == (8, "modifications require authentication")


@pytest.mark.parametrize(
    ("attribute", "values", "code", "text"),
    [
        ("noSuch", ["x"], 17, "noSuch: attribute type undefined"),
        ("shadowExpire", ["soon"], 21, "shadowExpire: value #0 invalid per syntax"),
        ("shadowExpire", ["1", "2"], 19, "shadowExpire: multiple values provided"),
        ("pwdReset", ["maybe"], 21, "pwdReset: value #0 invalid per syntax"),
        ("pwdEndTime", ["soon"], 21, "pwdEndTime: value #0 invalid per syntax"),
        ("pwdFailureTime", [], 19, "pwdFailureTime: no user modification allowed"),
        ("memberOf", ["cn=admins,ou=groups,dc=nordvik,dc=example"], 19, "memberOf: no user modification allowed"),
        ("description", [""], 21, "description: value #0 invalid per syntax"),
    ],
)
def test_a_value_that_may_not_stand_is_named(
    portal: Client, attribute: str, values: list[str], code: int, text: str
) -> None:
    answer = portal.replace(ALICE.dn, **{attribute: values})
    assert (answer.code, answer.text) == (code, text)


def test_values_are_added_and_deleted_one_by_one(portal: Client) -> None:
    def change(way: str, *values: str) -> int:
        return portal.modify(ALICE.dn, {"description": [(f"MODIFY_{way}", list(values))]}).code

    assert change("DELETE") == 16
    assert change("ADD", "one", "two") == 0
    assert change("ADD", "ONE") == 20
    assert change("DELETE", "three") == 16
    assert change("DELETE", "one") == 0
    assert portal.read(ALICE.dn, "description")["description"] == ["two"]


def test_of_several_changes_all_are_made_or_none(portal: Client) -> None:
    answer = portal.modify(
        ALICE.dn, {"pwdReset": [("MODIFY_REPLACE", ["TRUE"])], "description": [("MODIFY_DELETE", ["missing"])]}
    )
    assert answer.code == 16
    assert portal.read(ALICE.dn, "pwdReset") == {}


def test_a_change_can_be_made_to_depend_on_what_is_there(portal: Client) -> None:
    def with_assertion(attribute: bytes, value: bytes) -> int:
        inner = b"".join(bytes([4, len(part)]) + part for part in (attribute, value))
        control = (ASSERTION, True, bytes([0xA3, len(inner)]) + inner)
        changes = {"description": [("MODIFY_REPLACE", ["x"])]}
        return portal.modify(ALICE.dn, changes, controls=[*CONTROLS, control]).code

    assert with_assertion(b"uid", b"bob") == 122
    assert with_assertion(b"uid", b"alice") == 0


def test_an_unknown_control_that_must_be_kept_stops_the_change(portal: Client) -> None:
    answer = portal.modify(ALICE.dn, {"description": [("MODIFY_REPLACE", ["x"])]}, controls=[("1.2.3.4", True, None)])
    assert (answer.code, portal.read(ALICE.dn, "description")) == (12, {})


def test_everything_is_there_again_after_a_restart(tmp_path_factory: pytest.TempPathFactory) -> None:
    state = tmp_path_factory.mktemp("state")
    with EmbeddedDirectory(state) as directory:
        portal = Client(directory)
        portal.bind(directory.service_dn, directory.service_password)
        before = portal.read(BOB.dn, "entryUUID")
        portal.set_password(ALICE.dn, None, "Brand-new-password-1")
        for _ in range(5):
            Client(directory).bind(BOB.dn, "wrong")
        certificate = directory.ca_file.read_bytes()
    with EmbeddedDirectory(state) as directory:
        assert directory.ca_file.read_bytes() == certificate
        assert Client(directory).bind(ALICE.dn, "Brand-new-password-1").code == 0
        assert Client(directory).bind(BOB.dn, BOB.password).policy == "3003810101"
        portal = Client(directory)
        portal.bind(directory.service_dn, directory.service_password)
        assert portal.read(BOB.dn, "entryUUID") == before


def test_no_password_stands_in_the_files(tmp_path_factory: pytest.TempPathFactory) -> None:
    state = tmp_path_factory.mktemp("state")
    with EmbeddedDirectory(state) as directory:
        portal = Client(directory)
        portal.bind(directory.service_dn, directory.service_password)
        portal.set_password(ALICE.dn, None, "Brand-new-password-1")
        content = b"".join(path.read_bytes() for path in state.rglob("*") if path.is_file())
    assert b"cn=portal" in content
    for word in (ALICE.password, BOB.password, "Brand-new-password-1", directory.service_password):
        assert word.encode() not in content
