"""Which dates can be asked for: every one is the one people count on their fingers."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.account import Account, AccountState
from portal.actions.extend_account import ExtendAccount
from portal.extending.extension import NotNow, Offer, guard, offer
from portal.settings.extension import Extension, Term

TODAY = date(2026, 3, 9)
END = date(2026, 3, 31)


def account(ends_on: date | None = END, *, created: date = date(2025, 1, 1), kind: str = "guest") -> Account:
    return Account(
        id="main:1",
        directory="main",
        dn="uid=alice",
        login="alice",
        name="Alice",
        kind=kind,
        created_at=datetime(created.year, created.month, created.day, tzinfo=UTC),
        state=AccountState(ends_on=ends_on, ended=ends_on is not None and ends_on < TODAY),
    )


def dates(found: Offer | NotNow) -> list[str]:
    assert isinstance(found, Offer)
    return [choice.until.isoformat() for choice in found.choices]


@pytest.mark.parametrize(
    ("rule", "choices"),
    [
        (Extension(presets=(30, 180)), ["2026-04-30", "2026-09-27", "2026-10-01"]),
        (Extension(presets=(30,), step_days=30), ["2026-04-30"]),
        (Extension(presets=(30,), counted_from="today", step_days=30), ["2026-04-08"]),
        (Extension(presets=(365,), step_days=365, total_days=500), ["2026-05-16"]),  # 1 January 2025 and 500 days
        (Extension(presets=(), step_days=184, terms=(Term(name="T", day="06-20"),)), ["2026-06-20", "2026-10-01"]),
        (Extension(presets=(), step_days=365, terms=(Term(name="T", day="03-31"),)), ["2027-03-31"]),
    ],
)
def test_the_dates_offered(rule: Extension, choices: list[str]) -> None:
    assert dates(offer(account(), [rule], TODAY)) == choices


def test_a_term_on_the_leap_day_is_the_last_of_february_in_other_years() -> None:
    term = Term(name="T", day="02-29")
    assert term.next_after(date(2026, 3, 1)) == date(2027, 2, 28)
    assert term.next_after(date(2027, 3, 1)) == date(2028, 2, 29)
    with pytest.raises(ValidationError):
        Term(name="T", day="31-12")


def test_days_are_counted_over_a_leap_day_and_a_change_of_clocks() -> None:
    end = date(2028, 2, 15)
    found = offer(account(end), [Extension(presets=(30,), step_days=30)], end)
    assert dates(found) == ["2028-03-16"]  # with a 29 February in between
    found = offer(account(date(2026, 3, 20)), [Extension(presets=(30,), step_days=30)], TODAY)
    assert dates(found) == ["2026-04-19"]  # over the last Sunday of March


def test_whoever_asks_early_loses_nothing_and_whoever_asks_late_gains_nothing() -> None:
    rule = Extension(presets=(30,), step_days=30)
    assert dates(offer(account(END), [rule], END - timedelta(days=60))) == ["2026-04-30"]
    assert dates(offer(account(END), [rule], END)) == ["2026-04-30"]
    ended = date(2026, 2, 1)
    assert dates(offer(account(ended), [rule], TODAY)) == ["2026-04-08"]  # counted from today: the past is no gift


@pytest.mark.parametrize(
    ("who", "rules", "reason"),
    [
        (account(None), [Extension()], "no_end_date"),
        (account(), [Extension(kinds=("employee",))], "extension_not_offered"),
        (account(TODAY + timedelta(days=61)), [Extension()], "extension_too_early"),
        (account(), [Extension(total_days=400)], "extension_limit"),
    ],
)
def test_what_cannot_be_asked_for_says_why(who: Account, rules: list[Extension], reason: str) -> None:
    found = offer(who, rules, TODAY)
    assert isinstance(found, NotNow) and found.reason == reason
    if reason == "extension_too_early":
        assert found.opens_on == TODAY + timedelta(days=1)


def test_the_first_rule_for_the_kind_counts() -> None:
    rules = [Extension(kinds=("guest",), presets=(7,), step_days=7), Extension(presets=(30,), step_days=30)]
    assert dates(offer(account(), rules, TODAY)) == ["2026-04-07"]
    assert dates(offer(account(kind="employee"), rules, TODAY)) == ["2026-04-30"]


@given(
    ends=st.integers(-400, 60),
    step=st.integers(1, 800),
    total=st.one_of(st.none(), st.integers(1, 2000)),
    presets=st.lists(st.integers(1, 900), max_size=4),
    asked=st.integers(-500, 1500),
)
def test_no_rule_is_ever_exceeded(ends: int, step: int, total: int | None, presets: list[int], asked: int) -> None:
    rule = Extension(step_days=step, total_days=total, presets=tuple(presets))
    who = account(TODAY + timedelta(days=ends))
    found = offer(who, [rule], TODAY)
    until = TODAY + timedelta(days=asked)
    noon = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC)
    wanted = ExtendAccount(account_id=who.id, until=until, reason="x")
    refused = guard([rule], ZoneInfo("UTC"))(wanted, who, noon)
    if refused is None:
        assert who.state.ends_on is not None
        assert until > who.state.ends_on and until >= TODAY
        assert (until - max(who.state.ends_on, TODAY)).days <= step
        assert total is None or who.created_at is None or (until - who.created_at.date()).days <= total
    if isinstance(found, Offer):
        assert all(found.earliest <= choice.until <= found.latest for choice in found.choices)
        assert found.choices, "the longest is always offered"
