"""One's own account and history, and the pages' languages."""

import pytest

from tests.walks.demo import Demo
from tests.walks.signing_in import sign_in
from tests.walks.visitor import Visit, Visitor

HOME = {"nb": "Hva trenger du?", "sv": "Vad behöver du?"}


def test_an_account_near_its_end_says_so_and_offers_a_way_on(demo: Demo, visitor: Visitor) -> None:
    sign_in(visitor, demo.person("kirsten"))
    assert "Your account ends in" in visitor.text
    assert "You have 3 independent ways." in visitor.text
    visitor.follow("Ask for more time")
    assert visitor.path == "/ask/extend-account"


def test_the_history_tells_what_was_done_and_what_was_tried(demo: Demo, visitor: Visitor) -> None:
    xiaolong = demo.person("xiaolong")
    visitor.open("/sign-in").send("Sign in", login="xiaolong", password="not it", status=422)
    sign_in(visitor, xiaolong).follow("See everything")
    assert visitor.page.locator(".line li").count() >= 2
    assert "A sign-in failed" in visitor.text
    assert "Signed in" in visitor.text
    visitor.follow("Something here was not me")
    assert visitor.heading == "Was this not you?"


@pytest.mark.parametrize("language, title", HOME.items())
def test_the_browser_chooses_the_language_until_somebody_does(visit: Visit, language: str, title: str) -> None:
    visitor = visit(language=None, locale=language)
    visitor.open("/")
    assert visitor.heading == title
    visitor.page.locator(".menu summary").click()
    visitor.follow("English")
    assert visitor.heading == "What do you need?"
    visitor.open("/recover")
    assert visitor.heading == "Get back into your account"


@pytest.mark.parametrize("language", HOME)
def test_another_language_keeps_the_page_and_the_walk(visit: Visit, language: str) -> None:
    visitor = visit()
    visitor.open("/recover").send("Continue", login="kirsten").choose("recovery_code")
    english = visitor.text
    visitor.page.locator(".menu summary").click()
    visitor.press(visitor.page.locator(f".menu a[hreflang={language}]"))
    assert (visitor.path, visitor.mark("factor")) == ("/recover/prove/recovery_code", "recovery_code")
    assert visitor.page.locator("html").get_attribute("lang") == language
    assert visitor.text != english
    visitor.page.locator("main [name=code]").fill("wrong")
    visitor.press(visitor.page.locator("main [type=submit]"), status=422)
    assert visitor.page.locator("html").get_attribute("lang") == language


def test_signed_in_the_language_on_file_counts(demo: Demo, visit: Visit) -> None:
    tuva, visitor = demo.person("tuva"), visit(language=None)
    visitor.open("/sign-in").send("Sign in", login="tuva", password=tuva.password)
    visitor.page.locator("[name=factor][value=recovery_code]").check()
    visitor.press(visitor.page.locator("main [type=submit]"))
    visitor.page.locator("main [name=code]").fill(tuva.recovery_codes[0])
    visitor.press(visitor.page.locator("main [type=submit]"))
    assert visitor.page.locator("html").get_attribute("lang") == "nb"
