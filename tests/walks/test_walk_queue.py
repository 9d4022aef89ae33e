"""The desk on a bad Monday: forty tickets, long names, and people who have no business there."""

from tests.walks.demo import Demo
from tests.walks.signing_in import sign_in
from tests.walks.visitor import Visit

MANY = 40


def test_forty_tickets_can_be_read_on_a_desk_and_on_a_phone(demo: Demo, visit: Visit) -> None:
    audun, tuva = demo.person("audun"), demo.person("tuva")
    asking = sign_in(visit(), audun, proof=audun.recovery_codes[0]).open("/ask/anything-else")
    wish = {
        "csrf_token": str(asking.page.locator("main [name=csrf_token]").get_attribute("value")),
        "text": "In many words. " * 20,
        "anyway": "1",  # each is something else
    }
    for number in range(MANY):
        subject = f"A subject of some length, as people write them, number {number}"
        answer = asking.page.request.post(asking.page.url, form={**wish, "subject": subject})
        assert 'data-result="pending"' in answer.text()
    for place, options in enumerate(({}, {"viewport": {"width": 320, "height": 640}}), 1):
        desk = sign_in(visit(**options), tuva, proof=tuva.recovery_codes[place])
        desk.follow("Queue")
        assert desk.page.locator("tbody tr").count() >= MANY
        desk.open("/desk?q=subject+39")
        assert desk.page.get_by_text("number 39").is_visible()
        desk.follow("Closed")
    desk.open("/desk?assignee=nobody&q=late+news")
    answer = asking.page.request.post(asking.page.url, form={**wish, "subject": "Late news"})
    assert 'data-result="pending"' in answer.text()
    desk.page.get_by_text("Late news").wait_for(timeout=25_000)  # without reloading


def test_the_desk_is_closed_to_others(demo: Demo, visit: Visit) -> None:
    desk = sign_in(visit(), demo.person("kirsten"))
    assert desk.page.get_by_role("link", name="Queue").count() == 0
    desk.open("/desk", status=403)
    assert desk.heading == "This page is not for you"
