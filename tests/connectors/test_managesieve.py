"""The portal's Sieve script on a real Dovecot: what comes in is really answered and sent on, only when it should."""

import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.account import Account
from connectors.errors import AccountNotFound, Forbidden, Outage, Refusal, Refused, Unavailable
from connectors.mailbox import AutoReply, Forward, Source
from connectors.mailboxes import sieve_script
from connectors.mailboxes.managesieve import ManageSieve
from connectors.mailboxes.sieve_client import ManageSieveSettings, session
from portal.demo.mail import Mail, Mailbag
from tests.servers.dovecot import DOMAIN, MASTER, MASTER_PASSWORD, Dovecot
from tests.servers.running import free_port

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
AWAY = AutoReply(subject='Away: "Q3" \\ plan', text="Hello,\nI am away.\n.\nBack soon.")
OWN = 'require ["fileinto", "copy"];\nif header :contains "subject" "[list]" { redirect :copy "me@home.test"; stop; }\n'


@pytest.fixture
def person(dovecot_server: Dovecot) -> Account:
    """Somebody with an empty mailbox."""
    address = dovecot_server.mailbox()
    login = address.partition("@")[0]
    return Account(id=f"d:{login}", directory="d", dn=f"uid={login}", login=login, name=login, mail=address)


@pytest.fixture
def settings(dovecot_server: Dovecot) -> ManageSieveSettings:
    return ManageSieveSettings(
        name="post",
        host="127.0.0.1",
        port=dovecot_server.sieve_port,
        ca_file=dovecot_server.ca_file,
        user=MASTER,
        password=MASTER_PASSWORD,
        domains=(DOMAIN,),
    )


@pytest.fixture
def post(settings: ManageSieveSettings) -> ManageSieve:
    return ManageSieve(settings, (DOMAIN, "inside.test"))


@pytest.fixture
def arrived(dovecot_server: Dovecot, sent_by_dovecot: Mailbag, person: Account) -> "Arrived":
    return Arrived(dovecot_server, sent_by_dovecot, person.mail or "")


class Arrived:
    """Deliver a mail to the mailbox, and see what comes of it."""

    def __init__(self, server: Dovecot, sent: Mailbag, address: str) -> None:
        self.server, self.sent, self.address = server, sent, address

    def mail(self, sender: str = "") -> list[Mail]:
        """What left because of one mail that came in: Dovecot sends it before it says that it took the mail."""
        before = {mail.id for mail in self.sent.all()}
        self.server.deliver(self.address, sender=sender or f"{secrets.token_hex(4)}@outside.test")
        return [mail for mail in self.sent.all() if mail.id not in before]


def own_rules(settings: ManageSieveSettings, person: Account, text: str, name: str = "roundcube") -> None:
    with session(settings, person.mail or "") as server:
        server.put(name, text)
        server.activate(name)


def test_a_mail_is_answered_and_the_mailbox_keeps_it(post: ManageSieve, person: Account, arrived: Arrived) -> None:
    post.set_auto_reply(person, AWAY)
    [answer] = arrived.mail("bob@outside.test")
    assert answer.recipient == "bob@outside.test"
    assert answer.subject == AWAY.subject
    assert answer.text.strip() == AWAY.text
    assert len(arrived.server.kept(person.mail or "")) == 1


def test_a_sender_gets_one_answer(post: ManageSieve, person: Account, arrived: Arrived) -> None:
    post.set_auto_reply(person, AWAY)
    assert len(arrived.mail("bob@outside.test")) == 1
    assert arrived.mail("bob@outside.test") == []


@pytest.mark.parametrize(
    ("starts", "ends", "answered"),
    [
        (NOW - DAY, NOW + DAY, True),
        (NOW - timedelta(minutes=5), NOW + timedelta(hours=1), True),
        (NOW + timedelta(hours=1), NOW + DAY, False),
        (NOW - DAY, NOW - timedelta(minutes=5), False),
        (None, NOW - timedelta(days=300), False),
        (NOW - timedelta(days=300), None, True),
    ],
)
def test_answers_within_the_dates_only(
    post: ManageSieve, person: Account, arrived: Arrived, starts: datetime, ends: datetime, answered: bool
) -> None:
    post.set_auto_reply(person, AutoReply(subject="Away", text="Away.", starts=starts, ends=ends))
    post.add_forward(person, Forward(target="home@elsewhere.test", starts=starts, ends=ends))
    assert len(arrived.mail()) == (2 if answered else 0)


def test_colleagues_and_strangers_get_texts_of_their_own(post: ManageSieve, person: Account, arrived: Arrived) -> None:
    post.set_auto_reply(person, AutoReply(subject="Away", text="Ask Bo.", outside_text="Back on Monday."))
    assert arrived.mail("x@inside.test")[0].text.strip() == "Ask Bo."
    assert arrived.mail("x@outside.test")[0].text.strip() == "Back on Monday."
    assert arrived.mail("x@inside.test.outside.test")[0].text.strip() == "Back on Monday."


def test_strangers_can_be_left_without_an_answer(post: ManageSieve, person: Account, arrived: Arrived) -> None:
    post.set_auto_reply(person, AutoReply(subject="Away", text="Ask Bo.", inside_only=True))
    assert len(arrived.mail("x@inside.test")) == 1
    assert arrived.mail("x@outside.test") == []


@pytest.mark.parametrize("keep_copy", [True, False])
def test_a_mail_is_sent_on_with_or_without_a_copy(
    post: ManageSieve, person: Account, arrived: Arrived, keep_copy: bool
) -> None:
    post.add_forward(person, Forward(target="home@elsewhere.test", keep_copy=keep_copy))
    assert [mail.recipient for mail in arrived.mail()] == ["home@elsewhere.test"]
    assert len(arrived.server.kept(person.mail or "")) == keep_copy


