"""Finding and reading at the embedded directory: filters, what is shown to whom, limits and pages."""

from collections.abc import Callable

import pytest
from ldap3 import LEVEL

from portal.demo.directory.embedded import EmbeddedDirectory
from portal.demo.people import BY_LOGIN, LIBRARY, PERSONS, group_dn
from tests.demo.directory_client import Client

ALICE, BOB, CAROL, CARL = (BY_LOGIN[login] for login in ("alice", "bob", "carol", "carl"))
SignIn = Callable[[str], Client]


def logins(portal: Client, text: str) -> set[str]:
    found = portal.search("dc=nordvik,dc=example", text, "uid").found
    uids = {one["attributes"]["uid"][0] for one in found if one["attributes"].get("uid")}
    return {uid for uid in uids if not uid.endswith(f".{LIBRARY}")}  # some people have another account there


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(uid=ALICE)", {"alice"}),
        ("(mail=Alice@Nordvik.example)", {"alice"}),
        ("(cn=bjørn   åKESSON)", {"bjorn"}),
        ("(cn=李小龙)", {"xiaolong"}),
        ("(cn=Ødegård, Åse)", {"aase"}),
        ("(sn=O'B*n)", {"siobhan"}),
        ("(&(objectClass=person)(employeeType=contractor))", {"carl", "kirsten", "otto", "petra", "ravn"}),
        (f"(manager={BY_LOGIN['solveig'].dn.upper()})", {"carl"}),
        (f"(memberOf={group_dn('coordinator')})", {"carol", "dag", "gro"}),
        ("(&(uid=*li*)(!(uid=leila)))", {"alice", "linnea"}),
        ("(pwdReset=TRUE)", {"mats", "maja"}),
        ("(&(objectClass=inetOrgPerson)(!(mailAlternateAddress=*)))", {"nora", "nils"}),
        ("(uidNumber<=20001)", {"alice", "bob"}),
        (r"(uid=\2a)", set()),
        ("(shadowExpire>=0)", set()),
        ("(noSuchAttribute=1)", set()),
        ("(!(noSuchAttribute=1))", set()),
    ],
)
def test_filters_find_what_openldap_would(portal: Client, text: str, expected: set[str]) -> None:
    assert logins(portal, text) == expected


def test_an_entry_is_found_by_its_never_changing_id(portal: Client) -> None:
    unique = portal.read(ALICE.dn, "entryUUID")["entryUUID"][0]
    assert logins(portal, f"(entryUUID={unique})") == {"alice"}
    assert logins(portal, "(entryUUID=garbage)") == set()


def test_what_the_server_keeps_comes_only_when_asked_for(portal: Client) -> None:
    plain = portal.read(CAROL.dn, "*")
    assert {"uid", "cn", "mail"} <= set(plain)
    assert not {"entryUUID", "memberOf", "pwdChangedTime"} & set(plain)
    assert portal.read(CAROL.dn, "memberof")["memberOf"] == [group_dn("coordinator")]
    kept = portal.read(CAROL.dn, "+")
    assert {"entryUUID", "entryCSN", "createTimestamp", "modifyTimestamp", "pwdChangedTime", "memberOf"} <= set(kept)
    assert "uid" not in kept


@pytest.mark.parametrize("who", ["portal", "alice"])
def test_no_password_is_ever_shown_or_asked_after(portal: Client, who: str) -> None:
    portal.set_password(ALICE.dn, None, "Brand-new-password-1")
    if who == "alice":
        assert portal.bind(ALICE.dn, "Brand-new-password-1").code == 0
    shown = portal.read(ALICE.dn, "*", "+", "userPassword", "pwdHistory")
    assert not {"userPassword", "pwdHistory"} & set(shown)
    for text in ("(userPassword=*)", "(!(userPassword=*))", "(userPassword={*)", "(pwdHistory=*)", "(!(pwdHistory=*))"):
        assert portal.search("dc=nordvik,dc=example", text).found == []


def test_people_see_their_own_state_and_nobody_elses(signed_in: SignIn) -> None:
    carl = signed_in("carl")
    assert carl.read(CARL.dn, "shadowExpire", "pwdEndTime").keys() == {"shadowExpire", "pwdEndTime"}
    assert signed_in("alice").read(CARL.dn, "shadowExpire", "pwdEndTime", "pwdFailureTime") == {}
    assert carl.search("dc=nordvik,dc=example", "(pwdReset=TRUE)").found == []


def test_a_stranger_sees_only_the_root(directory: EmbeddedDirectory) -> None:
    stranger = Client(directory)
    assert stranger.search(directory.base_dn, "(uid=alice)", "*").code == 32
    root = stranger.read("", "*", "+")
    assert root["namingContexts"] == [directory.base_dn]
    assert "1.2.840.113556.1.4.319" in root["supportedControl"]


def test_a_missing_base_is_told_with_its_nearest_parent(portal: Client) -> None:
    answer = portal.search("uid=x,ou=nowhere,dc=nordvik,dc=example", "(uid=*)")
    assert (answer.code, portal.connection.result["dn"]) == (32, "dc=nordvik,dc=example")


def test_a_size_limit_is_kept_and_told(portal: Client) -> None:
    answer = portal.search("dc=nordvik,dc=example", "(uid=*)", size_limit=3)
    assert (answer.code, len(answer.found)) == (4, 3)


def test_pages_hold_everybody_once(portal: Client) -> None:
    seen: list[str] = []
    cookie = b""
    for _ in range(20):
        page = portal.search(
            "ou=people,dc=nordvik,dc=example", "(uid=*)", "uid", scope=LEVEL, paged_size=7, paged_cookie=cookie
        )
        seen += [one["attributes"]["uid"][0] for one in page.found]
        cookie = portal.connection.result["controls"]["1.2.840.113556.1.4.319"]["value"]["cookie"]
        if not cookie:
            break
    assert sorted(seen) == sorted(person.login for person in PERSONS)


def test_a_cookie_nobody_gave_is_refused(portal: Client) -> None:
    answer = portal.search("dc=nordvik,dc=example", "(uid=*)", paged_size=5, paged_cookie=b"made up")
    assert (answer.code, answer.text) == (2, "paged results cookie is invalid")


def test_comparing_tells_true_false_or_why_not(portal: Client) -> None:
    def compared(attribute: str, value: str) -> int:
        return portal.compare(ALICE.dn, attribute, value).code

    assert compared("cn", "alice BERG") == 6
    assert compared("cn", "somebody") == 5
    assert compared("description", "x") == 16
    assert compared("noSuchAttribute", "x") == 17
    assert compared("userPassword", ALICE.password) == 50
