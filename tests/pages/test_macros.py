"""Drawings and small things whose arithmetic could be wrong."""

import pytest
from bs4 import BeautifulSoup
from page_app import asked, make_app

from portal.web.assets import build


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    return make_app(build(tmp_path_factory.mktemp("cache")))


def draw(app, module, call):
    with asked(app):
        source = f'{{% import "macros/{module}.html" as it %}}{{{{ it.{call} }}}}'
        return BeautifulSoup(app.jinja_env.from_string(source).render(), "html5lib").body


@pytest.mark.parametrize("step, cut", [(1, 0), (2, 1), (4, 3), (5, 4)])
def test_the_key_has_a_tooth_for_every_step_that_is_done(app, step, cut):
    key = draw(app, "walk", f"cut({step}, 4)")
    teeth = key.find_all("path")[1:]
    assert [tooth.get("class") for tooth in teeth] == [None] * cut + [["todo"]] * (4 - cut)


def test_the_words_beside_the_key_say_the_same(app):
    assert draw(app, "walk", "cut(2, 4)").text.strip() == "Step 2 of 4"
    assert draw(app, "walk", "cut(5, 4)").text.strip() == "All done"


def test_five_teeth_fit_on_the_key(app):
    last = draw(app, "walk", "cut(1, 5)").find_all("path")[-1]["d"]
    assert last.startswith("M130 ")  # 15 wide; the key ends at 148


@pytest.mark.parametrize(
    "state, path", [("done", "m4.5 12.5"), ("no", "m6 6"), ("wait", "M12 6.8"), ("unsure", "M8.5 9")]
)
def test_a_state_is_a_word_a_drawing_and_a_colour(app, state, path):
    tag = draw(app, "things", f'tag("{state}", "Words")').span
    assert state in tag["class"] and tag.text == "Words"
    assert tag.find("path")["d"].startswith(path)


def test_the_longest_bar_ends_where_its_number_still_fits(app):
    chart = draw(app, "things", 'bar_chart("Most on Monday", [("Mon", 50), ("Tue", 25), ("Wed", 0)], "c")').svg
    assert [bar["width"] for bar in chart.find_all("rect")] == ["84.0%", "42.0%", "0.0%"]
    assert chart["aria-labelledby"] == chart.title["id"] and chart.title.text == "Most on Monday"


def test_a_chart_of_nothing_is_drawn_all_the_same(app):
    chart = draw(app, "things", 'bar_chart("None", [("Mon", 0)], "c")').svg
    assert [bar["width"] for bar in chart.find_all("rect")] == ["0.0%"]


def test_a_meter_is_as_long_as_its_part_and_says_so(app):
    meter = draw(app, "things", 'meter(0.625, "5 of 8 points")').svg
    assert meter.find(class_="bar")["width"] == "62.5%" and meter["aria-label"] == "5 of 8 points"
