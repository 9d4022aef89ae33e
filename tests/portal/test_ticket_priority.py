"""How urgent a ticket is, and by when it is answered and solved."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from portal.duty.due import Due
from portal.settings.desk import IMPACTS, PRIORITIES, URGENCIES, Desk
from portal.settings.duty import WEEKDAYS, Approvals, Calendar
from portal.tickets.priority import judge
from portal.tickets.ticket import Wish

ALWAYS = Calendar(queues=("tier2",), hours=dict.fromkeys(WEEKDAYS, ("00:00-24:00",)))
FRIDAY = datetime(2026, 3, 6, 15, 0, tzinfo=UTC)


def wish(action: str = "anything_else", reason: str = "wish", kind: str = "") -> Wish:
    return Wish(requester_id="main:1", claim="alice", action=action, reason=reason, facts={"kind": kind})


@pytest.mark.parametrize(
    ("asked", "priority"),
    [
        (wish(), "normal"),
        (wish("recover", "no_factor_left"), "high"),
        (wish("reset_password", "server_behind"), "urgent"),
        (wish("add_ssh_key", "no_right"), "high"),
    ],
)
def test_whoever_cannot_work_comes_before_whoever_wishes_and_many_before_one(asked: Wish, priority: str) -> None:
    assert judge(Desk(), asked).priority == priority


def test_the_gravest_that_the_settings_say_of_action_reason_and_kind_counts() -> None:
    desk = Desk(urgency={"kind:emergency": "now", "anything_else": "later"}, impact={"kind:board": "some"})
    assert judge(desk, wish()).priority == "low"
    assert judge(desk, wish(kind="emergency")).priority == "high"
    assert judge(desk, wish(kind="board")).priority == "normal"


def test_a_matrix_of_ones_own_replaces_only_its_rows() -> None:
    desk = Desk.model_validate({"matrix": {"one": ["normal", "low", "low"]}})
    assert desk.priority("one", "now") == "normal"
    assert desk.priority("many", "now") == "urgent"


def test_no_row_of_the_matrix_lets_the_more_urgent_wait_longer() -> None:
    for impact in IMPACTS:
        row = [PRIORITIES.index(Desk().priority(impact, urgency)) for urgency in URGENCIES]
        assert row == sorted(row)


def test_times_are_working_hours_of_the_queue_and_a_field_has_those_of_its_tier() -> None:
    desk = Desk.model_validate({"targets": {"urgent": {"answer_hours": 2, "solve_hours": 3}}})
    due = Due((ALWAYS,), ZoneInfo("UTC"), desk=desk, approvals=Approvals())
    assert due.answer("coordinators", FRIDAY, "urgent") == FRIDAY + timedelta(days=2, hours=18)  # Monday at nine
    assert due.answer("tier2/mail", FRIDAY, "urgent") == FRIDAY + timedelta(hours=2)
    assert due.solution("tier2", FRIDAY, "urgent") == FRIDAY + timedelta(hours=3)
    assert due.answer("coordinators", FRIDAY) == datetime(2026, 3, 9, 15, 0, tzinfo=UTC)  # eight hours


@pytest.mark.parametrize(
    "wrong",
    [
        {"domains": [{"name": "mail", "title": "Mail"}, {"name": "mail", "title": "Post"}]},
        {"domains": [{"name": "Mail/1", "title": "Mail"}]},
        {"targets": {"soonest": {"answer_hours": 1, "solve_hours": 1}}},
        {"matrix": {"one": ["normal"]}},
        {"urgency": {"wish": "tomorrow"}},
    ],
)
def test_what_makes_no_sense_is_refused_at_the_start(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Desk.model_validate(wrong)
