"""Mailboxes at Google: auto replies, forwarding and who must agree to it, other addresses, delegates, and how full."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.account import Account
from connectors.capabilities import Severity
from connectors.errors import AccountNotFound, Forbidden, Obstacle, Refusal, Refused, Unavailable, Unconfirmed
from connectors.google.scopes import Scope
from connectors.mailbox import (
    AutoReply,
    Forward,
    Forwards,
    KeepsAliases,
    KeepsAppPasswords,
    Quota,
    Right,
    SetsAutoReply,
    SetsQuota,
    Share,
    SharesMailboxes,
    Source,
)
from connectors.mailboxes import gmail_forms
from connectors.mailboxes.gmail import Gmail
from tests.connectors import google_lab
from tests.connectors.contract_base import refusal_of
from tests.standins.google import ADMIN, DOMAIN, GoogleStandin
from tests.standins.http import DROPPED, SERVER_ERROR

OUTSIDE = "alice@elsewhere.test"
STARTS = datetime(2031, 12, 20, 23, tzinfo=UTC)
REPLY = AutoReply(subject="Away", text="Back in January.", starts=STARTS, ends=STARTS + timedelta(days=18))


@pytest.fixture
def google() -> Iterator[GoogleStandin]:
    with GoogleStandin() as standin:
        yield standin


@pytest.fixture
def gmail(google: GoogleStandin, tmp_path: Path) -> Iterator[Gmail]:
    connector = google_lab.gmail(google, tmp_path)
    yield connector
    connector.close()


@pytest.fixture
def alice(google: GoogleStandin) -> Account:
    return google_lab.account_of(google.person("alice", aliases=[f"a.berg@{DOMAIN}"]))


def test_a_mailbox_that_nobody_has_touched(gmail: Gmail, alice: Account, google: GoogleStandin) -> None:
    box = gmail.read_mailbox(alice)
    assert (box.auto_reply, box.forwards, box.quota) == (None, (), None)
    assert box.aliases == (f"a.berg@{DOMAIN}",)
    assert google.writes() == []


def test_an_auto_reply_is_set_with_its_dates_and_read_back(gmail: Gmail, alice: Account, google: GoogleStandin) -> None:
    gmail.set_auto_reply(alice, replace(REPLY, inside_only=True))
    assert google.writes()[-1][2] == {
        "enableAutoReply": True,
        "responseSubject": "Away",
        "responseBodyPlainText": "Back in January.",
        "restrictToContacts": False,
        "restrictToDomain": True,
        "startTime": "1955574000000",
        "endTime": "1957129200000",
    }
    read = gmail.read_mailbox(alice).auto_reply
    assert read == replace(REPLY, inside_only=True, days=gmail_forms.DAYS)


def test_the_next_one_keeps_nothing_of_the_one_before_and_none_leaves_no_trace(
    gmail: Gmail, alice: Account, google: GoogleStandin
) -> None:
    gmail.set_auto_reply(alice, replace(REPLY, inside_only=True))
    gmail.set_auto_reply(alice, AutoReply(subject="", text="Gone fishing"))
    read = gmail.read_mailbox(alice).auto_reply
    assert read is not None and (read.subject, read.starts, read.ends, read.inside_only) == ("", None, None, False)
    gmail.set_auto_reply(alice, None)
    assert google.gmail.of(alice.mail or "").vacation == {"enableAutoReply": False}
    assert gmail.read_mailbox(alice).auto_reply is None


def test_one_that_is_over_is_none_and_one_in_markup_is_shown_without_it(
    google: GoogleStandin, alice: Account, tmp_path: Path
) -> None:
    assert REPLY.ends
    google.clock = REPLY.ends.timestamp
    later = google_lab.gmail(google, tmp_path, clock=lambda: REPLY.ends or STARTS)
    later.set_auto_reply(alice, REPLY)
    assert later.read_mailbox(alice).auto_reply is None
    html = "<div>Away</div><div>until &lt;Monday&gt;<br>Alice</div>"
    google.gmail.of(alice.mail or "").vacation = {"enableAutoReply": True, "responseBodyHtml": html}
    read = later.read_mailbox(alice).auto_reply
    assert read is not None and read.text == "Away\nuntil <Monday>\nAlice"
    later.close()


@given(st.text(), st.text())
def test_no_text_becomes_another_field_of_the_vacation(subject: str, text: str) -> None:
    body = gmail_forms.vacation(AutoReply(subject=subject, text=text))
    assert set(body) <= {
        "enableAutoReply",
        "responseSubject",
        "responseBodyPlainText",
        "restrictToContacts",
        "restrictToDomain",
    }
    assert "\n" not in body["responseSubject"] and "\r" not in body["responseSubject"]


def test_a_forward_inside_begins_at_once(gmail: Gmail, alice: Account, google: GoogleStandin) -> None:
    bob = google.person("bob")
    gmail.add_forward(alice, Forward(target=bob, keep_copy=False))
    assert gmail.read_mailbox(alice).forwards == (Forward(target=bob, keep_copy=False),)
    gmail.add_forward(alice, Forward(target=bob))
    assert gmail.read_mailbox(alice).forwards == (Forward(target=bob),)
    assert refusal_of(lambda: gmail.add_forward(alice, Forward(target=ADMIN))) is Refusal.TOO_MANY_FORWARDS
    for _ in range(2):  # a repeat does no harm
        gmail.remove_forward(alice, bob.upper())
    assert gmail.read_mailbox(alice).forwards == ()


def test_an_address_outside_must_agree_first_and_then_it_begins(
    gmail: Gmail, alice: Account, google: GoogleStandin
) -> None:
    forward = Forward(target=OUTSIDE)
    for _ in range(2):
        assert refusal_of(lambda: gmail.add_forward(alice, forward)) is Refusal.TARGET_MUST_CONFIRM
    assert google.gmail.mails == [OUTSIDE]  # asked once
    assert gmail.read_mailbox(alice).forwards == (Forward(target=OUTSIDE, unconfirmed=True),)
    google.gmail.confirm(alice.mail or "", OUTSIDE)
    assert gmail.read_mailbox(alice).forwards == ()
    gmail.add_forward(alice, forward)
    assert gmail.read_mailbox(alice).forwards == (forward,)


def test_one_that_waits_for_its_target_can_be_taken_back(gmail: Gmail, alice: Account, google: GoogleStandin) -> None:
    with pytest.raises(Refused):
        gmail.add_forward(alice, Forward(target=OUTSIDE))
    gmail.remove_forward(alice, OUTSIDE)
    assert google.gmail.of(alice.mail or "").addresses == {}


def test_what_a_filter_of_the_persons_own_forwards_is_shown_and_left_alone(
    gmail: Gmail, alice: Account, google: GoogleStandin
) -> None:
    box, address = google.gmail.of(alice.mail or ""), alice.mail or ""
    box.addresses[OUTSIDE] = "accepted"
    criteria = {"from": "boss@nordvik.test", "hasAttachment": True}
    google.gmail.add_filter(address, criteria, {"forward": OUTSIDE, "addLabelIds": ["TRASH"]})
    google.gmail.add_filter(address, {"query": "list:news"}, {"addLabelIds": ["STARRED"]})
    (found,) = gmail.read_mailbox(alice).forwards
    assert found == Forward(
        target=OUTSIDE, keep_copy=False, source=Source.FILTER, rule="from:boss@nordvik.test has:attachment"
    )
    gmail.remove_forward(alice, OUTSIDE)
    assert len(gmail.read_mailbox(alice).forwards) == 1 and OUTSIDE in box.addresses


def test_an_administrator_who_forbids_forwarding_leaves_it_to_people(
    gmail: Gmail, alice: Account, google: GoogleStandin
) -> None:
    google.gmail.forbids_forwarding = True
    with pytest.raises(Forbidden, match="domainPolicy") as caught:
        gmail.add_forward(alice, Forward(target=google.person()))
    assert caught.value.obstacle is Obstacle.UNWILLING


def test_other_addresses_come_and_go_and_belong_to_one(gmail: Gmail, alice: Account, google: GoogleStandin) -> None:
    new, taken = f"alice.berg@{DOMAIN}", google.person("taken")
    for _ in range(2):
        gmail.add_alias(alice, new)
    assert gmail.read_mailbox(alice).aliases == (f"a.berg@{DOMAIN}", new)
    assert refusal_of(lambda: gmail.add_alias(alice, taken)) is Refusal.ADDRESS_TAKEN
    for _ in range(2):
        gmail.remove_alias(alice, new)
    assert gmail.read_mailbox(alice).aliases == (f"a.berg@{DOMAIN}",)


def test_how_full_it_is_comes_from_the_newest_report_there_is(
    gmail: Gmail, alice: Account, google: GoogleStandin
) -> None:
    (id_,) = (user["id"] for user in google.directory.users.values() if user["primaryEmail"] == alice.mail)
    google.directory.quotas[id_] = (3 * 1024, 15 * 1024)
    google.directory.newest_report = date.today() - timedelta(days=3)
    assert gmail.read_mailbox(alice).quota == Quota(used=3 * 1024**3, limit=15 * 1024**3)
    google.directory.newest_report = date.today() - timedelta(days=30)
    assert gmail.read_mailbox(alice).quota is None


def test_somebody_is_let_into_a_mailbox_and_out_again(gmail: Gmail, alice: Account, google: GoogleStandin) -> None:
    bob = google.person("bob")
    share = Share(box=alice.mail or "", who=bob, right=Right.WORK)
    for _ in range(2):
        gmail.share(alice, share)
    assert gmail.shares(alice).mine == (share,)
    for _ in range(2):
        gmail.unshare(alice, share.box, bob)
    assert gmail.shares(alice).mine == ()
    stranger = replace(share, who=f"nobody@{DOMAIN}")
    assert refusal_of(lambda: gmail.share(alice, stranger)) is Refusal.NO_SUCH_MAILBOX


def test_a_mailbox_that_is_nobodys_own_is_shared_by_those_who_decide_about_it(
    google: GoogleStandin, alice: Account, tmp_path: Path
) -> None:
    box, bob = google.person("post"), google_lab.account_of(google.person("bob"))
    gmail = google_lab.gmail(google, tmp_path, shared={box: (alice.mail or "",)})
    assert [(one.address, one.owners) for one in gmail.shared_boxes(bob)] == [(box, (alice.mail,))]
    share = Share(box=box, who=bob.mail or "", right=Right.WORK)
    gmail.share(bob, share)
    assert (gmail.shares(bob).others, gmail.shares(bob).mine) == ((share,), ())
    assert (gmail.shares(alice).others, gmail.shares(alice).mine) == ((), (share,))
    gmail.close()


def test_nobody_is_let_into_somebody_elses_own_mailbox(gmail: Gmail, alice: Account, google: GoogleStandin) -> None:
    bob = google.person("bob")
    with pytest.raises(Forbidden, match="somebody else"):
        gmail.share(alice, Share(box=bob, who=alice.mail or "", right=Right.WORK))
    with pytest.raises(Forbidden, match="somebody else"):
        gmail.unshare(alice, bob, ADMIN)
    assert not google.writes()


def test_app_passwords_are_listed_and_ended_and_none_can_be_made(
    gmail: Gmail, alice: Account, google: GoogleStandin
) -> None:
    (id_,) = (user["id"] for user in google.directory.users.values() if user["primaryEmail"] == alice.mail)
    google.directory.app_passwords[id_] = [{"codeId": 7, "name": "Old phone", "creationTime": "1767225600"}]
    (held,) = gmail.app_passwords(alice)
    assert (held.id, held.name, held.created, held.used) == ("7", "Old phone", datetime(2026, 1, 1, tzinfo=UTC), None)
    for _ in range(2):
        gmail.remove_app_password(alice, "7")
    assert gmail.app_passwords(alice) == () and not gmail.makes
    with pytest.raises(Forbidden):
        gmail.add_app_password(alice, "x", "y")


@pytest.mark.parametrize(
    "change",
    [
        lambda gmail, who: gmail.set_auto_reply(who, REPLY),
        lambda gmail, who: gmail.add_forward(who, Forward(target=OUTSIDE)),
        lambda gmail, who: gmail.remove_forward(who, OUTSIDE),
        lambda gmail, who: gmail.add_alias(who, "x@nordvik.test"),
        lambda gmail, who: gmail.remove_alias(who, "x@nordvik.test"),
        lambda gmail, who: gmail.share(who, Share(box=who.mail, who=ADMIN, right=Right.WORK)),
        lambda gmail, who: gmail.remove_app_password(who, "7"),
    ],
)
def test_mailboxes_of_protected_people_are_not_changed(
    gmail: Gmail, alice: Account, google: GoogleStandin, change: Callable[[Gmail, Account], None]
) -> None:
    with pytest.raises(Forbidden, match="protected"):
        change(gmail, replace(alice, protected=True))
    assert not google.writes()


@pytest.mark.parametrize("fields", [{"isMailboxSetup": False}, {"suspended": True}])
def test_somebody_without_a_mailbox_has_none(gmail: Gmail, google: GoogleStandin, fields: dict[str, Any]) -> None:
    for who in (
        google_lab.account_of(google.person(**fields)),
        google_lab.account_of(f"nobody@{DOMAIN}"),
        replace(google_lab.account_of(""), mail=None),
    ):
        with pytest.raises(AccountNotFound):
            gmail.read_mailbox(who)


def test_a_scope_that_is_missing_costs_only_what_needs_it(gmail: Gmail, alice: Account, google: GoogleStandin) -> None:
    google.granted -= {Scope.SHARING, Scope.ALIASES, Scope.USAGE}
    gmail.set_auto_reply(alice, REPLY)
    assert gmail.read_mailbox(alice).auto_reply is not None
    with pytest.raises(Forbidden, match=Scope.SHARING):
        gmail.add_forward(alice, Forward(target=google.person()))
    with pytest.raises(Forbidden, match=Scope.ALIASES):
        gmail.add_alias(alice, f"new@{DOMAIN}")


def test_a_lost_answer_is_asked_for_again_and_a_busy_google_is_said_to_be(
    gmail: Gmail, alice: Account, google: GoogleStandin
) -> None:
    google.faults.append(DROPPED)
    gmail.set_auto_reply(alice, REPLY)
    google.faults += [SERVER_ERROR, SERVER_ERROR]
    with pytest.raises(Unconfirmed):
        gmail.set_auto_reply(alice, None)
    google.throttled = 100
    with pytest.raises(Unavailable):
        gmail.read_mailbox(alice)


def test_the_doctor_names_what_is_missing_and_what_works_without(google: GoogleStandin, tmp_path: Path) -> None:
    gmail = google_lab.gmail(google, tmp_path)
    assert {f.severity for f in gmail.examine()} == {Severity.OK}
    google.granted -= {Scope.SHARING, Scope.USAGE}
    wrong = {f.subject: f for f in google_lab.gmail(google, tmp_path / "b").examine() if f.severity is not Severity.OK}
    assert [f.severity for f in wrong.values()] == [Severity.FAULT, Severity.WARNING]
    assert wrong["scope gmail.settings.sharing"].stops == (Forwards, SharesMailboxes)
    left = google_lab.gmail(google, tmp_path / "c", without=("forwards", "delegates", "quota"))
    assert {f.severity for f in left.examine()} == {Severity.OK}
    assert not google.writes()


def test_it_offers_what_the_settings_leave_in(google: GoogleStandin, tmp_path: Path) -> None:
    every = (SetsAutoReply, Forwards, KeepsAliases, SharesMailboxes, KeepsAppPasswords)
    assert all(google_lab.gmail(google, tmp_path).offers(one) for one in every)
    assert not google_lab.gmail(google, tmp_path).offers(SetsQuota)
    names = ("auto_reply", "forwards", "aliases", "delegates", "app_passwords")
    assert not any(google_lab.gmail(google, tmp_path, without=names).offers(one) for one in every)
    for wrong in (
        {"without": ("all",)},
        {"admin": "admin"},
        {"key": "x"},
        {"url": "http://mail.test"},
        {"timeout": -1},
    ):
        with pytest.raises(ValueError):
            google_lab.gmail_settings(google, **wrong)
