"""How full a mailbox is, and who else may use it, on a real Dovecot."""

import imaplib
import ssl
from dataclasses import replace

import pytest

from connectors.account import Account
from connectors.errors import AccountNotFound, Outage, Refusal, Refused, Unavailable, Unconfirmed
from connectors.mailbox import Right, Share, Shares, SharesMailboxes
from connectors.mailboxes.doveadm import Doveadm, DoveadmSettings
from connectors.mailboxes.doveadm_acl import BoxSettings
from tests.servers.dovecot import API_KEY, DOMAIN, PASSWORD, Dovecot
from tests.servers.proxy import Proxy
from tests.servers.running import free_port

MIB = 1024 * 1024


def person(address: str) -> Account:
    return Account(id="d:1", directory="d", dn="", login="x", name="X", mail=address)


@pytest.fixture
def settings(dovecot_server: Dovecot) -> DoveadmSettings:
    url = f"http://127.0.0.1:{dovecot_server.doveadm_port}"
    return DoveadmSettings(name="quota", url=url, key=API_KEY, domains=(DOMAIN,))


def test_it_tells_how_full_a_mailbox_is(settings: DoveadmSettings, dovecot_server: Dovecot) -> None:
    address = dovecot_server.mailbox()
    before = Doveadm(settings).read_mailbox(person(address)).quota
    assert before
    assert (before.used, before.limit) == (0, 10 * MIB)
    dovecot_server.deliver(address, sender="bob@outside.test", text="\r\n".join(["x" * 900] * 2000))
    after = Doveadm(settings).read_mailbox(person(address)).quota
    assert after
    assert after.used
    assert 1.7 * MIB < after.used < 2 * MIB
    assert after.part == pytest.approx(after.used / (10 * MIB))


def test_whoever_has_no_mailbox_and_whoever_is_not_let_in_is_told_so(settings: DoveadmSettings) -> None:
    with pytest.raises(AccountNotFound):
        Doveadm(settings).read_mailbox(person(f"nobody@{DOMAIN}"))
    with pytest.raises(Unavailable) as refused:
        Doveadm(replace(settings, key="wrong")).read_mailbox(person(f"box1@{DOMAIN}"))
    assert refused.value.outage is Outage.PORTAL_REFUSED
    with pytest.raises(Unavailable) as down:
        Doveadm(replace(settings, url=f"http://127.0.0.1:{free_port()}")).read_mailbox(person(f"box1@{DOMAIN}"))
    assert down.value.outage is Outage.DOWN


def test_the_doctor_sees_whether_it_is_let_in(settings: DoveadmSettings) -> None:
    assert [f.severity.value for f in Doveadm(settings).examine()] == ["ok"]
    assert [f.severity.value for f in Doveadm(replace(settings, key="wrong")).examine()] == ["fault"]


def test_a_key_is_never_sent_in_clear_over_a_network() -> None:
    with pytest.raises(ValueError, match="https"):
        DoveadmSettings(name="quota", url="http://mail.example.org", key=API_KEY)
    assert API_KEY not in repr(DoveadmSettings(name="quota", url="https://mail.example.org", key=API_KEY))


def test_a_mail_program_opens_a_mailbox_that_is_shared(settings: DoveadmSettings, dovecot_server: Dovecot) -> None:
    alice, bob, info = (dovecot_server.mailbox() for _ in range(3))
    box = BoxSettings(address=info, name="Information", owners=(alice.upper(),))
    post = Doveadm(replace(settings, shared_prefix="shared/", shared=(box,)))
    dovecot_server.deliver(alice, sender="x@outside.test")
    assert post.shares(person(alice)) == Shares()
    for right in (Right.WORK, Right.READ):
        share = Share(box=alice, who=bob, right=right)
        post.share(person(alice), share)
        assert post.shares(person(alice)).mine == (share,)
        assert post.shares(person(bob)).others == (share,)
    assert opens(dovecot_server, bob, alice)
    for _ in range(2):
        post.unshare(person(alice), alice, bob.upper())
    assert post.shares(person(bob)) == Shares()
    assert not opens(dovecot_server, bob, alice)
    post.share(person(bob), Share(box=info, who=bob, right=Right.WORK))
    assert [(one.box, one.who) for one in post.shares(person(alice)).mine] == [(info, bob)]
    assert [one.owners for one in post.shared_boxes(person(bob))] == [(alice.upper(),)]


def test_nobody_unknown_and_nobody_by_a_pattern_gets_in(settings: DoveadmSettings, dovecot_server: Dovecot) -> None:
    alice, nobody = dovecot_server.mailbox(), f"nobody@{DOMAIN}"
    post = Doveadm(replace(settings, shared_prefix="shared/"))
    for box, who in ((alice, nobody), (nobody, alice), (alice, "*"), (f"box?@{DOMAIN}", alice)):
        with pytest.raises(Refused) as refused:
            post.share(person(alice), Share(box=box, who=who, right=Right.READ))
        assert refused.value.refusal is Refusal.NO_SUCH_MAILBOX
    assert post.shares(person(alice)) == Shares()
    assert post.offers(SharesMailboxes)
    assert not Doveadm(settings).offers(SharesMailboxes)


def test_a_share_whose_answer_was_lost_is_not_called_a_failure(
    settings: DoveadmSettings, dovecot_server: Dovecot
) -> None:
    alice, bob = (dovecot_server.mailbox() for _ in range(2))
    with Proxy(dovecot_server.doveadm_port) as proxy:
        there = replace(settings, url=f"http://127.0.0.1:{proxy.port}", shared_prefix="shared/", timeout=1.0)
        proxy.swallow_answers_after = 1  # that there is such a mailbox is heard
        with pytest.raises(Unconfirmed):
            Doveadm(there).share(person(alice), Share(box=alice, who=bob, right=Right.READ))


def test_how_full_all_are_is_told_in_one_go(settings: DoveadmSettings, dovecot_server: Dovecot) -> None:
    address = dovecot_server.mailbox()
    dovecot_server.deliver(address, sender="x@outside.test", text="x" * 900)
    found = dict(Doveadm(settings).fullness())
    assert found[address].limit == 10 * MIB
    assert found[address].used


def opens(server: Dovecot, who: str, box: str) -> bool:
    """Whether somebody's mail program opens a mailbox of somebody else."""
    context = ssl.create_default_context(cafile=server.ca_file)
    context.check_hostname = False
    program = imaplib.IMAP4_SSL("127.0.0.1", server.imaps_port, ssl_context=context)
    program.login(who, PASSWORD)
    try:
        return program.select(f"shared/{box}", readonly=True)[0] == "OK"
    finally:
        program.logout()


def test_the_doctor_sees_whether_mailboxes_can_be_shared(settings: DoveadmSettings, dovecot_server: Dovecot) -> None:
    boxes = (BoxSettings(address=dovecot_server.mailbox()), BoxSettings(address=f"nothing@{DOMAIN}"))
    found = list(Doveadm(replace(settings, shared_prefix="shared/", shared=boxes)).examine())
    assert [one.severity.value for one in found] == ["ok", "ok", "fault"]
    assert found[-1].subject == f"nothing@{DOMAIN}"
