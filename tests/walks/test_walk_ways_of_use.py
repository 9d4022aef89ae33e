"""The main walk for people whose browser, hands, eyes or telephone differ."""

from typing import Any

import pytest

from tests.walks.demo import Demo
from tests.walks.visitor import Visit, Visitor

NEW = "Quiet copper meadow 83"
PHONE = {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True}
WAYS: list[tuple[str, dict[str, Any]]] = [
    ("magnus", {"java_script_enabled": False}),
    ("solveig", PHONE),
    ("maja", {"color_scheme": "dark"}),
    ("enno", {"color_scheme": "dark", **PHONE}),
]


@pytest.mark.parametrize("login, options", WAYS, ids=["no-script", "phone", "dark", "dark-phone"])
def test_the_way_back_in_works_however_somebody_looks_at_it(
    demo: Demo, visit: Visit, login: str, options: dict[str, Any]
) -> None:
    person = demo.person(login)
    visitor, box = visit(**options), demo.mailbox(person.recovery_mail)
    visitor.open("/").follow("I forgot my password").send("Continue", login=login)
    visitor.choose("mailed_code").send("Continue", code="12", status=422)
    visitor.send("Continue", code=box.code())
    visitor.choose("recovery_code").send("Continue", code=person.recovery_codes[0])
    if "ended" in person.states:
        assert visitor.heading == "Your account has ended"
        visitor.send("Send the request", status=422)
        visitor.page.locator("[name=choice]").first.check()
        visitor.send("Send the request", reason="I still work at the field station.")
        assert visitor.mark("result") == "pending"
        return
    visitor.send("Save the new password", new_password="x", new_password_again="y", status=422)
    visitor.send("Save the new password", new_password=NEW, new_password_again=NEW)
    assert visitor.mark("result") == "done"
    assert demo.binds(person, NEW)


def type_into(visitor: Visitor, name: str, words: str) -> None:
    visitor.tab_to(visitor.page.locator(f"[name={name}]"))
    visitor.page.keyboard.type(words)


def test_the_way_back_in_works_by_keyboard_alone(demo: Demo, visitor: Visitor) -> None:
    carl = demo.person("carl")
    box = demo.mailbox(carl.recovery_mail)
    visitor.open("/").tab_to(visitor.page.get_by_role("link", name="I forgot my password")).key("Enter")
    type_into(visitor, "login", "carl")
    visitor.key("Enter")
    visitor.tab_to(visitor.page.locator("[name=factor][value=mailed_code]"))
    visitor.page.keyboard.press("ArrowDown")
    visitor.page.keyboard.press("ArrowUp")
    visitor.key("Enter")
    assert visitor.mark("factor") == "mailed_code"
    type_into(visitor, "code", box.code())
    visitor.key("Enter")
    visitor.tab_to(visitor.page.locator("[name=factor]:checked"))
    visitor.page.keyboard.press("ArrowDown")
    visitor.tab_to(visitor.page.get_by_role("button", name="Continue")).key("Space")
    assert visitor.mark("factor") == "recovery_code"
    type_into(visitor, "code", carl.recovery_codes[0])
    visitor.key("Enter")
    type_into(visitor, "new_password", NEW)
    type_into(visitor, "new_password_again", NEW)
    visitor.key("Enter")
    assert visitor.mark("result") == "done"
    assert demo.binds(carl, NEW)


def test_the_first_thing_the_tab_key_reaches_leads_past_the_frame(visitor: Visitor) -> None:
    visitor.open("/recover")
    visitor.page.keyboard.press("Tab")
    assert visitor.page.locator(":focus").inner_text() == "Skip to content"
    visitor.page.keyboard.press("Enter")
    visitor.page.keyboard.press("Tab")
    assert visitor.page.locator(":focus").get_attribute("name") == "login"


def test_a_mistake_takes_the_reader_to_its_explanation(visitor: Visitor) -> None:
    visitor.open("/recover").send("Continue", status=422)
    assert visitor.page.locator("[role=alert]:focus").count() == 1
    visitor.page.keyboard.press("Tab")
    visitor.page.keyboard.press("Enter")
    assert visitor.page.locator(":focus").get_attribute("name") == "login"
