"""The filter keeps every rule a page can use."""

import pytest

from portal.web.stylesheet import only_used

USED = {"btn", "note"}


def test_a_rule_for_a_class_that_is_used_stays():
    assert only_used(".btn{color:red}", USED) == ".btn{color:red}"


def test_a_rule_for_a_class_that_no_page_uses_goes():
    assert only_used(".modal{color:red}p{margin:0}", USED) == "p{margin:0}"


def test_of_a_list_of_selectors_only_the_used_ones_stay():
    assert only_used(".modal,.btn .modal,.btn{top:0}", USED) == ".btn{top:0}"


@pytest.mark.parametrize(
    "selector", [".btn:not(.modal)", ":is(.modal,.btn)", '[class=".modal"]', "a:not(:is(.x)):hover"]
)
def test_a_class_in_brackets_demands_nothing(selector):
    assert only_used(selector + "{top:0}", USED) == selector + "{top:0}"


def test_a_comma_in_brackets_does_not_part_the_selector():
    assert only_used(".note:is(b,i){top:0}", USED) == ".note:is(b,i){top:0}"


def test_rules_inside_a_media_query_are_looked_at_and_an_empty_query_goes():
    css = "@media print{.btn{top:0}.modal{top:0}}@media screen{.modal{top:0}}"
    assert only_used(css, USED) == "@media print{.btn{top:0}}"


def test_braces_in_strings_and_comments_do_not_count():
    assert only_used('.btn{content:"}{"}/* } */p{top:0}', USED) == '.btn{content:"}{"}p{top:0}'


def test_the_licence_stays_and_the_source_map_goes():
    css = '@charset "UTF-8";/*! Licence */p{top:0}/*# sourceMappingURL=x.map */'
    assert only_used(css, USED) == '@charset "UTF-8";/*! Licence */p{top:0}'


def test_keyframes_stay_only_where_something_plays_them():
    frames = "@keyframes turn{to{rotate:1turn}}"
    assert only_used(frames + ".btn{animation:1s turn}", USED) == frames + ".btn{animation:1s turn}"
    assert only_used(frames + ".spin{animation:1s turn}", USED) == ""


@pytest.mark.parametrize("broken", [".btn{top:0", "}p{top:0}", ".btn:not(.x{top:0}"])
def test_a_broken_stylesheet_is_an_error_and_not_half_a_stylesheet(broken):
    with pytest.raises(ValueError):
        only_used(broken, USED)
