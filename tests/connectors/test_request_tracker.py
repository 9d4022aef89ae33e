"""What the connector believes of Request Tracker, asked of a real one: what it keeps, and what it drops in silence."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import requests

from connectors.errors import Forbidden
from connectors.ticket_copies import CopyState, Remark
from connectors.tickets.request_tracker import RequestTracker
from portal.parts import utc_now
from tests.connectors.ticket_labs import a_copy
from tests.connectors.ticket_systems import rt_settings
from tests.servers.request_tracker import QUEUE, Rt

Ask = Callable[..., Any]


@pytest.fixture
def ask(rt_server: Rt) -> Ask:
    def asked(method: str, path: str, **content: object) -> tuple[int, Any]:
        headers = {"Authorization": f"token {rt_server.token}"}
        url = f"{rt_server.url}/REST/2.0{path}"
        answer = requests.request(method, url, json=content or None, headers=headers, timeout=20)
        return answer.status_code, answer.json()

    return asked


@pytest.fixture
def rt(rt_server: Rt) -> RequestTracker:
    return RequestTracker(rt_settings(rt_server.url, rt_server.token), utc_now)


def test_a_field_it_does_not_have_is_dropped_and_nothing_is_said(ask: Ask) -> None:
    fields = {"PortalKey": "sk1xabc"}
    status, made = ask("POST", "/ticket", Queue=QUEUE, Subject="s", Content="c", CustomFields=fields)
    assert status == 201
    assert "sk1xabc" not in str(ask("GET", f"/ticket/{made['id']}"))


def test_a_long_subject_is_cut_off_and_a_copy_keeps_its_key(ask: Ask, rt: RequestTracker) -> None:
    _, made = ask("POST", "/ticket", Queue=QUEUE, Subject="x" * 250 + "end", Content="c")
    assert ask("GET", f"/ticket/{made['id']}")[1]["Subject"].count("x") == 200
    copy = replace(a_copy(), subject="word " * 60)
    assert rt.open_copy(copy) == rt.open_copy(copy)


def test_a_change_it_refuses_is_answered_as_one_it_makes(ask: Ask, rt: RequestTracker, rt_server: Rt) -> None:
    reference = rt.open_copy(a_copy())
    status, said = ask("PUT", f"/ticket/{reference.id}", Status="nonsense")
    assert status == 200
    assert "isn't a valid status" in str(said)
    other = RequestTracker(rt_settings(rt_server.url, rt_server.token, solved=("nonsense",)), utc_now)
    with pytest.raises(Forbidden, match="stays open"):
        other.add_remark(reference, Remark(mark="sk1x-1", text="Done.", state=CopyState.SOLVED))


def test_a_queue_that_is_not_there_is_a_missing_right(rt_server: Rt) -> None:
    other = RequestTracker(rt_settings(rt_server.url, rt_server.token, queue="Nowhere"), utc_now)
    with pytest.raises(Forbidden, match="No permission to create tickets in the queue"):
        other.open_copy(a_copy())


def test_what_was_merged_into_another_is_gone(ask: Ask, rt: RequestTracker) -> None:
    one, other = rt.open_copy(a_copy()), rt.open_copy(a_copy())
    assert ask("PUT", f"/ticket/{one.id}", MergeInto=other.id)[0] == 200
    assert [rt.copy_state(each) for each in (one, other)] == [CopyState.GONE, CopyState.OPEN]


def test_it_is_rejected_and_deleted_by_its_own_words(ask: Ask, rt: RequestTracker) -> None:
    for status, state in (("rejected", CopyState.REFUSED), ("stalled", CopyState.OPEN)):
        reference = rt.open_copy(a_copy())
        assert ask("PUT", f"/ticket/{reference.id}", Status=status)[0] == 200
        assert rt.copy_state(reference) is state


def test_a_remark_among_those_of_others_is_found(ask: Ask, rt: RequestTracker) -> None:
    reference, mark = rt.open_copy(a_copy()), f"sk1x{secrets.token_hex(6)}-1"
    for number in range(3):
        ask(
            "POST", f"/ticket/{reference.id}/comment", Subject=f"theirs {number}", Content="c", ContentType="text/plain"
        )
    for _ in range(2):
        rt.add_remark(reference, Remark(mark=mark, text="Taken."))
    history = ask("GET", f"/ticket/{reference.id}/history?fields=Data&per_page=100")[1]["items"]
    assert [str(entry["Data"]).split().count(mark) for entry in history].count(1) == 1
