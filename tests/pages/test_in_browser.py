"""Every example page in a real browser: readable for everybody, at every width, and with scripts on or off."""

import functools
import http.server
import json
import threading
from dataclasses import replace
from pathlib import Path

import contact_sheet
import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from flask_babel import Babel
from page_examples import EXAMPLES
from playwright.sync_api import expect, sync_playwright

from connectors.account import PasswordRules
from connectors.characters import CharacterClass
from portal.passwords.demands import normal
from portal.passwords.rule_lines import characters, lengths, without

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
CSP = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; connect-src 'self'"
LEVELS = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],  # what is in order would be written down as well
    "preload": False,  # looks for sound and for style sheets from elsewhere, of which the CSP allows none
    "iframes": False,
}
LOOKS = ((320, "dark"), (1100, "light"))
SHARES = 8  # of the examples, so that no worker is alone with all of them at the end
pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium")


class Served(http.server.SimpleHTTPRequestHandler):
    def end_headers(self):
        self.send_header("Content-Security-Policy", CSP)
        super().end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    contact_sheet.write(folder)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Served, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium, address):
    """Open one example in a window of its own."""
    contexts = []

    def opened(name, **options):
        contexts.append(chromium.new_context(**options))
        page = contexts[-1].new_page()
        page.goto(f"{address}/{name}.html")
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize("share", range(SHARES))
def test_no_page_breaks_a_rule_of_accessibility_or_the_csp_or_its_width(chromium, address, share):
    found = []
    context = chromium.new_context(reduced_motion="reduce")  # or colours would still be on their way to the other look
    page = context.new_page()
    page.add_init_script(Axe().axe_script)  # half a megabyte, which Chromium so reads once and not for every page
    page.on("console", lambda line: found.append((page.url, line.text)) if "Content Security" in line.text else None)
    page.on("pageerror", lambda error: found.append((page.url, str(error))))
    for example in EXAMPLES[share::SHARES]:
        page.set_viewport_size({"width": LOOKS[0][0], "height": 800})
        page.goto(f"{address}/{example.name}.html")
        for width, scheme in LOOKS:
            page.set_viewport_size({"width": width, "height": 800})
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            if page.evaluate("document.documentElement.scrollWidth") > width:
                found.append((page.url, width, "wider than the window"))
            broken = page.evaluate("(options) => axe.run(options)", LEVELS)["violations"]
            found += [(page.url, width, one["id"], [node["target"] for node in one["nodes"]]) for one in broken]
    context.close()
    assert found == []


def test_a_page_fits_when_letters_are_twice_as_large(visit):
    page = visit("ask-locked", viewport={"width": 640, "height": 800})
    page.evaluate("document.documentElement.style.setProperty('font-size', '200%')")
    assert page.evaluate("document.documentElement.scrollWidth") <= 640


def test_rules_tick_while_somebody_types(visit):
    page = visit("ask")
    states = "[...document.querySelectorAll('.rules li')].map((rule) => rule.className)"
    page.fill("#new_password", "aliceb")
    assert page.evaluate(states) == ["no", "no", "no", ""]
    page.fill("#new_password", "four calm wooden ships")
    assert page.evaluate(states) == ["done", "done", "no", ""]
    page.fill("#new_password", "")
    assert page.evaluate(states)[:2] == ["", ""]


def test_letters_are_counted_as_people_count_them(visit):
    page = visit("ask")
    page.fill("#new_password", "e\u0301" * 6 + "\U0001f511" * 5)
    assert page.locator(".rules li").first.get_attribute("class") == "no"
    page.fill("#new_password", "e\u0301" * 6 + "\U0001f511" * 6)
    assert page.locator(".rules li").first.get_attribute("class") == "done"


def test_what_does_not_fit_is_also_spoken_after_a_pause(visit):
    page = visit("ask")
    page.fill("#new_password", "short")
    expect(page.locator("[data-rules-spoken]")).to_contain_text("12 characters")


