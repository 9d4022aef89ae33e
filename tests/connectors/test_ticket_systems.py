"""What every ticket system must do: one copy for a key, one remark for a mark, and the truth about how it stands."""

from collections.abc import Iterator

import pytest

from connectors.capabilities import Severity
from connectors.errors import ConnectorError, Forbidden, Unavailable, Unconfirmed
from connectors.ticket_copies import CopyState, Remark
from connectors.tickets.settings import TicketSystemSettings
from portal.parts import utc_now
from tests.connectors import ticket_labs
from tests.connectors.ticket_labs import Lab, a_copy
from tests.servers.proxy import Proxy

STANDINS = {
    "zammad": ticket_labs.zammad,
    "glpi": ticket_labs.glpi,
    "jira-cloud": ticket_labs.jira,
    "jira-data-center": ticket_labs.jira_data_center,
    "servicenow": ticket_labs.servicenow,
}


@pytest.fixture(params=[*STANDINS, "request-tracker"])
def lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    if request.param == "request-tracker":
        yield from ticket_labs.request_tracker(request.getfixturevalue("rt_server"))
    else:
        yield from STANDINS[request.param]()


def test_the_same_key_is_the_same_copy(lab: Lab) -> None:
    copy = a_copy()
    reference = lab.connector.open_copy(copy)
    assert lab.connector.open_copy(copy) == reference
    assert lab.connector.open_copy(a_copy()).id != reference.id
    assert lab.count(copy.key) == 1
    assert reference.url.startswith("http")


def test_the_same_mark_is_the_same_remark(lab: Lab) -> None:
    copy = a_copy()
    reference = lab.connector.open_copy(copy)
    for number in (1, 1, 11, 1):
        lab.connector.add_remark(reference, Remark(mark=f"{copy.key}-{number}-", text="Somebody has taken it."))
    assert [lab.remarks(reference.id, f"{copy.key}-{n}-") for n in (1, 11)] == [1, 1]
    assert lab.connector.copy_state(reference) is CopyState.OPEN


def test_what_is_closed_here_is_closed_there_and_twice_does_no_harm(lab: Lab) -> None:
    copy = a_copy()
    reference = lab.connector.open_copy(copy)
    for _ in range(2):
        lab.connector.add_remark(reference, Remark(mark=f"{copy.key}-1", text="Done.", state=CopyState.SOLVED))
    assert lab.connector.copy_state(reference) is CopyState.SOLVED
    assert lab.remarks(reference.id, f"{copy.key}-1") == 1


def test_what_people_close_there_is_heard(lab: Lab) -> None:
    reference = lab.connector.open_copy(a_copy())
    assert lab.connector.copy_state(reference) is CopyState.OPEN
    lab.close(reference.id, lab.closed)
    assert lab.connector.copy_state(reference) is CopyState.SOLVED


def test_a_copy_that_is_not_there_any_more_is_gone(lab: Lab) -> None:
    reference = lab.connector.open_copy(a_copy())
    missing = type(reference)(id="987654", number="987654", url="")
    assert lab.connector.copy_state(missing) is CopyState.GONE
    with pytest.raises(ConnectorError):
        lab.connector.add_remark(missing, Remark(mark="m-1", text="x"))


def test_an_answer_that_was_lost_makes_no_second_copy(lab: Lab) -> None:
    copy, lost = a_copy(), 0
    with Proxy(lab.port) as proxy:
        connector = lab.through(proxy)
        for heard in (0, 1, 2):  # answers that come through before one is lost
            proxy.swallow_answers_after = heard
            try:
                connector.open_copy(copy)
            except (Unavailable, Unconfirmed):
                lost += 1
        proxy.swallow_answers_after = None
        assert lost
        reference = connector.open_copy(copy)
    assert lab.count(copy.key) == 1
    assert lab.connector.open_copy(copy).id == reference.id


def test_a_wrong_token_is_told_apart_and_its_value_from_nobody(lab: Lab) -> None:
    settings = TicketSystemSettings(**{**vars(lab.settings), "token": "not-the-token-9"})
    connector = lab.kind(settings, utc_now)
    with pytest.raises(Forbidden) as caught:
        connector.open_copy(a_copy())
    assert "not-the-token-9" not in caught.value.detail + repr(settings)
    assert [f.severity for f in connector.examine()] == [Severity.FAULT]
    assert [f.severity for f in lab.connector.examine()] == [Severity.OK]


def test_nobody_at_that_address_is_unavailable(lab: Lab) -> None:
    with Proxy(lab.port) as proxy:
        connector = lab.through(proxy)
    with pytest.raises(Unavailable):
        connector.open_copy(a_copy())
    assert [f.severity for f in connector.examine()] == [Severity.FAULT]
