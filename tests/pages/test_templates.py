"""Rules over the templates as they are written."""

import re
import subprocess
import sys

import pytest
from jinja2 import Environment, nodes
from page_app import ENDPOINTS, ROOT

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
MAILS = sorted((ROOT / "templates" / "mail").glob("*.txt"))
SHEETS = sorted((ROOT / "portal" / "static" / "css").glob("*.css"))
LANGUAGE = Environment(extensions=["jinja2.ext.i18n"])
UNTRANSLATED = {"Sparekey", "Subject"}  # our own name, and a word for the machine that sends the mail
FORBIDDEN = (
    "form-select",
    "form-check-input",
    "is-invalid",
    "is-valid",
    "btn-close",
    "accordion",
    "carousel",
    "spinner",
)


def named(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", [*TEMPLATES, *MAILS], ids=named)
def test_a_template_parses_and_says_on_top_what_it_needs(path):
    text = path.read_text()
    LANGUAGE.parse(text)
    assert re.match(r"\{#-? \S", text)


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_no_script_or_style_stands_in_a_page(path):
    text = path.read_text()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|data:", text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_no_class_is_used_whose_rules_load_pictures_from_the_stylesheet(path):
    words = path.read_text()
    assert [name for name in FORBIDDEN if name in words] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_class_names_are_written_out_so_that_the_stylesheet_keeps_their_rules(path):
    assert not re.search(r"class=\"[^\"]*[\w]-\{\{", path.read_text().replace('class="btn btn-{{ kind }}', ""))


@pytest.mark.parametrize("path", [*TEMPLATES, *MAILS], ids=named)
def test_every_word_a_person_reads_can_be_translated(path):
    written = re.sub(r"\{%-? block (?:main_attributes|kind)\b.*?endblock -?%\}", "", path.read_text(), flags=re.DOTALL)
    visible = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", written, flags=re.DOTALL)
    visible = re.sub(r"<[^>]*>|\sdata-[a-z]+=\"[^\"]*\"", "", visible)
    assert set(re.findall(r"[^\W\d_]+", visible)) <= UNTRANSLATED


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_what_a_screen_reader_speaks_can_be_translated_too(path):
    spoken = re.findall(r'\s(?:alt|title|placeholder|aria-label)="([^"]*)"', path.read_text())
    assert [words for words in spoken if not words.startswith("{{")] == []


@pytest.mark.parametrize("path", [*TEMPLATES, *MAILS], ids=named)
def test_sentences_are_never_glued_together_inside_gettext(path):
    for call in LANGUAGE.parse(path.read_text()).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in ("_", "gettext"):
            assert isinstance(call.args[0], nodes.Const)


def test_templates_ask_only_for_addresses_the_portal_has():
    asked = {name for path in TEMPLATES for name in re.findall(r"url_for\(.([\w.]+).[,)]", path.read_text())}
    assert asked == set(ENDPOINTS)


def test_only_the_token_sheet_names_colours():
    colour = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(|:\s*(?:white|black|red|green|gr[ae]y)\b")
    found = {path.name: colour.findall(path.read_text()) for path in SHEETS if path.name != "tokens.css"}
    assert {name: hits for name, hits in found.items() if hits} == {}


def test_dark_by_system_and_dark_by_choice_are_the_same_colours():
    dark = re.findall(r"color-scheme: dark;(.*?)\}", (SHEETS[0].parent / "tokens.css").read_text(), re.DOTALL)
    assert len(dark) == 2 and dark[0].split() == dark[1].split()


def test_the_templates_are_as_djlint_likes_them():
    command = [sys.executable, "-m", "djlint", "--lint", "--quiet", str(ROOT / "templates")]
    found = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert found.returncode == 0, found.stdout
