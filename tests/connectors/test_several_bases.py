"""People below several bases of one directory, on a real slapd."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from connectors.errors import AccountAmbiguous, AccountNotFound, Forbidden
from connectors.ldap import LdapDirectory
from tests.connectors.ldap_settings import settings_for
from tests.servers import people
from tests.servers.slapd import Slapd, slapd
from tests.servers.slapd_files import BASE, PEOPLE, SERVICE_DN, SlapdOptions, manual

GUESTS, HIDDEN, SHUT = f"ou=guests,{PEOPLE}", f"ou=hidden,{BASE}", f"ou=shut,{BASE}"
NOWHERE = f"ou=nowhere,{BASE}"
# `disclose` is the right to be told that one may not, instead of that there is nothing (slapd.access(5)).
SHUT_RULE = f'access to dn.subtree="{SHUT}" by dn.exact="{SERVICE_DN}" =d by * break\n'


@pytest.fixture(scope="module")
def server() -> Iterator[Slapd]:
    with slapd(SlapdOptions(access=SHUT_RULE + manual("access"))) as running:
        for dn in (GUESTS, HIDDEN, SHUT):
            running.put(dn, {"objectClass": "organizationalUnit", "ou": dn.partition(",")[0][3:]})
        yield running


@pytest.fixture
def over(server: Slapd) -> Callable[..., LdapDirectory]:
    """A directory over these bases."""
    return lambda *bases: LdapDirectory(replace(settings_for(server), people_bases=bases), lambda: datetime.now(UTC))


def add(server: Slapd, base: str, login: str, **attributes: str) -> None:
    server.put(f"uid={login},{base}", people.person(login, **attributes))


def test_people_of_every_base_are_found(server: Slapd, over: Callable[..., LdapDirectory]) -> None:
    login = server.person()
    add(server, GUESTS, "guest1")
    directory = over(GUESTS, PEOPLE)
    assert directory.find(login).dn == f"uid={login},{PEOPLE}"
    found = directory.find("guest1")
    assert found.dn == f"uid=guest1,{GUESTS}"
    assert directory.read(found.id) == found


def test_one_login_in_two_bases_is_not_guessed(server: Slapd, over: Callable[..., LdapDirectory]) -> None:
    add(server, f"ou=people,{BASE}", "twice", mail="")
    add(server, GUESTS, "twice", mail="")
    with pytest.raises(AccountAmbiguous):
        over(PEOPLE).find("twice")
    assert over(GUESTS).find("twice").dn == f"uid=twice,{GUESTS}"


def test_bases_within_one_another_are_no_two_people(server: Slapd, over: Callable[..., LdapDirectory]) -> None:
    soon = date.today() + timedelta(days=3)
    add(server, GUESTS, "nested", shadowExpire=str((soon - date(1970, 1, 1)).days + 1))
    directory = over(PEOPLE, GUESTS)
    assert directory.find("nested").login == "nested"
    assert [a.login for a in directory.ending(soon, soon)] == ["nested"]


@pytest.mark.parametrize("base", [NOWHERE, HIDDEN, SHUT], ids=["missing", "hidden", "closed"])
def test_a_base_that_is_not_there_for_us_disturbs_nobody(
    server: Slapd, over: Callable[..., LdapDirectory], base: str
) -> None:
    login = server.person()
    for bases in ((base, PEOPLE), (PEOPLE, base)):
        directory = over(*bases)
        found = directory.find(login)
        assert directory.read(found.id) == found
        with pytest.raises(AccountNotFound):  # unknown names end as anywhere: nobody sees which base is shut
            directory.find(f"{login}x")


def test_no_base_open_to_us_is_a_fault_and_no_unknown_name(over: Callable[..., LdapDirectory]) -> None:
    with pytest.raises(Forbidden):
        over(SHUT).find("alice")


@pytest.mark.parametrize("base", [NOWHERE, HIDDEN, SHUT], ids=["missing", "hidden", "closed"])
def test_the_doctor_names_the_base(over: Callable[..., LdapDirectory], base: str) -> None:
    assert [f.message for f in over(PEOPLE, base).examine() if f.severity == "fault" and base in f.message]