def test_a_password_can_be_shown_and_is_hidden_again_before_it_is_sent(visit):
    page = visit("ask")
    button = page.get_by_role("button", name="Show").first
    button.click()
    assert page.locator("#new_password").get_attribute("type") == "text"
    assert button.get_attribute("aria-pressed") == "true"
    page.evaluate("document.forms[0].addEventListener('submit', (event) => event.preventDefault())")
    page.get_by_role("button", name="Save the new password").click()
    assert page.locator("#new_password").get_attribute("type") == "password"


def test_without_script_a_page_offers_only_what_works(visit):
    page = visit("ask", java_script_enabled=False)
    assert page.get_by_role("button", name="Show").count() == 0
    assert page.get_by_label("New password").is_visible()
    assert page.locator(".rules li").first.inner_text() == "12 characters or more (fits)"


def test_menus_open_by_keyboard_without_script(visit):
    page = visit("home", java_script_enabled=False)
    page.locator(".menu summary").press("Enter")
    assert page.get_by_role("link", name="Norsk bokmål").is_visible()


def test_after_a_mistake_the_summary_has_the_focus(visit):
    page = visit("identify-empty", java_script_enabled=False)
    assert page.locator("[role=alert]:focus").count() == 1
    page.get_by_role("link", name="Type your user name").click()
    assert page.locator("#login:focus").count() == 1


def test_on_paper_the_codes_stay_and_the_buttons_go(visit):
    page = visit("recovery-codes")
    page.emulate_media(media="print")
    assert page.get_by_text("abcd-efgh-ijkl-mnop").is_visible()
    assert not page.get_by_text("I have put them away").is_visible()
    assert page.get_by_text("Whoever has this sheet").is_visible()


@pytest.mark.parametrize(
    ("name", "secret"), [("access-pass-shown", "Tk7-9xQ!m2"), ("app-password-shown", "aB3de-fGh4j")]
)
def test_what_is_shown_only_once_can_be_seen(visit, name, secret):
    assert visit(name).get_by_text(secret).is_visible()


def test_a_first_visit_asks_for_little(chromium, address):
    context = chromium.new_context()
    page = context.new_page()
    loaded = []
    page.on("response", lambda answer: loaded.append(answer.url))
    page.goto(f"{address}/home.html", wait_until="networkidle")
    context.close()
    assert len(loaded) <= 4


PASSWORDS = [
    *(
        "short",
        "aaaa",
        "Passw0rd!",
        "ØLREISE-2026",
        "grønn fjord",
        "李小龙跳过",
        "Straße ẞ",
        "a b",
        "~tilde~",
        "e\u0301tude",
    ),
    *("\U0001f419" * 12, "x" * 41, "Åkesson-1", "AAbb11--", "ǅ titlecase", "ªº", "\u00a0\u20ac\u00a3"),
]
RULES = PasswordRules(min_length=8, max_length=40, classes=3, at_least=dict.fromkeys(CharacterClass, 2), most_repeats=2)


@pytest.mark.parametrize("more", [{}, {"ascii_kinds": True, "ascii_only": True}, {"counts_octets": True}])
def test_the_rules_tick_while_somebody_types_as_the_server_judges(chromium, more):
    app = Flask("words")
    Babel(app)
    with app.test_request_context():
        named = without(["akesson", "fjord"])
        lines = [*lengths(replace(RULES, **more), 6), *characters(replace(RULES, **more)), named]
    context = chromium.new_context()
    page = context.new_page()
    rules = "".join(
        f"<li data-rule='{one.check}' data-value='{json.dumps(one.value)}'><i data-words></i></li>" for one in lines
    )
    page.set_content(f"<input id=new><div><ul data-rules-for=new>{rules}</ul><p data-rules-spoken></p></div>")
    page.add_script_tag(path="portal/static/rules.js")
    for password in PASSWORDS:
        page.locator("#new").fill(password)
        ticked = page.evaluate("[...document.querySelectorAll('li')].map((rule) => rule.classList.contains('done'))")
        assert ticked == [one.fits(normal(password)) for one in lines], password
    context.close()
