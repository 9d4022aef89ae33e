"""How full a mailbox is, as a real Dovecot tells it."""

from dataclasses import replace

import pytest

from connectors.account import Account
from connectors.errors import AccountNotFound, Outage, Unavailable
from connectors.mailboxes.doveadm import Doveadm, DoveadmSettings
from tests.servers.dovecot import API_KEY, DOMAIN, Dovecot
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
