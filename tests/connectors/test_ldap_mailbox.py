"""Mailboxes as attributes of a person's entry, on a real OpenLDAP; their addresses on a real Active Directory, too."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors.account import Account
from connectors.capabilities import Capability
from connectors.errors import AccountNotFound, Forbidden, Refusal, Refused
from connectors.ldap import LdapDirectory
from connectors.mailbox import AutoReply, Forward, Forwards, KeepsAliases, SetsAutoReply, SetsQuota, Source
from connectors.mailboxes.ldap import LdapMailbox, LdapMailboxSettings
from connectors.mailboxes.ldap_doctor import examine
from connectors.mailboxes.ldap_schemas import SCHEMAS
from tests.connectors.ad_settings import ad_settings
from tests.connectors.ldap_settings import settings_for
from tests.servers.samba import Samba
from tests.servers.slapd import Slapd

NOW = datetime.now(UTC).replace(microsecond=0)
REPLY = AutoReply(subject="Away ☀", text="At sea.\n\nÅse", starts=NOW, ends=NOW + timedelta(days=3))
GB = 1024**3


def mailbox(slapd: Slapd, schema: str = "vacation", **more: object) -> LdapMailbox:
    settings = LdapMailboxSettings(name="mailboxes", directory="main", schema=schema, **more)  # type: ignore[arg-type]
    return LdapMailbox(settings, settings_for(slapd))


@pytest.fixture
def person(slapd_server: Slapd) -> Account:
    directory = LdapDirectory(settings_for(slapd_server), lambda: datetime.now(UTC))
    return directory.find(slapd_server.person())


@pytest.fixture
def post(slapd_server: Slapd) -> LdapMailbox:
    return mailbox(slapd_server)


def test_an_auto_reply_is_set_read_and_leaves_no_trace(post: LdapMailbox, person: Account, slapd_server: Slapd) -> None:
    for _ in range(2):
        post.set_auto_reply(person, REPLY)
        assert post.read_mailbox(person).auto_reply == REPLY
    post.set_auto_reply(person, None)
    assert post.read_mailbox(person).auto_reply is None
    assert not [name for name in slapd_server.entry(person.dn) if name.lower().startswith("vacation")]


@pytest.mark.parametrize("schema", ["vacation", "qmail"])
def test_forwards_come_and_go_one_by_one(slapd_server: Slapd, person: Account, schema: str) -> None:
    post = mailbox(slapd_server, schema)
    for target, keep in (("a@x.example", True), ("b@x.example", False), ("A@x.example", False)):
        post.add_forward(person, Forward(target=target, keep_copy=keep))
    found = post.read_mailbox(person).forwards
    assert {(one.target.lower(), one.keep_copy, one.source) for one in found} == {
        ("a@x.example", False, Source.PORTAL),
        ("b@x.example", False, Source.PORTAL),
    }
    post.remove_forward(person, "B@x.example")
    post.remove_forward(person, "nobody@x.example")
    assert [one.target for one in post.read_mailbox(person).forwards] == ["A@x.example"]
    post.remove_forward(person, "a@x.example")
    assert post.read_mailbox(person).forwards == ()


def test_an_alias_belongs_to_one_mailbox_only(post: LdapMailbox, person: Account, slapd_server: Slapd) -> None:
    directory = LdapDirectory(settings_for(slapd_server), lambda: datetime.now(UTC))
    other = directory.find(slapd_server.person())
    address = f"{person.login}.too@example.org"
    for _ in range(2):
        post.add_alias(person, address)
        assert post.read_mailbox(person).aliases == (address,)
    for taken in (address, address.upper(), person.mail or ""):
        with pytest.raises(Refused) as refused:
            post.add_alias(other, taken)
        assert refused.value.refusal is Refusal.ADDRESS_TAKEN
    for hostile in ("*", "x)(mail=*", "a\\2a@example.org"):
        post.add_alias(other, f"{person.login}{hostile}")
    for _ in range(2):
        post.remove_alias(person, address.upper())
        assert post.read_mailbox(person).aliases == ()
    post.add_alias(other, address)


def test_a_size_is_set_in_the_schemas_unit(post: LdapMailbox, person: Account, slapd_server: Slapd) -> None:
    post.set_quota(person, 10 * GB)
    quota = post.read_mailbox(person).quota
    assert quota
    assert (quota.used, quota.limit) == (None, 10 * GB)
    assert slapd_server.entry(person.dn)["mailQuota"] == [b"10240"]


def test_what_a_schema_lacks_or_settings_leave_out_is_not_offered(slapd_server: Slapd) -> None:
    everything: tuple[type[Capability], ...] = (SetsAutoReply, Forwards, KeepsAliases, SetsQuota)
    for box, wanted in (
        (mailbox(slapd_server), everything),
        (mailbox(slapd_server, without=("auto_reply", "quota")), (Forwards, KeepsAliases)),
        (mailbox(slapd_server, "qmail"), (Forwards, KeepsAliases, SetsQuota)),
        (mailbox(slapd_server, "proxy-addresses"), (KeepsAliases,)),
    ):
        assert tuple(one for one in everything if box.offers(one)) == wanted
    box = mailbox(slapd_server, accounts=("main", "guests"))
    assert (box.serves_people_of("main"), box.serves_people_of("guests")) == (True, False)
    with pytest.raises(ValueError, match="schema"):
        LdapMailboxSettings(name="m", directory="main", schema="nothing")


def test_nobody_protected_or_gone_is_changed(post: LdapMailbox, person: Account, slapd_server: Slapd) -> None:
    with pytest.raises(Forbidden):
        post.set_auto_reply(replace(person, protected=True), REPLY)
    with pytest.raises(AccountNotFound):
        post.set_auto_reply(replace(person, dn=f"uid=gone,{slapd_server.people_base}"), REPLY)


def test_the_doctor_knows_whether_the_schema_is_there(slapd_server: Slapd) -> None:
    assert [f.severity.value for f in mailbox(slapd_server).examine()] == ["ok", "ok"]
    unknown = replace(SCHEMAS["vacation"], quota="mailQuotaOfAnotherSchema")
    with mailbox(slapd_server)._pool.lend() as service:
        [lacking] = examine(service, settings_for(slapd_server), unknown, unknown.needed)
    assert (lacking.severity.value, lacking.stops) == ("fault", (SetsQuota,))
    assert "mailQuotaOfAnotherSchema" in lacking.message


def test_the_doctor_names_what_the_service_account_may_not_write(slapd_server: Slapd, person: Account) -> None:
    before = slapd_server.entry(person.dn)
    powerless = replace(
        settings_for(slapd_server),
        bind_dn=person.dn,
        bind_password=slapd_server.password,
        people_bases=(person.dn,),  # more they do not see
    )
    post = LdapMailbox(
        LdapMailboxSettings(name="m", directory="main", schema="vacation", without=("quota",)), powerless
    )
    [_schema, wrong] = post.examine()
    assert wrong.severity.value == "fault"
    assert set(wrong.stops) == {SetsAutoReply, Forwards, KeepsAliases}
    assert "vacationActive" in wrong.message
    assert "mailQuota" not in wrong.message
    assert "mailAlias" in wrong.remedy
    assert slapd_server.entry(person.dn) == before


def test_addresses_in_active_directory_leave_the_others_alone(samba_server: Samba) -> None:
    """The primary address and addresses of other kinds stay; whoever has an address keeps it."""
    settings = ad_settings(samba_server)
    directory = LdapDirectory(settings, lambda: datetime.now(UTC))
    post = LdapMailbox(LdapMailboxSettings(name="mailboxes", directory="main", schema="proxy-addresses"), settings)
    person = directory.find(samba_server.person())
    samba_server.replace(person.dn, {"proxyAddresses": [f"SMTP:{person.mail}", "X500:/o=Example/cn=x"]})
    address = f"{person.login}.too@example.org"
    [_schema, wrong] = post.examine()  # the manual's grants do not name the attribute: an administrator's choice
    assert (wrong.severity.value, wrong.stops) == ("fault", (KeepsAliases,))
    with pytest.raises(Forbidden):
        post.add_alias(person, address)
    as_admin = replace(settings, bind_dn=samba_server.admin_dn, bind_password=samba_server.admin_password)
    post = LdapMailbox(post.settings, as_admin)
    assert [found.severity.value for found in post.examine()] == ["ok", "ok"]
    post.add_alias(person, address)
    assert post.read_mailbox(person).aliases == (address,)
    other = directory.find(samba_server.person())
    with pytest.raises(Refused):
        post.add_alias(other, address)
