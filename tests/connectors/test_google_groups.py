"""Google Groups as mailing lists: who is in them, who may join, and which groups are none of them."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import responses
from hypothesis import given
from hypothesis import strategies as st
from responses import matchers

from connectors.account import Account
from connectors.capabilities import Severity
from connectors.errors import Forbidden, Obstacle, Refusal, Refused, Unavailable, Unconfirmed
from connectors.google.scopes import Scope
from connectors.mailbox import KeepsLists
from connectors.mailboxes.google_groups import GoogleGroups, GoogleGroupsSettings, _queries
from tests.connectors import google_lab
from tests.connectors.test_google_requests import KEY, TOKEN
from tests.connectors.token_lab import now, tokens
from tests.standins.google import ADMIN, DOMAIN, GoogleStandin
from tests.standins.google_groups import _CLAUSE
from tests.standins.http import DROPPED

LISTS = (f"*-list@{DOMAIN}", f"choir@{DOMAIN}")
CHOIR, STAFF, SECRET = f"choir@{DOMAIN}", f"staff-list@{DOMAIN}", f"payroll@{DOMAIN}"


@pytest.fixture
def google() -> Iterator[GoogleStandin]:
    with GoogleStandin() as standin:
        yield standin


@pytest.fixture
def groups(google: GoogleStandin, tmp_path: Path) -> Iterator[GoogleGroups]:
    connector = google_lab.google_groups(google, tmp_path, lists=LISTS, open_lists=(CHOIR,))
    yield connector
    connector.close()


@pytest.fixture
def alice(google: GoogleStandin) -> Account:
    return google_lab.account_of(google.person("alice"))


@pytest.fixture
def ids(google: GoogleStandin, alice: Account) -> dict[str, str]:
    """Alice is on the staff's list and in a group that is none; bob has them all."""
    bob, known = google.person("bob"), google.directory.mail_lists
    return {
        CHOIR: known.add(CHOIR, name="Singers' choir", owners=(bob,)),
        STAFF: known.add(STAFF, name="Staff", members=(alice.mail or "",), owners=(bob,)),
        SECRET: known.add(SECRET, name="Payroll", members=(alice.mail or "",), owners=(bob,)),
    }


def test_only_lists_are_shown_with_who_decides(groups: GoogleGroups, alice: Account, ids: dict[str, str]) -> None:
    assert [one.address for one in groups.lists_of(alice)] == [STAFF]
    found = {one.address: (one.member, one.joinable) for one in groups.find_lists(alice, "", 50)}
    assert found == {CHOIR: (False, True), STAFF: (True, False)}
    choir = groups.read_list(alice, ids[CHOIR])
    assert (choir.name, choir.about, choir.owners, choir.member) == (
        "Singers' choir", "News", (f"bob@{DOMAIN}",), False
    )  # fmt: skip
    assert groups.read_list(alice, ids[STAFF]).member


@pytest.mark.parametrize(
    ("words", "wanted"),
    [("singers' c", [CHOIR]), ("CHO", [CHOIR]), ("sta", [STAFF]), ("pay", []), ("x*\\", []), (" ", [CHOIR, STAFF])],
)
def test_lists_are_found_by_how_name_or_address_begins(
    groups: GoogleGroups, alice: Account, ids: dict[str, str], words: str, wanted: list[str]
) -> None:
    assert sorted(one.address for one in groups.find_lists(alice, words, 50)) == sorted(wanted)


@given(st.text(max_size=30))
def test_nothing_typed_becomes_another_clause(words: str) -> None:
    for query in _queries(words):
        assert not query or _CLAUSE.fullmatch(query)


def test_one_joins_and_leaves_however_often_it_is_asked(
    groups: GoogleGroups, alice: Account, ids: dict[str, str], google: GoogleStandin
) -> None:
    for _ in range(2):
        groups.join_list(alice, ids[CHOIR])
        assert groups.read_list(alice, ids[CHOIR]).member
    path = f"/admin/directory/v1/groups/{ids[CHOIR]}/members"
    assert google.writes()[0] == ("POST", path, {"email": alice.mail, "role": "MEMBER"})
    for _ in range(2):
        groups.leave_list(alice, ids[CHOIR])
        assert not groups.read_list(alice, ids[CHOIR]).member
    assert google.writes()[-1] == ("DELETE", f"{path}/{alice.mail}", None)


