"""Signing in at the embedded directory. Control values are those a slapd 2.5.13 with ppolicy_use_lockout sent."""

import pytest

from portal.demo.directory.embedded import EmbeddedDirectory
from portal.demo.people import BY_LOGIN
from tests.demo.conftest import Clock
from tests.demo.directory_client import Client

NOTHING_TO_SAY = "3000"
LOCKED = "3003810101"
MUST_CHANGE = "3003810102"
EXPIRED = "3003810100"


def bind(directory: EmbeddedDirectory, login: str, password: str | None = None) -> tuple[int, str | None]:
    person = BY_LOGIN[login]
    answer = Client(directory).bind(person.dn, password or person.password)
    return answer.code, answer.policy


@pytest.mark.parametrize(
    ("login", "code", "policy"),
    [
        ("alice", 0, NOTHING_TO_SAY),
        ("aase", 0, NOTHING_TO_SAY),
        ("xiaolong", 0, NOTHING_TO_SAY),
        ("carl", 0, NOTHING_TO_SAY),
        ("lars", 49, LOCKED),
        ("dina", 49, LOCKED),
        ("enno", 49, LOCKED),
        ("mats", 0, MUST_CHANGE),
        ("eva", 49, EXPIRED),
    ],
)
def test_each_state_answers_as_openldap_does(
    directory: EmbeddedDirectory, login: str, code: int, policy: str | None
) -> None:
    assert bind(directory, login) == (code, policy)


def test_a_wrong_password_says_nothing_more(directory: EmbeddedDirectory) -> None:
    assert bind(directory, "alice", "wrong") == (49, NOTHING_TO_SAY)


def test_a_name_nobody_has_gets_no_control(directory: EmbeddedDirectory) -> None:
    answer = Client(directory).bind(f"uid=nobody,ou=people,{directory.base_dn}", "whatever")
    assert (answer.code, answer.text, answer.policy) == (49, "", None)


def test_the_fifth_wrong_password_locks_and_the_right_one_no_longer_helps(directory: EmbeddedDirectory) -> None:
    tries = [bind(directory, "bob", "wrong") for _ in range(6)]
    assert tries == [(49, NOTHING_TO_SAY)] * 5 + [(49, LOCKED)]
    assert bind(directory, "bob") == (49, LOCKED)


def test_wrong_passwords_long_ago_do_not_count(directory: EmbeddedDirectory, clock: Clock) -> None:
    for _ in range(4):
        bind(directory, "bob", "wrong")
    clock.forward(seconds=901)
    bind(directory, "bob", "wrong")
    assert bind(directory, "bob") == (0, NOTHING_TO_SAY)


def test_the_right_password_forgets_the_wrong_ones(directory: EmbeddedDirectory, portal: Client) -> None:
    for _ in range(4):
        bind(directory, "bob", "wrong")
    assert len(portal.read(BY_LOGIN["bob"].dn, "pwdFailureTime")["pwdFailureTime"]) == 4
    bind(directory, "bob")
    assert portal.read(BY_LOGIN["bob"].dn, "pwdFailureTime") == {}


def test_an_expired_password_with_grace_works_as_often_as_said(directory: EmbeddedDirectory) -> None:
    grace_left = [bind(directory, "erik") for _ in range(4)]
    assert grace_left == [(0, "3005a003810102"), (0, "3005a003810101"), (0, "3005a003810100"), (49, EXPIRED)]


def test_a_password_about_to_expire_says_in_how_many_seconds(
    directory: EmbeddedDirectory, portal: Client, clock: Clock
) -> None:
    portal.set_password(BY_LOGIN["erik"].dn, None, "Brand-new-password-1")
    clock.forward(days=80)
    assert bind(directory, "erik", "Brand-new-password-1") == (0, "3007a00580030d2f00")


def test_an_account_ends_at_its_end_time(directory: EmbeddedDirectory, clock: Clock) -> None:
    clock.forward(days=2)
    assert bind(directory, "kirsten") == (0, NOTHING_TO_SAY)
    clock.forward(days=1)
    assert bind(directory, "kirsten") == (49, LOCKED)


def test_no_password_travels_in_clear(directory: EmbeddedDirectory) -> None:
    for login in ("alice", "nobody"):
        answer = Client(directory, tls=False).bind(f"uid={login},ou=people,{directory.base_dn}", "whatever")
        assert (answer.code, answer.text, answer.policy) == (13, "confidentiality required", None)


def test_a_failed_bind_leaves_nobody_bound(directory: EmbeddedDirectory, portal: Client) -> None:
    assert portal.who_am_i() == f"dn:{directory.service_dn}"
    portal.bind(directory.service_dn, "wrong")
    assert portal.who_am_i() is None


def test_letter_case_spaces_and_escapes_of_a_dn_do_not_matter(directory: EmbeddedDirectory) -> None:
    name = r"CN=\c3\98deg\C3\A5rd\2c  \C3\85se, OU=People,DC=nordvik,dc=EXAMPLE"
    assert Client(directory).bind(name, BY_LOGIN["aase"].password).code == 0
