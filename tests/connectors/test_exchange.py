"""Exchange on premises by its attributes: forwards and delegates, on a real OpenLDAP and a real Active Directory."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.account import Account
from connectors.errors import Forbidden, Obstacle, Refusal, Refused
from connectors.ldap import LdapDirectory, LdapSettings
from connectors.mailbox import Forward, Right, Share, Shares, SharesMailboxes, Source
from connectors.mailboxes.exchange import ExchangeMailbox
from connectors.mailboxes.ldap import LdapMailboxSettings
from tests.connectors.ad_settings import ad_settings
from tests.connectors.ldap_settings import settings_for

GB = 1024**3
SETTINGS = LdapMailboxSettings(name="mailboxes", directory="main", schema="exchange")


@dataclass
class Lab:
    """A directory, and Exchange's part of it."""

    server: Any
    settings: LdapSettings
    post: ExchangeMailbox

    def person(self, *more: str) -> Account:
        """Somebody with a mailbox, and further addresses."""
        account = self.without_mailbox()
        self.server.replace(account.dn, {"proxyAddresses": [f"SMTP:{account.mail}", *more]})
        return account

    def without_mailbox(self) -> Account:
        directory = LdapDirectory(self.settings, lambda: datetime.now(UTC))
        return directory.find(self.server.person())

    def holds(self, account: Account, *names: str) -> list[list[str]]:
        entry = {name.lower(): values for name, values in self.server.entry(account.dn).items()}
        return [[value.decode() for value in entry.get(name.lower(), [])] for name in names]

    def forwards(self, account: Account) -> list[tuple[str, bool, Source, bool]]:
        found = self.post.read_mailbox(account).forwards
        return [(one.target, one.keep_copy, one.source, one.overruled) for one in found]


@pytest.fixture(params=["slapd_server", "samba_server"])
def lab(request: pytest.FixtureRequest) -> Lab:
    server = request.getfixturevalue(request.param)
    settings = settings_for(server) if request.param == "slapd_server" else ad_settings(server)
    # The manual leaves it to administrators whether the service account may write these.
    as_admin = replace(settings, bind_dn=server.admin_dn, bind_password=server.admin_password)
    return Lab(server, settings, ExchangeMailbox(SETTINGS, as_admin))


FORWARD = ("altRecipient", "msExchGenericForwardingAddress", "deliverAndRedirect")


def test_whoever_has_a_mailbox_is_named_by_the_entry_everybody_else_by_the_address(lab: Lab) -> None:
    alice, bob, elsewhere = lab.person(), lab.person(), lab.without_mailbox()
    assert bob.mail
    assert elsewhere.mail
    for target, wanted in (
        (bob.mail.upper(), [[bob.dn], [], ["TRUE"]]),
        (elsewhere.mail, [[], [f"smtp:{elsewhere.mail}"], ["TRUE"]]),
        ("a@x.example", [[], ["smtp:a@x.example"], ["TRUE"]]),
    ):
        for _ in range(2):
            lab.post.add_forward(alice, Forward(target=target, keep_copy=True))
            assert lab.holds(alice, *FORWARD) == wanted
        assert [one[1:] for one in lab.forwards(alice)] == [(True, Source.PORTAL, False)]
        lab.post.remove_forward(alice, target)
        assert lab.holds(alice, *FORWARD) == [[], [], []]


def test_another_address_of_the_same_person_is_the_same_way(lab: Lab) -> None:
    alice, bob = lab.person(), lab.person("smtp:bobs.other@example.org", "X500:/o=Example/cn=bob")
    other = f"{bob.login}.other@example.org"
    lab.server.replace(bob.dn, {"proxyAddresses": [f"SMTP:{bob.mail}", f"smtp:{other}", "X500:/o=Example/cn=bob"]})
    lab.post.add_forward(alice, Forward(target=other, keep_copy=False))
    [forward] = lab.post.read_mailbox(alice).forwards
    assert (forward.target, forward.aliases, forward.keep_copy) == (bob.mail, (other,), False)
    assert forward.goes_to(other)
    lab.post.add_forward(alice, Forward(target=bob.mail or "", keep_copy=True))
    assert lab.holds(alice, *FORWARD) == [[bob.dn], [], ["TRUE"]]
    lab.post.remove_forward(alice, other)
    assert lab.forwards(alice) == []