def test_what_is_read_is_what_was_set(post: ManageSieve, person: Account) -> None:
    reply = AutoReply(subject="Borte ☀", text="æøå\n\nHilsen", starts=NOW, ends=NOW + DAY, days=3)
    forward = Forward(target="home@elsewhere.test", ends=NOW + 30 * DAY)
    post.set_auto_reply(person, reply)
    post.add_forward(person, forward)
    box = post.read_mailbox(person)
    assert box.auto_reply == reply
    assert box.forwards == (forward,)
    assert not box.unread


def test_after_the_end_no_trace_is_left(
    post: ManageSieve, settings: ManageSieveSettings, person: Account, arrived: Arrived
) -> None:
    post.set_auto_reply(person, AWAY)
    post.add_forward(person, Forward(target="home@elsewhere.test"))
    post.set_auto_reply(person, None)
    post.remove_forward(person, "HOME@elsewhere.test")
    assert post.read_mailbox(person).forwards == ()
    assert arrived.server.sieve(person.mail or "") == ""
    with session(settings, person.mail or "") as server:
        assert server.scripts() == ("", [])


def test_rules_of_the_persons_own_go_on_and_are_put_back(
    post: ManageSieve, settings: ManageSieveSettings, person: Account, arrived: Arrived
) -> None:
    own_rules(settings, person, OWN.replace("[list]", "Hello"))
    post.set_auto_reply(person, AWAY)
    assert {mail.recipient for mail in arrived.mail("bob@outside.test")} == {"bob@outside.test", "me@home.test"}
    [theirs] = post.read_mailbox(person).forwards
    assert (theirs.target, theirs.source, theirs.rule) == ("me@home.test", Source.FILTER, "roundcube")
    post.set_auto_reply(person, None)
    with session(settings, person.mail or "") as server:
        assert server.scripts() == ("roundcube", [])


def test_two_auto_replies_would_end_all_rules_so_the_second_is_refused(
    post: ManageSieve, settings: ManageSieveSettings, person: Account
) -> None:
    own_rules(settings, person, 'require "vacation";\nvacation "away";\n')
    assert post.read_mailbox(person).own_auto_reply
    with pytest.raises(Refused) as refused:
        post.set_auto_reply(person, AWAY)
    assert refused.value.refusal is Refusal.OWN_AUTO_REPLY


def test_a_script_that_somebody_has_changed_is_left_alone(
    post: ManageSieve, settings: ManageSieveSettings, person: Account
) -> None:
    post.set_auto_reply(person, AWAY)
    with session(settings, person.mail or "") as server:
        changed = server.script(sieve_script.NAME) + "keep;\n"
        server.put(sieve_script.NAME, changed)
    with pytest.raises(Forbidden):
        post.set_auto_reply(person, None)
    with session(settings, person.mail or "") as server:
        assert "keep;" in server.script(sieve_script.NAME)


def test_a_fifth_forward_would_stop_all_of_them_so_it_is_refused(post: ManageSieve, person: Account) -> None:
    for number in range(4):
        post.add_forward(person, Forward(target=f"n{number}@elsewhere.test"))
    with pytest.raises(Refused):
        post.add_forward(person, Forward(target="n5@elsewhere.test"))


def test_an_address_that_is_none_is_refused(post: ManageSieve, person: Account) -> None:
    for target in ('a"; discard; #@x.test', "a@x.test\r\nb@y.test", "nobody", "a b@x.test"):
        with pytest.raises(Refused):
            post.add_forward(person, Forward(target=target))


def test_whoever_has_no_mailbox_is_told_so(post: ManageSieve, person: Account) -> None:
    nobody = Account(id="d:x", directory="d", dn="", login="x", name="x", mail=f"nobody@{DOMAIN}")
    with pytest.raises(AccountNotFound):
        post.read_mailbox(nobody)


def test_the_master_user_opens_nothing_but_managesieve(dovecot_server: Dovecot, person: Account) -> None:
    import imaplib
    import ssl

    context = ssl.create_default_context(cafile=dovecot_server.ca_file)
    with imaplib.IMAP4_SSL("127.0.0.1", dovecot_server.imaps_port, ssl_context=context) as imap:
        token = f"{person.mail}\0{MASTER}\0{MASTER_PASSWORD}"
        with pytest.raises(imaplib.IMAP4.error):
            imap.authenticate("PLAIN", lambda _challenge: token.encode())


def test_a_server_that_is_down_silent_or_not_trusted_is_named(
    settings: ManageSieveSettings, person: Account, tmp_path: Path
) -> None:
    from dataclasses import replace

    down = ManageSieve(replace(settings, port=free_port()), ())
    with pytest.raises(Unavailable) as error:
        down.read_mailbox(person)
    assert error.value.outage is Outage.DOWN
    other = settings.ca_file.with_name("other-ca.pem") if settings.ca_file else None
    for wrong in (replace(settings, ca_file=other), replace(settings, password="wrong")):
        with pytest.raises(Unavailable) as error:
            ManageSieve(wrong, ()).read_mailbox(person)
        assert error.value.outage is Outage.PORTAL_REFUSED


def test_the_doctor_sees_whether_it_could_work(settings: ManageSieveSettings) -> None:
    from dataclasses import replace

    assert [f.severity.value for f in ManageSieve(settings, ()).examine()] == ["ok"]
    assert [f.severity.value for f in ManageSieve(replace(settings, password="no"), ()).examine()] == ["fault"]
