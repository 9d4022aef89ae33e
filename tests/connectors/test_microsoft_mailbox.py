"""Mailboxes in Exchange Online, against the stand-in: what is written is read back, own rules are left alone."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.account import Account
from connectors.capabilities import Severity
from connectors.errors import AccountNotFound, Forbidden, Obstacle, Unavailable, Unconfirmed
from connectors.mailbox import AutoReply, Forward, Forwards, KeepsAliases, Quota, SetsAutoReply, SetsQuota, Source
from connectors.mailboxes.graph import MARK, GraphMailbox, GraphMailboxSettings
from connectors.mailboxes.graph_text import same_text, to_html, to_text
from tests.connectors.microsoft_lab import directory_on
from tests.connectors.token_lab import tokens
from tests.standins.http import DROPPED
from tests.standins.microsoft import MicrosoftStandin
from tests.standins.microsoft_tokens import CLIENT, SECRET

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MONDAY, FRIDAY = datetime(2026, 11, 30, tzinfo=UTC), datetime(2026, 12, 4, tzinfo=UTC)
OWN_RULE = {
    "id": "own-1", "displayName": "To my other self", "sequence": 5, "isEnabled": True, "isReadOnly": False,
    "conditions": {"subjectContains": ["bill"]},
    "actions": {"forwardTo": [{"emailAddress": {"address": "me@private.test"}}], "delete": True},
}  # fmt: skip


@pytest.fixture
def tenant() -> Iterator[MicrosoftStandin]:
    with MicrosoftStandin(lambda: NOON) as tenant:
        yield tenant


def mailbox_on(tenant: MicrosoftStandin, folder: Path, **different: Any) -> GraphMailbox:
    own = {"name": "exchange", "client_id": CLIENT, "client_secret": SECRET, "directory": "cloud", "timeout": 2.0}
    chosen = GraphMailboxSettings(**{**own, **tenant.settings(), **different})
    return GraphMailbox(chosen, lambda: NOON, tokens(folder))


@pytest.fixture
def mailbox(tenant: MicrosoftStandin, tmp_path: Path) -> GraphMailbox:
    return mailbox_on(tenant, tmp_path)


@pytest.fixture
def account(tenant: MicrosoftStandin, tmp_path: Path) -> Account:
    return directory_on(tenant, tmp_path, lambda: NOON).find(tenant.person())


REPLIES = [
    AutoReply(subject="", text='Away.\n\nAsk <b>Bob</b> & Carol: it\'s "fine".'),
    AutoReply(subject="", text="Away", outside_text="Closed", starts=MONDAY, ends=FRIDAY),
    AutoReply(subject="", text="Away", inside_only=True, ends=FRIDAY),
    AutoReply(subject="", text="Away from Monday on", starts=MONDAY),
]


@pytest.mark.parametrize("reply", REPLIES)
def test_an_auto_reply_is_read_as_it_was_written(mailbox: GraphMailbox, account: Account, reply: AutoReply) -> None:
    assert mailbox.read_mailbox(account).auto_reply is None
    mailbox.set_auto_reply(account, reply)
    assert mailbox.read_mailbox(account).auto_reply == reply
    mailbox.set_auto_reply(account, None)
    assert mailbox.read_mailbox(account).auto_reply is None


def test_nothing_of_a_removed_auto_reply_is_left(
    tenant: MicrosoftStandin, mailbox: GraphMailbox, account: Account
) -> None:
    mailbox.set_auto_reply(account, REPLIES[1])
    mailbox.set_auto_reply(account, None)
    held = tenant.replies[account.dn]
    assert (held["status"], held["internalReplyMessage"], held["externalReplyMessage"]) == ("disabled", "", "")


def test_what_began_already_begins_in_a_minute_and_what_is_over_is_none(
    tenant: MicrosoftStandin, mailbox: GraphMailbox, account: Account
) -> None:
    mailbox.set_auto_reply(account, replace(REPLIES[1], starts=NOON - timedelta(days=3)))
    assert tenant.replies[account.dn]["scheduledStartDateTime"]["dateTime"].startswith("2026-11-22T12:01:00")
    past = {"dateTime": "2026-11-21T00:00:00.0000000", "timeZone": "UTC"}
    tenant.replies[account.dn] |= {"scheduledEndDateTime": past}
    assert mailbox.read_mailbox(account).auto_reply is None


def test_an_answer_that_shows_something_else_is_unconfirmed(
    tenant: MicrosoftStandin, mailbox: GraphMailbox, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tenant, "_reply", lambda id_, body: (200, {"automaticRepliesSetting": tenant.replies[id_]}))
    with pytest.raises(Unconfirmed):
        mailbox.set_auto_reply(account, REPLIES[0])


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=300))
def test_what_somebody_types_is_text_and_never_markup(text: str) -> None:
    made = to_html(text)
    assert re.findall("<[^>]*>?", made) == ["<br>"] * made.count("<br>")
    assert same_text(made, f"<html>\r\n<body>\r\n{made}\r\n</body></html>")


@given(st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=60).filter(lambda one: one.strip()))
def test_words_come_back_as_they_were(text: str) -> None:
    assert to_text(to_html(text)).split() == text.split()


def test_what_outlook_wrote_is_read_as_a_person_would() -> None:
    text = to_text("<html><head><style>p {}</style></head><body><p>Hei,</p><div>ute&nbsp;til<br>mandag</div></body>")
    assert text == "Hei,\nute til\nmandag"


def test_a_forward_is_a_rule_of_the_portals_own(
    tenant: MicrosoftStandin, mailbox: GraphMailbox, account: Account
) -> None:
    tenant.rules[account.dn].append(dict(OWN_RULE))
    mailbox.add_forward(account, Forward(target="bob@example.org", keep_copy=True))
    own, ours = mailbox.read_mailbox(account).forwards
    assert ours == Forward(target="bob@example.org", keep_copy=True)
    filtered = Forward(target="me@private.test", keep_copy=False, source=Source.FILTER, rule="To my other self")
    assert own == filtered
    mailbox.remove_forward(account, "me@private.test")
    mailbox.remove_forward(account, "BOB@example.org")
    assert tenant.rules[account.dn] == [OWN_RULE]


def test_the_same_target_twice_is_one_rule_and_the_copy_is_the_same_for_all(
    tenant: MicrosoftStandin, mailbox: GraphMailbox, account: Account
) -> None:
    mailbox.add_forward(account, Forward(target="bob@example.org"))
    mailbox.add_forward(account, Forward(target="carol@example.org", keep_copy=False))
    mailbox.add_forward(account, Forward(target="carol@example.org", keep_copy=False))
    found = {one.target: one.keep_copy for one in mailbox.read_mailbox(account).forwards}
    assert found == {"bob@example.org": False, "carol@example.org": False}
    assert [rule["displayName"] for rule in tenant.rules[account.dn]] == [MARK + target for target in found]


def test_a_rule_whose_making_was_not_answered_is_not_made_twice(
    tenant: MicrosoftStandin, mailbox: GraphMailbox, account: Account
) -> None:
    tenant.faults.append(DROPPED)
    with pytest.raises(Unconfirmed):
        mailbox.add_forward(account, Forward(target="bob@example.org"))
    mailbox.add_forward(account, Forward(target="bob@example.org"))
    assert len(tenant.rules[account.dn]) == 1


def test_rules_that_are_off_send_nothing_and_read_only_ones_are_left_alone(
    tenant: MicrosoftStandin, mailbox: GraphMailbox, account: Account
) -> None:
    read_only = OWN_RULE | {"displayName": f"{MARK}x", "isReadOnly": True}
    tenant.rules[account.dn] += [OWN_RULE | {"isEnabled": False}, read_only]
    (forward,) = mailbox.read_mailbox(account).forwards
    assert forward.source is Source.FILTER
    mailbox.remove_forward(account, "me@private.test")
    assert len(tenant.rules[account.dn]) == 2


def test_how_full_it_is_comes_from_the_report_which_is_read_once(
    tenant: MicrosoftStandin, mailbox: GraphMailbox, account: Account
) -> None:
    for _ in range(2):
        assert mailbox.read_mailbox(account).quota == Quota(used=6 * 2**30, limit=50 * 2**30)
    assert sum(path.startswith("/v1.0/reports") for _, path, _, _ in tenant.requests) == 1
    assert dict(mailbox.fullness()) == {account.login: Quota(used=6 * 2**30, limit=50 * 2**30)}


def test_a_report_without_names_is_no_reason_to_show_no_mailbox(
    tenant: MicrosoftStandin, mailbox: GraphMailbox, account: Account
) -> None:
    tenant.fullness = {"0F8A61C2B3": (1, 2)}
    assert mailbox.read_mailbox(account).quota is None
    with pytest.raises(Forbidden, match="show no names"):
        list(mailbox.fullness())


def test_somebody_of_another_directory_is_found_by_the_address(
    tenant: MicrosoftStandin, mailbox: GraphMailbox, account: Account
) -> None:
    elsewhere = Account(id="main:7", directory="main", dn="uid=x", login="x", name="X", mail=account.mail)
    mailbox.add_forward(elsewhere, Forward(target="bob@example.org"))
    assert len(tenant.rules[account.dn]) == 1
    assert mailbox.read_mailbox(elsewhere).quota
    for nobody in (replace(elsewhere, mail="nobody@example.org"), replace(elsewhere, mail=None)):
        with pytest.raises(AccountNotFound):
            mailbox.read_mailbox(nobody)


def test_somebody_without_a_mailbox_has_none(tenant: MicrosoftStandin, mailbox: GraphMailbox, account: Account) -> None:
    del tenant.replies[account.dn]
    with pytest.raises(AccountNotFound, match="MailboxNotEnabledForRESTAPI"):
        mailbox.read_mailbox(account)


def test_whoever_is_protected_is_left_alone(mailbox: GraphMailbox, account: Account) -> None:
    protected = replace(account, protected=True)
    for write in (
        lambda: mailbox.set_auto_reply(protected, None),
        lambda: mailbox.add_forward(protected, Forward(target="bob@example.org")),
        lambda: mailbox.remove_forward(protected, "bob@example.org"),
    ):
        with pytest.raises(Forbidden) as caught:
            write()
        assert caught.value.obstacle is Obstacle.PROTECTED


def test_only_what_graph_can_do_is_claimed(tenant: MicrosoftStandin, mailbox: GraphMailbox, tmp_path: Path) -> None:
    assert mailbox.offers(SetsAutoReply) and mailbox.offers(Forwards)
    assert not mailbox.offers(KeepsAliases) and not mailbox.offers(SetsQuota)
    assert not mailbox_on(tenant, tmp_path, without=("forwards",)).offers(Forwards)
    with pytest.raises(ValueError, match="without"):
        mailbox_on(tenant, tmp_path, without=("aliases",))


@pytest.mark.parametrize("missing", ["MailboxSettings.ReadWrite", "Reports.Read.All"])
def test_the_doctor_names_what_is_missing(
    tenant: MicrosoftStandin, mailbox: GraphMailbox, account: Account, tmp_path: Path, missing: str
) -> None:
    assert {finding.severity for finding in mailbox.examine()} == {Severity.OK}
    tenant.tokens.permissions.discard(missing)
    faults = [f for f in mailbox_on(tenant, tmp_path / "b").examine() if f.severity is Severity.FAULT]
    assert [missing in fault.remedy for fault in faults] == [True]


def test_without_the_permission_nothing_is_written(tenant: MicrosoftStandin, account: Account, tmp_path: Path) -> None:
    tenant.tokens.permissions.discard("MailboxSettings.ReadWrite")
    mailbox = mailbox_on(tenant, tmp_path / "b")
    with pytest.raises(Forbidden, match="ErrorAccessDenied"):
        mailbox.set_auto_reply(account, REPLIES[0])
    assert tenant.replies[account.dn]["status"] == "disabled"


def test_a_report_at_a_place_without_encryption_is_not_fetched(
    mailbox: GraphMailbox, tenant: MicrosoftStandin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tenant, "reports", lambda *_: (302, None, {"Location": "http://reports.example.org/x"}))
    with pytest.raises(Unavailable):
        list(mailbox.fullness())
