"""What Windows does and Samba does not: one code for every rule, and a control that makes a reset mind history."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from connectors.account import Account, AccountState, PasswordRules
from connectors.errors import Refusal, Refused
from connectors.ldap.active_directory import ActiveDirectory
from connectors.ldap.active_directory_grants import RESET_PASSWORD
from connectors.ldap.active_directory_policy import cause, words_of
from connectors.ldap.active_directory_settings import ActiveDirectorySettings
from connectors.ldap.entry import Entry
from connectors.ldap.link import Found, Reply
from connectors.ldap.requests import Change, Changes
from connectors.ldap.security_descriptor import holds

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
WINDOWS_SAYS_NO = Reply(code=53, message="0000052D: SvcErr: DSID-031A12D2, problem 5003 (WILL_NOT_PERFORM), data 0\n")
DOMAIN = {
    "defaultnamingcontext": [b"DC=ad"], "minpwdlength": [b"10"], "pwdhistorylength": [b"24"], "pwdproperties": [b"1"],
    "minpwdage": [b"-864000000000"],
}  # fmt: skip
SETTINGS = ActiveDirectorySettings(
    name="main", urls=("ldaps://dc1",), bind_dn="CN=svc", bind_password="secret", people_bases=("OU=People",)
)


@dataclass
class Windows:
    """A link that answers as Windows does, and keeps what it was asked to change."""

    answer: Reply
    asked: list[tuple[str, Changes, Sequence[bytes]]] = field(default_factory=list)

    def read(self, dn: str, attributes: Sequence[str]) -> Found:
        return Found(reply=Reply(code=0), entries=[Entry(dn, DOMAIN)])

    def modify(self, dn: str, changes: Changes, controls: Sequence[bytes] = ()) -> Reply:
        self.asked.append((dn, changes, controls))
        return self.answer


def person(**state: object) -> Account:
    return Account(id="main:1", directory="main", dn="CN=alice", login="alice", name="Ali Ce-Anders",
                   state=AccountState(**state))  # type: ignore[arg-type]  # fmt: skip


def reset(link: Windows, account: Account, password: str) -> None:
    ActiveDirectory(SETTINGS, lambda: NOW).set_password(link, account, password)  # type: ignore[arg-type]


def test_a_reset_is_one_modification_that_unlocks_and_minds_history() -> None:
    link = Windows(Reply(code=0))
    reset(link, person(), 'Pä"ss')
    ((dn, changes, controls),) = link.asked
    assert dn == "CN=alice"
    assert changes == {
        "unicodePwd": [(Change.REPLACE, ['"Pä"ss"'.encode("utf-16-le")])],
        "lockoutTime": [(Change.REPLACE, [b"0"])],
    }
    assert [bytes.fromhex("3003020101") in control for control in controls] == [True]
    assert b"1.2.840.113556.1.4.2239" in controls[0]


@pytest.mark.parametrize(
    ("password", "refusal"),
    [
        ("Short-1", Refusal.TOO_SHORT),
        ("only-small-letters", Refusal.NOT_COMPLEX),
        ("My-ANDERS-is-1", Refusal.CONTAINS_NAME),
        ("Quite-all-right-1", Refusal.POLICY),  # history, or a filter of the site's own
    ],
)
def test_the_one_code_of_windows_is_told_apart_where_we_can(password: str, refusal: Refusal) -> None:
    with pytest.raises(Refused) as caught:
        reset(Windows(WINDOWS_SAYS_NO), person(), password)
    assert caught.value.refusal is refusal
    assert "0000052D" in caught.value.detail


def test_a_password_that_is_too_young_is_not_sent_at_all() -> None:
    link = Windows(Reply(code=0))
    with pytest.raises(Refused) as caught:
        reset(link, person(password_changed_at=NOW - timedelta(hours=1)), "Quite-all-right-1")
    assert (caught.value.refusal, caught.value.possible_at) == (Refusal.TOO_YOUNG, NOW + timedelta(hours=23))
    assert link.asked == []


def test_an_own_change_that_is_too_young_is_told_so() -> None:
    rules = PasswordRules(possible_from=NOW)
    assert cause("whatever", rules) is Refusal.TOO_YOUNG


@pytest.mark.parametrize(
    ("login", "name", "words"),
    [
        ("al", "Al Bo", set()),
        ("alice", "Alice Brown-Smith, Dr. #7\tex_tra", {"alice", "Alice", "Brown", "Smith", "tra"}),
        ("a.b.c", "", {"a.b.c"}),
    ],
)
def test_names_are_split_as_windows_splits_them(login: str, name: str, words: set[str]) -> None:
    account = Account(id="main:1", directory="main", dn="CN=x", login=login, name=name)
    assert words_of(account) == words


ME, OTHER, RIGHT = b"\1\1" + b"\0" * 5 + b"\5" + b"\7\0\0\0", b"\1\1" + b"\0" * 5 + b"\1" + b"\0" * 4, RESET_PASSWORD


def rule(kind: int, sid: bytes, *, mask: int = 0x100, right: UUID | None = None, flags: int = 0) -> bytes:
    """One entry of an access list (MS-DTYP, 2.4.4.2 and 2.4.4.3)."""
    body = struct.pack("<I", mask)
    if kind in (5, 6):
        body += struct.pack("<I", bool(right)) + (right.bytes_le if right else b"")
    return struct.pack("<BBH", kind, flags, 4 + len(body + sid)) + body + sid


def descriptor(*rules: bytes) -> bytes:
    listed = b"".join(rules)
    access = struct.pack("<BBHHH", 4, 0, 8 + len(listed), len(rules), 0) + listed
    return struct.pack("<BBHIIII", 1, 0, 0x8004, 0, 0, 0, 20) + access


@pytest.mark.parametrize(
    ("rules", "held"),
    [
        ([], False),
        ([rule(5, ME, right=RIGHT)], True),
        ([rule(5, ME)], True),  # every extended right
        ([rule(0, ME)], True),
        ([rule(0, ME, mask=0x10000000)], True),
        ([rule(5, OTHER, right=RIGHT)], False),
        ([rule(5, ME, right=uuid4())], False),
        ([rule(5, ME, right=RIGHT, flags=0x0A)], False),  # for what lies below only
        ([rule(0, ME, mask=0x10)], False),  # reading
        ([rule(6, ME, right=RIGHT), rule(5, ME, right=RIGHT)], False),
        ([rule(5, ME, right=RIGHT), rule(6, ME, right=RIGHT)], True),
        ([rule(7, ME, right=RIGHT)], False),  # an audit rule
    ],
)
def test_the_first_rule_that_fits_decides(rules: list[bytes], held: bool) -> None:
    assert holds(descriptor(*rules), frozenset({ME}), RIGHT) is held


@pytest.mark.parametrize("cut", [0, 5, 19, 20, 27, 30, 50])
def test_a_garbled_list_gives_no_right(cut: int) -> None:
    assert not holds(descriptor(rule(5, ME, right=RIGHT))[:cut], frozenset({ME}), RIGHT)
