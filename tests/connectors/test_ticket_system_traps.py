"""What is peculiar to one ticket system: what it refuses, what it drops in silence, and what it cannot do at all."""

from collections.abc import Iterator

import pytest

from connectors.capabilities import Severity
from connectors.errors import Forbidden, Unavailable, Unconfirmed
from connectors.ticket_copies import CopyState, Remark, TellsCopyState
from connectors.tickets.jira import JiraServiceManagement
from connectors.tickets.osticket import OsTicket
from connectors.tickets.servicenow import ServiceNow
from connectors.tickets.settings import TicketSystemSettings
from portal.parts import utc_now
from tests.connectors.ticket_labs import a_copy
from tests.connectors.ticket_systems import jira_settings, osticket_settings, servicenow_settings
from tests.standins.http import BUSY, DROPPED, GARBAGE, SERVER_ERROR
from tests.standins.jira import JiraStandin
from tests.standins.osticket import OsTicketStandin
from tests.standins.servicenow import ServiceNowStandin


@pytest.fixture
def jira() -> Iterator[JiraStandin]:
    with JiraStandin() as server:
        assert isinstance(server, JiraStandin)
        yield server


@pytest.fixture
def now() -> Iterator[ServiceNowStandin]:
    with ServiceNowStandin() as server:
        assert isinstance(server, ServiceNowStandin)
        yield server


@pytest.fixture
def osticket() -> Iterator[OsTicketStandin]:
    with OsTicketStandin() as server:
        assert isinstance(server, OsTicketStandin)
        yield server


def faults(connector: JiraServiceManagement | ServiceNow) -> list[str]:
    return [finding.message for finding in connector.examine() if finding.severity is Severity.FAULT]


@pytest.mark.parametrize(
    ("state", "settings", "name"),
    [
        (CopyState.SOLVED, {}, "Resolved"),
        (CopyState.REFUSED, {}, "Resolved"),  # nothing there means refused
        (CopyState.REFUSED, {"refused": ("Canceled",)}, "Canceled"),
        (CopyState.SOLVED, {"solved": ("Canceled",)}, "Canceled"),
    ],
)
def test_jira_is_closed_by_a_step_of_its_own_workflow(
    jira: JiraStandin, state: CopyState, settings: dict[str, object], name: str
) -> None:
    connector = JiraServiceManagement(jira_settings(jira.url, **settings), utc_now)
    reference = connector.open_copy(a_copy())
    connector.add_remark(reference, Remark(mark="sk1x-1", text="Done.", state=state))
    assert jira.requests_held[reference.id]["currentStatus"]["status"] == name
    assert connector.copy_state(reference) is (CopyState.REFUSED if "refused" in settings else CopyState.SOLVED)


def test_jira_without_a_step_that_ends_it_says_so(jira: JiraStandin) -> None:
    del jira.steps["31"], jira.steps["41"]
    connector = JiraServiceManagement(jira_settings(jira.url), utc_now)
    reference = connector.open_copy(a_copy())
    with pytest.raises(Forbidden, match="HELP-1 stays open"):
        connector.add_remark(reference, Remark(mark="sk1x-1", text="Done.", state=CopyState.SOLVED))


def test_a_remark_is_found_on_a_later_page_of_jiras_comments(jira: JiraStandin) -> None:
    connector = JiraServiceManagement(jira_settings(jira.url), utc_now)
    reference = connector.open_copy(a_copy())
    jira.comments[reference.id] += [{"body": "a word of theirs"}] * 130
    for _ in range(2):
        connector.add_remark(reference, Remark(mark="sk1x-1", text="Taken."))
    assert len(jira.comments[reference.id]) == 131


