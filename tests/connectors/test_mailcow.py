"""mailcow's connector beside a stand-in that refuses what mailcow would refuse, and says so with a good status."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from connectors.account import Account
from connectors.capabilities import Severity
from connectors.errors import AccountNotFound, Forbidden, Obstacle, Refusal, Refused, Unavailable, Unconfirmed
from connectors.mailbox import AutoReply, Forward, Quota, Source
from connectors.mailboxes.mailcow import Mailcow
from connectors.mailboxes.mailcow_api import MailcowSettings
from portal.parts import utc_now
from tests.standins.http import BUSY, DENIED, DROPPED, GARBAGE, SERVER_ERROR
from tests.standins.mailcow import KEY, MIB, READS_ONLY
from tests.standins.mailcow import Mailcow as Server

AWAY = AutoReply(
    subject="Away",
    text='Back "soon".',
    starts=datetime(2026, 12, 1, tzinfo=UTC),
    ends=datetime(2026, 12, 9, tzinfo=UTC),
)
HOME = Forward(target="me@home.test", keep_copy=False)
OWN = 'require ["copy", "vacation"];\nredirect :copy "own@home.test";\n'


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


@pytest.fixture
def person(server: Server) -> Account:
    return _account(server.mailbox(used=3 * MIB))


@pytest.fixture
def cow(server: Server) -> Mailcow:
    return _cow(server)


def _cow(server: Server, key: str = KEY) -> Mailcow:
    return Mailcow(MailcowSettings(name="cow", url=server.url, key=key, timeout=3.0), ("cow.test",), utc_now)


def _account(address: str) -> Account:
    login = address.partition("@")[0]
    return Account(id=f"d:{login}", directory="d", dn=f"uid={login}", login=login, name=login, mail=address)


def test_a_reply_and_forwards_are_one_filter_before_the_persons_own(
    cow: Mailcow, server: Server, person: Account
) -> None:
    server.own_rules[person.mail or ""] = OWN
    cow.set_auto_reply(person, AWAY)
    cow.add_forward(person, HOME)
    seen = cow.read_mailbox(person)
    assert seen.auto_reply == AWAY
    assert [(one.target, one.keep_copy, one.source) for one in seen.forwards] == [
        ("me@home.test", False, Source.PORTAL),
        ("own@home.test", True, Source.FILTER),
    ]
    [kept] = server.filters.values()
    assert kept["filter_type"] == "prefilter"
    assert kept["active"] == "1"


def test_nothing_is_left_when_the_last_is_taken_away(cow: Mailcow, server: Server, person: Account) -> None:
    cow.set_auto_reply(person, AWAY)
    cow.add_forward(person, HOME)
    cow.remove_forward(person, "ME@home.test")
    cow.set_auto_reply(person, None)
    cow.set_auto_reply(person, None)
    assert server.filters == {}
    assert cow.read_mailbox(person).forwards == ()


def test_what_answers_already_is_not_answered_twice(cow: Mailcow, server: Server, person: Account) -> None:
    server.own_rules[person.mail or ""] = OWN + 'vacation "Away";\n'
    with pytest.raises(Refused) as caught:
        cow.set_auto_reply(person, AWAY)
    assert caught.value.refusal is Refusal.OWN_AUTO_REPLY


def test_a_filter_changed_by_others_is_left_alone(cow: Mailcow, server: Server, person: Account) -> None:
    cow.add_forward(person, HOME)
    next(iter(server.filters.values()))["script_data"] += "keep;\n"
    with pytest.raises(Forbidden):
        cow.set_auto_reply(person, AWAY)


def test_addresses_come_and_go(cow: Mailcow, server: Server, person: Account) -> None:
    server.passing["x7f3@cow.test"] = person.mail or ""
    cow.add_alias(person, "anne@cow.test")
    cow.add_alias(person, "anne@cow.test")
    assert set(cow.read_mailbox(person).aliases) == {"anne@cow.test", "x7f3@cow.test"}
    for address in ("anne@cow.test", "x7f3@cow.test", "nobody@cow.test"):
        cow.remove_alias(person, address)
    assert cow.read_mailbox(person).aliases == ()


def test_an_address_of_somebody_else_is_refused_and_a_shared_one_only_left(
    cow: Mailcow, server: Server, person: Account
) -> None:
    other = server.mailbox()
    with pytest.raises(Refused) as caught:
        cow.add_alias(person, other)
    assert caught.value.refusal is Refusal.ADDRESS_TAKEN
    server.aliases["900"] = {"address": "team@cow.test", "goto": f"{other}, {person.mail}"}
    cow.remove_alias(person, "team@cow.test")
    assert server.aliases["900"]["goto"] == other


def test_how_full_it_is_and_more_room(cow: Mailcow, server: Server, person: Account) -> None:
    assert cow.read_mailbox(person).quota == Quota(used=3 * MIB, limit=1024 * MIB)
    cow.set_quota(person, 5 * 1024 * MIB)
    assert dict(cow.fullness()) == {person.mail: Quota(used=3 * MIB, limit=5 * 1024 * MIB)}
    with pytest.raises(Forbidden, match="mailbox_quota_left_exceeded"):
        cow.set_quota(person, 50 * 1024 * MIB)


def test_a_password_for_a_program_is_listed_and_ended(cow: Mailcow, server: Server, person: Account) -> None:
    cow.add_app_password(person, "Phone", "tall-otter-lamp-7")
    [one] = cow.app_passwords(person)
    assert (one.name, one.created) == ("Phone", datetime(2026, 11, 22, 9, 30, tzinfo=UTC))
    other = _account(server.mailbox())
    cow.remove_app_password(other, one.id)  # not hers
    assert len(cow.app_passwords(person)) == 1
    cow.remove_app_password(person, one.id)
    assert cow.app_passwords(person) == ()


def test_somebody_without_a_mailbox_is_told_apart(cow: Mailcow) -> None:
    with pytest.raises(AccountNotFound):
        cow.read_mailbox(_account("nobody@cow.test"))
    with pytest.raises(AccountNotFound):
        cow.set_auto_reply(_account("nobody@cow.test"), AWAY)


@pytest.mark.parametrize(
    ("what", "kind"),
    [
        (DENIED, Forbidden),
        (BUSY, Unavailable),
        (SERVER_ERROR, Unconfirmed),
        (GARBAGE, Unconfirmed),
        (DROPPED, Unconfirmed),
    ],
)
def test_a_fault_is_told_as_what_it_is(
    cow: Mailcow, server: Server, person: Account, what: str, kind: type[Exception]
) -> None:
    server.faults.append(what)
    with pytest.raises(kind):
        cow.add_forward(person, HOME)


def test_the_doctor_knows_what_the_key_may_do(server: Server) -> None:
    server.mailbox()
    [good] = _cow(server).examine()
    [reads_only] = _cow(server, READS_ONLY).examine()
    [wrong] = _cow(server, "wrong").examine()
    assert good.severity is Severity.OK
    assert reads_only.severity is wrong.severity is Severity.FAULT
    assert "read/write" in reads_only.message
    assert "authentication failed" in wrong.message
    with pytest.raises(Forbidden) as caught:
        _cow(server, READS_ONLY).add_forward(_account(server.mailbox()), HOME)
    assert caught.value.obstacle is Obstacle.NO_RIGHT


def test_a_key_in_clear_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="https"):
        MailcowSettings(name="cow", url="http://mail.example.org", key=KEY)
