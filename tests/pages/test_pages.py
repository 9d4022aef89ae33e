"""Rules over every page as a browser gets it."""

import html5lib
import pytest
from bs4 import BeautifulSoup
from flask import render_template
from page_app import around, asked, make_app
from page_examples import EXAMPLES
from test_templates import TEMPLATES

from portal.web.assets import build

LAYOUTS = {"base.html", "walk.html", "desk/step.html", "factors/prove.html", "results/result.html"}
NO_PAGES = ("macros/", "parts/")
PARTS = {"evidence/report.html", "desk/handed_over.html"} | {
    f"tickets/{name}.html"
    for name in ("queue_table", "queue_now", "queue_several", "desk_story", "desk_decide", "desk_pass_on", "desk_same")
}


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    return make_app(build(tmp_path_factory.mktemp("cache")))


def render(app, example, theme=None):
    with asked(app, **dict(example.posted)):
        return render_template(example.template, **around(example.who, theme), **example.context())


@pytest.fixture(params=EXAMPLES, ids=lambda example: example.name)
def text(app, request):
    return render(app, request.param)


@pytest.fixture
def page(text):
    return BeautifulSoup(text, "html5lib")


def test_every_page_has_an_example():
    names = {str(path).partition("templates/")[2] for path in TEMPLATES}
    pages = {name for name in names if not name.startswith(NO_PAGES)} - LAYOUTS - PARTS
    assert pages == {example.template for example in EXAMPLES}


def test_a_page_is_valid_html(text):
    html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)


def test_a_page_has_one_h1_and_it_is_the_title(page):
    titles = [" ".join(heading.text.split()) for heading in page.find_all("h1")]
    assert titles == [" ".join(page.title.text.split())] and titles[0]


def test_ids_are_unique_and_what_refers_to_one_finds_it(page):
    ids = [tag["id"] for tag in page.find_all(id=True)]
    assert len(ids) == len(set(ids))
    links = [
        tag[name] for name in ("for", "aria-describedby", "aria-labelledby") for tag in page.find_all(**{name: True})
    ]
    links += [tag["href"][1:] for tag in page.find_all("a", href=True) if tag["href"].startswith("#")]
    assert {one for link in links for one in link.split()} <= set(ids)


def test_every_field_has_a_label(page):
    labelled = {label["for"] for label in page.find_all("label", attrs={"for": True})}
    for field in page.find_all(["input", "select", "textarea"]):
        if field.get("type") != "hidden" and not field.has_attr("hidden"):
            assert field.get("id") in labelled or field.find_parent("label")


def test_every_form_that_changes_something_carries_the_token(page):
    for form in page.find_all("form", method="post"):
        assert len(form.find_all("input", attrs={"name": "csrf_token", "value": True})) == 1


def test_a_field_with_a_mistake_says_so_and_the_summary_leads_to_it(page):
    wrong = {field["id"] for field in page.find_all(attrs={"aria-invalid": "true"})}
    summary = [alert for alert in page.find_all(attrs={"role": "alert"}) if alert.find("a")]
    assert bool(wrong) == bool(summary)
    assert wrong == {link["href"][1:] for alert in summary for link in alert.find_all("a")}
    assert all(page.find(id=f"{name}-error").text.strip() for name in wrong)


def test_at_most_one_button_is_filled(page):
    assert len(page.main.find_all(class_="btn-primary")) <= 1


def test_no_password_is_sent_back(page):
    assert [field for field in page.find_all("input", type="password") if field.get("value")] == []


def test_pictures_say_nothing_or_have_words(page):
    for drawing in page.find_all("svg"):
        assert drawing.get("aria-hidden") == "true" or drawing.get("aria-label") or drawing.get("aria-labelledby")
    assert all(picture.get("alt") for picture in page.find_all("img"))


def test_the_theme_of_the_person_beats_the_system(app):
    page = BeautifulSoup(render(app, EXAMPLES[0], "dark"), "html5lib")
    assert page.html["data-bs-theme"] == "dark"
    assert page.find("meta", attrs={"name": "color-scheme"})["content"] == "dark"


@pytest.mark.parametrize(
    "name, expected",
    [
        ("identify", {"data-step": "identify"}),
        ("choose", {"data-step": "choose"}),
        ("code", {"data-step": "prove", "data-factor": "mailed_code"}),
        ("ask", {"data-step": "ask"}),
        ("recovered", {"data-step": "result", "data-result": "done", "data-attempt": "7F3K-21QD"}),
        ("result-pending", {"data-result": "pending", "data-ticket": "4711"}),
        ("directory-down", {"data-result": "failed"}),
        ("desk-ticket", {"data-ticket": "4714"}),
    ],
)
def test_main_says_where_in_a_walk_somebody_is(app, name, expected):
    example = next(example for example in EXAMPLES if example.name == name)
    main = BeautifulSoup(render(app, example), "html5lib").main
    assert {key: main.get(key) for key in expected} == expected


def test_nothing_personal_stands_on_a_page_before_a_proof(app):
    example = next(example for example in EXAMPLES if example.name == "code")
    assert "•••" not in render(app, example)