def test_the_doctor_knows_a_form_of_jira_that_a_copy_cannot_fill_in(jira: JiraStandin) -> None:
    connector = JiraServiceManagement(jira_settings(jira.url), utc_now)
    jira.rights["BROWSE_PROJECTS"] = False  # the search would find nothing, and copies be doubled
    assert faults(connector) == ["project HELP: BROWSE_PROJECTS missing"]
    jira.required = {"summary": True, "customfield_10050": True}
    assert faults(connector) == ["request type 10/25 has no field description, asks for customfield_10050"]
    with pytest.raises(Forbidden):
        connector.open_copy(a_copy())
    other = JiraServiceManagement(jira_settings(jira.url, queue="10/99"), utc_now)
    assert "request type 99 is not there" in faults(other)[0]


def test_servicenow_may_drop_the_field_of_the_key_and_still_there_is_one_copy(now: ServiceNowStandin) -> None:
    now.withheld = {"correlation_id"}
    connector = ServiceNow(servicenow_settings(now.url), utc_now)
    copy = a_copy()
    assert connector.open_copy(copy) == connector.open_copy(copy)
    assert len(now.incidents) == 1


def test_servicenow_that_keeps_no_key_at_all_is_told_to_people(now: ServiceNowStandin) -> None:
    now.withheld = {"correlation_id", "short_description"}
    connector = ServiceNow(servicenow_settings(now.url), utc_now)
    with pytest.raises(Forbidden, match="INC0000000 is there without its key"):
        connector.open_copy(a_copy())


def test_servicenow_that_lets_nobody_close_is_told_to_people(now: ServiceNowStandin) -> None:
    now.withheld = {"state"}
    connector = ServiceNow(servicenow_settings(now.url), utc_now)
    reference = connector.open_copy(a_copy())
    with pytest.raises(Forbidden, match="INC0000000 stays open"):
        connector.add_remark(reference, Remark(mark="sk1x-1", text="Done.", state=CopyState.SOLVED))


def test_servicenow_lets_an_api_key_in_and_may_answer_404_to_an_empty_search(now: ServiceNowStandin) -> None:
    now.says_404 = True
    connector = ServiceNow(servicenow_settings(now.url, user=""), utc_now)
    assert connector.open_copy(a_copy()).number == "INC0000000"
    assert faults(ServiceNow(servicenow_settings(now.url, queue="Nobody"), utc_now)) == [
        "there is no assignment group Nobody"
    ]


@pytest.mark.parametrize(("fault", "error"), [(BUSY, Unavailable), (GARBAGE, Unconfirmed), (SERVER_ERROR, Unconfirmed)])
def test_osticket_takes_each_letter_once_and_keeps_them_in_one_ticket(
    osticket: OsTicketStandin, fault: str, error: type[Exception]
) -> None:
    connector = OsTicket(osticket_settings(osticket.url), utc_now)
    osticket.faults.extend([fault, DROPPED])
    copy = a_copy()
    for expected in (error, Unconfirmed):
        with pytest.raises(expected):
            connector.open_copy(copy)
    reference = connector.open_copy(copy)
    assert reference.number == "700001"
    for number in (1, 1, 2):
        connector.add_remark(reference, Remark(mark=f"{copy.key}-{number}", text="Somebody has taken it. ø"))
    (letters,) = osticket.tickets.values()
    first, second, _third = letters
    assert copy.key in str(first["Subject"])
    assert str(first["To"]) == "desk@example.org"
    assert "Somebody has taken it. ø" in second.get_content()
    assert not isinstance(connector, TellsCopyState)


def test_a_wrong_key_of_osticket_is_told_apart(osticket: OsTicketStandin) -> None:
    connector = OsTicket(osticket_settings(osticket.url, token="wrong-key-7"), utc_now)
    with pytest.raises(Forbidden) as caught:
        connector.open_copy(a_copy())
    assert "wrong-key-7" not in caught.value.detail


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "jira-service-management", "queue": "HELP"},
        {"kind": "jira-service-management", "queue": "1/2", "queues": {"tier2": "2"}},
        {"kind": "osticket", "address": "desk@example.org"},
    ],
)
def test_settings_that_could_never_work_are_named(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"queue: numbers|requester: needed"):
        TicketSystemSettings(url="https://t.example.org", token="t", **wrong)  # type: ignore[arg-type]