def test_nobody_gets_into_another_group_by_naming_it(
    groups: GoogleGroups, alice: Account, ids: dict[str, str], google: GoogleStandin
) -> None:
    for name in (ids[SECRET], SECRET, "nothing", "../users", ""):
        for change in (groups.join_list, groups.leave_list, groups.read_list):
            with pytest.raises(Refused) as refused:
                change(alice, name)  # type: ignore[operator]
            assert refused.value.refusal is Refusal.NO_SUCH_LIST
    with pytest.raises(Forbidden) as forbidden:
        groups.join_list(replace(alice, protected=True), ids[CHOIR])
    assert forbidden.value.obstacle is Obstacle.PROTECTED
    assert google.writes() == []


def test_a_lost_answer_or_a_missing_scope_is_said_as_it_is(
    groups: GoogleGroups, alice: Account, ids: dict[str, str], google: GoogleStandin, tmp_path: Path
) -> None:
    google.throttled = 100
    with pytest.raises(Unavailable):
        groups.lists_of(alice)
    google.throttled = 0
    google.granted -= {Scope.MEMBERS}
    with pytest.raises(Forbidden, match=r"group\.member"):
        groups.join_list(alice, ids[CHOIR])
    google.granted |= {Scope.MEMBERS}
    google.faults.append(DROPPED)
    with pytest.raises(Unconfirmed):
        groups.join_list(alice, ids[CHOIR])


def test_the_doctor_names_the_scope_and_lists_that_are_not_there(
    groups: GoogleGroups, ids: dict[str, str], google: GoogleStandin, tmp_path: Path
) -> None:
    assert [found.severity for found in groups.examine()] == [Severity.OK] * 3
    none = google_lab.google_groups(google, tmp_path / "a", lists=(f"nothing@{DOMAIN}",))
    assert [found.severity for found in none.examine()] == [Severity.OK, Severity.OK, Severity.FAULT]
    google.granted -= {Scope.MEMBERS}
    [_, wrong, _] = google_lab.google_groups(google, tmp_path / "b", lists=LISTS).examine()
    assert (wrong.severity, wrong.subject, wrong.stops) == (
        Severity.FAULT, "scope admin.directory.group.member", (KeepsLists,)
    )  # fmt: skip
    assert Scope.MEMBERS in wrong.remedy
    assert not google.writes()


def test_settings_that_cannot_work_are_refused(google: GoogleStandin, tmp_path: Path) -> None:
    for wrong in ({"lists": ()}, {"lists": ("choir",)}, {"admin": "admin"}, {"key": "x"}, {"url": "http://a.test"}):
        with pytest.raises(ValueError):
            google_lab.google_groups(google, tmp_path, **{"lists": LISTS} | wrong)


@responses.activate
def test_the_requests_are_as_google_describes_them(tmp_path: Path) -> None:
    settings = GoogleGroupsSettings(name="l", key=json.dumps(KEY), admin=ADMIN, lists=("*@example.org",), timeout=1)
    connector = GoogleGroups(settings, now, tokens(tmp_path))
    alice = google_lab.account_of("alice@example.org")
    base = "https://admin.googleapis.com/admin/directory/v1/groups"
    group = {
        "id": "03x",
        "email": "choir@example.org",
        "name": "Choir",
        "directMembersCount": "3",
        "adminCreated": True,
    }
    responses.post(TOKEN, json={"access_token": "ya29.a", "expires_in": 3599, "token_type": "Bearer"})
    for query in ("email:'cho*'", "name:'cho*'"):
        asked = matchers.query_param_matcher({"customer": "my_customer", "maxResults": "200", "query": query})
        responses.get(base, json={"kind": "admin#directory#groups", "groups": [group]}, match=[asked])
    own = matchers.query_param_matcher({"userKey": alice.mail, "maxResults": "200"})
    responses.get(base, json={"kind": "admin#directory#groups"}, match=[own])
    assert [one.id for one in connector.find_lists(alice, "cho", 50)] == ["03x"]
    responses.get(f"{base}/03x", json=group)
    member = matchers.json_params_matcher({"email": alice.mail, "role": "MEMBER"}, strict_match=True)
    said = {"kind": "admin#directory#member", "email": alice.mail, "role": "MEMBER", "type": "USER", "status": "ACTIVE"}
    responses.post(f"{base}/03x/members", json=said, match=[member])
    responses.delete(f"{base}/03x/members/{alice.mail}", status=204)
    connector.join_list(alice, "03x")
    connector.leave_list(alice, "03x")
