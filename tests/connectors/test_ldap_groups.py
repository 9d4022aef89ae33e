"""Mailing lists and shared mailboxes that are groups, on a real OpenLDAP and a real Active Directory."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connectors.account import Account
from connectors.errors import Forbidden, Refusal, Refused
from connectors.ldap import LdapDirectory
from connectors.mailbox import KeepsLists, Right, Share, SharesMailboxes
from connectors.mailboxes.ldap_groups import LdapGroups, LdapGroupsSettings
from tests.connectors.ad_settings import ad_settings
from tests.connectors.ldap_settings import settings_for
from tests.servers.samba import Samba
from tests.servers.slapd import Slapd
from tests.servers.slapd_files import BASE, GROUPS

LISTS = f"ou=lists,{BASE}"
LIST, BOX = "(&(mail=*)(!(businessCategory=box)))", "(businessCategory=box)"


def group(slapd: Slapd, name: str, members: list[str], *, category: str = "closed", owner: str = "") -> str:
    slapd.put(LISTS, {"objectClass": "organizationalUnit", "ou": "lists"}) if not slapd.holds(LISTS) else None
    dn = f"cn={name},{LISTS}"
    entry: dict[str, str | list[str]] = {
        "objectClass": ["groupOfNames", "extensibleObject"],
        "cn": name,
        "mail": f"{name.lower()}@example.org",
        "businessCategory": category,
        "member": members,
    }
    slapd.put(dn, entry | ({"owner": owner} if owner else {}))
    return dn


@pytest.fixture
def groups(slapd_server: Slapd) -> LdapGroups:
    settings = LdapGroupsSettings(
        name="lists", directory="main", base=LISTS, lists=LIST, open_lists="(businessCategory=open)", boxes=BOX
    )
    return LdapGroups(settings, settings_for(slapd_server))


@pytest.fixture
def alice(slapd_server: Slapd) -> Account:
    return LdapDirectory(settings_for(slapd_server), lambda: datetime.now(UTC)).find(slapd_server.person())


@pytest.fixture
def bob(slapd_server: Slapd) -> Account:
    return LdapDirectory(settings_for(slapd_server), lambda: datetime.now(UTC)).find(slapd_server.person())


def test_a_list_is_found_joined_and_left(groups: LdapGroups, alice: Account, bob: Account, slapd_server: Slapd) -> None:
    name = f"Divers-{alice.login}"
    dn = group(slapd_server, name, [bob.dn], category="open", owner=bob.dn)
    [found] = groups.find_lists(alice, f"divers-{alice.login}"[3:], 10)
    assert (found.id, found.name, found.joinable, found.member) == (dn, name, True, False)
    for _ in range(2):
        groups.join_list(alice, dn)
        assert groups.read_list(alice, dn).member
        assert [one.id for one in groups.lists_of(alice)] == [dn]
    assert groups.read_list(alice, dn).owners == (bob.mail,)
    for _ in range(2):
        groups.leave_list(alice, dn)
        assert not groups.read_list(alice, dn).member
    with pytest.raises(Refused) as last:
        groups.leave_list(bob, dn)
    assert last.value.refusal is Refusal.LAST_MEMBER
    closed = group(slapd_server, f"Officers-{alice.login}", [bob.dn])
    assert not groups.read_list(alice, closed).joinable


def test_nobody_gets_into_another_group_by_naming_it(groups: LdapGroups, alice: Account, slapd_server: Slapd) -> None:
    box = group(slapd_server, f"Box-{alice.login}", [f"cn=nobody,{BASE}"], category="box")
    for dn in (f"cn=coordinators,{GROUPS}", alice.dn, box, LISTS, "", "not a DN", f"cn=gone,{LISTS}"):
        with pytest.raises(Refused) as refused:
            groups.join_list(alice, dn)
        assert refused.value.refusal is Refusal.NO_SUCH_LIST
    with pytest.raises(Forbidden):
        groups.join_list(replace(alice, protected=True), box)
    assert groups.find_lists(alice, "*)(cn=*", 10) == ()


def test_a_shared_mailbox_is_used_and_given_up(
    groups: LdapGroups, alice: Account, bob: Account, slapd_server: Slapd
) -> None:
    name = f"Info-{alice.login}"
    group(slapd_server, name, [bob.dn], category="box", owner=bob.dn)
    box, mine = f"{name.lower()}@example.org", alice.mail or ""
    assert next(one.owners for one in groups.shared_boxes(alice) if one.address == box) == (bob.mail,)
    share = Share(box=box, who=mine, right=Right.WORK)
    for _ in range(2):
        groups.share(alice, share)
        assert groups.shares(alice).others == (share,)
    assert set(groups.shares(bob).mine) == {share, Share(box=box, who=bob.mail or "", right=Right.WORK)}
    groups.unshare(bob, box, mine.upper())
    assert groups.shares(alice).others == ()
    for who, where in (("nobody@example.org", box), (mine, "nothing@example.org"), (mine, "*")):
        with pytest.raises(Refused) as refused:
            groups.share(alice, Share(box=where, who=who, right=Right.WORK))
        assert refused.value.refusal is Refusal.NO_SUCH_MAILBOX


def test_settings_say_what_there_is_and_the_doctor_looks(groups: LdapGroups, slapd_server: Slapd) -> None:
    group(slapd_server, "Everybody", [f"cn=nobody,{BASE}"])
    group(slapd_server, "Common", [f"cn=nobody,{BASE}"], category="box")
    assert {f.severity.value for f in groups.examine()} == {"ok"}
    settings = replace(groups.settings, boxes="", lists="(mail=nothing)")
    other = LdapGroups(settings, settings_for(slapd_server))
    assert (other.offers(KeepsLists), other.offers(SharesMailboxes)) == (True, False)
    assert [f.severity.value for f in other.examine()] == ["fault"]
    elsewhere = LdapGroups(replace(settings, base=GROUPS, lists="(cn=coordinators)"), settings_for(slapd_server))
    before = slapd_server.entry(f"cn=coordinators,{GROUPS}")
    [_found, powerless] = elsewhere.examine()  # where the service account may only read
    assert (powerless.severity.value, powerless.stops) == ("fault", (KeepsLists,))
    assert f'to dn.subtree="{GROUPS}"' in powerless.remedy and "attrs=member" in powerless.remedy
    assert slapd_server.entry(f"cn=coordinators,{GROUPS}") == before
    with pytest.raises(ValueError, match="lists"):
        replace(settings, lists="mail=*)(")


def test_lists_are_groups_in_active_directory_too(samba_server: Samba) -> None:
    """The manual's grants name no lists: what the service account may not write is said so, and nothing is changed."""
    directory = ad_settings(samba_server)
    person = LdapDirectory(directory, lambda: datetime.now(UTC)).find(samba_server.person())
    base = f"OU=Groups,{samba_server.base}"
    dn = f"CN=list-{person.login},{base}"
    address = f"list-{person.login}@example.org"
    samba_server.put(dn, {"objectClass": "group", "sAMAccountName": f"list-{person.login}", "mail": address})
    samba_server.replace(dn, {"managedBy": person.dn})
    settings = LdapGroupsSettings(name="lists", directory="main", base=base, owner_attribute="managedBy")
    groups = LdapGroups(settings, directory)
    [found] = groups.find_lists(person, person.login, 10)
    assert (found.address, found.member) == (address, False)
    assert groups.read_list(person, found.id).owners == (person.mail,)
    [_found, powerless] = groups.examine()
    assert (powerless.severity.value, ":RPWP;member;group" in powerless.remedy) == ("fault", True)
    try:
        groups.join_list(person, found.id)
    except Forbidden:
        samba_server.replace(dn, {"member": [person.dn]})
    assert groups.read_list(person, found.id).member
    assert [one.id for one in groups.lists_of(person)] == [found.id]