def test_there_is_room_for_one_and_the_one_that_is_set_is_taken_away(lab: Lab) -> None:
    alice, bob = lab.person(), lab.person()
    lab.post.add_forward(alice, Forward(target=bob.mail or "", keep_copy=False))
    with pytest.raises(Refused) as refused:
        lab.post.add_forward(alice, Forward(target="b@x.example"))
    assert refused.value.refusal is Refusal.TOO_MANY_FORWARDS
    lab.server.replace(alice.dn, {"msExchGenericForwardingAddress": "smtp:b@x.example"})
    assert lab.forwards(alice) == [
        (bob.mail, False, Source.PORTAL, False),
        ("b@x.example", False, Source.PORTAL, True),  # the entry comes first
    ]
    lab.post.remove_forward(alice, "nobody@x.example")
    lab.post.remove_forward(alice, bob.mail or "")
    assert lab.holds(alice, *FORWARD) == [[], ["smtp:b@x.example"], ["FALSE"]]
    lab.post.remove_forward(alice, "B@x.example")
    assert lab.holds(alice, *FORWARD) == [[], [], []]


def test_what_administrators_route_elsewhere_is_shown_and_left_alone(lab: Lab) -> None:
    alice, bob = lab.person(), lab.person()
    lab.server.replace(alice.dn, {"targetAddress": "SMTP:alice@tenant.example", "altRecipient": bob.dn})
    assert lab.forwards(alice) == [
        ("alice@tenant.example", False, Source.SERVER, False),
        (bob.mail, False, Source.PORTAL, True),
    ]
    for change in (
        lambda: lab.post.add_forward(alice, Forward(target="a@x.example")),
        lambda: lab.post.remove_forward(alice, "alice@tenant.example"),
    ):
        with pytest.raises(Forbidden) as forbidden:
            change()
        assert forbidden.value.obstacle is Obstacle.ROUTED_ELSEWHERE
    lab.post.remove_forward(alice, bob.mail or "")
    assert lab.holds(alice, "targetAddress", "altRecipient") == [["SMTP:alice@tenant.example"], []]


def test_addresses_and_sizes_leave_all_else_alone(lab: Lab) -> None:
    alice = lab.person("X500:/o=Example/cn=x", "SIP:x@example.org")
    lab.post.add_alias(alice, f"{alice.login}.x@example.org")
    lab.post.set_quota(alice, GB)
    lab.post.remove_alias(alice, alice.mail or "")  # the primary one stays
    [addresses, size] = lab.holds(alice, "proxyAddresses", "mDBOverHardQuotaLimit")
    assert sorted(addresses) == sorted(
        [f"SMTP:{alice.mail}", "X500:/o=Example/cn=x", "SIP:x@example.org", f"smtp:{alice.login}.x@example.org"]
    )
    assert size == ["1048576"]


def test_somebody_may_write_in_my_name_until_one_of_us_ends_it(lab: Lab) -> None:
    alice, bob, carol = lab.person(), lab.person(), lab.person()
    assert alice.mail
    assert bob.mail
    assert carol.mail
    for who in (bob, carol):
        for _ in range(2):
            lab.post.share(alice, Share(box=alice.mail, who=who.mail or "", right=Right.SEND))
    assert set(lab.holds(alice, "publicDelegates")[0]) == {bob.dn, carol.dn}
    given = Share(box=alice.mail, who=bob.mail, right=Right.SEND)
    assert given in lab.post.shares(alice).mine
    assert lab.post.shares(bob) == Shares(others=(given,))
    lab.post.unshare(alice, alice.mail, carol.mail.upper())
    lab.post.unshare(alice, alice.mail, "nobody@example.org")
    assert lab.holds(alice, "publicDelegates") == [[bob.dn]]
    lab.post.unshare(bob, alice.mail, bob.mail)  # whoever was let in may leave
    assert lab.holds(alice, "publicDelegates") == [[]]


def test_nobody_without_a_mailbox_is_let_in_and_nobody_protected_is_changed(lab: Lab) -> None:
    alice, stranger = lab.person(), lab.without_mailbox()
    for who in (stranger.mail or "", "*", "nobody@example.org", alice.dn):
        with pytest.raises(Refused) as refused:
            lab.post.share(alice, Share(box=alice.mail or "", who=who, right=Right.SEND))
        assert refused.value.refusal is Refusal.NO_SUCH_MAILBOX
    protected, own = replace(alice, protected=True), alice.mail or ""
    changes: list[Callable[[], None]] = [
        lambda: lab.post.share(protected, Share(box=own, who=own, right=Right.SEND)),
        lambda: lab.post.unshare(protected, own, own),
    ]
    for change in changes:
        with pytest.raises(Forbidden):
            change()


def test_the_doctor_looks_at_each_attribute_that_is_offered(lab: Lab) -> None:
    assert [found.severity.value for found in lab.post.examine()] == ["ok", "ok"]
    [_schema, wrong] = ExchangeMailbox(SETTINGS, lab.settings).examine()  # as the service account of the manual
    assert SharesMailboxes in wrong.stops
    assert {"altRecipient", "publicDelegates"} <= set(wrong.message.replace(",", " ").split())
    assert "publicDelegates" in wrong.remedy
    alone = ExchangeMailbox(replace(SETTINGS, without=("sharing",)), lab.settings)
    assert not alone.offers(SharesMailboxes)
