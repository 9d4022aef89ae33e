"""Every language says everything the English pages and mails say."""

import ast
import re
from pathlib import Path

import pytest
from jinja2 import Environment

from tests.translations import (
    PLACEHOLDER,
    ROOT,
    TAG,
    TRANSLATED,
    catalogue,
    collected,
    forms,
    key,
    messages,
    pairs,
)

SAME_EVERYWHERE = {
    "%(name)s, %(hours)s",
    "%(num)d person",
    "%(system)s, %(there)s",
    "%(system)s: %(rule)s",
    "PKCE",
    "Person",
    "Person: %(who)s (%(proved)s)",
    "System",
    "realm",
    "metadata",
}
SAME_ON_PURPOSE = {
    "nb": SAME_EVERYWHERE | {"Send", "administrator", "%(substitute)s for %(name)s"},
    "sv": SAME_EVERYWHERE | {"Session", "Text"},
}
QUOTES = {"nb": "«»", "sv": "””"}
NAMED = re.compile("“([^”]+)”")
FOLDERS = (ROOT / "templates", ROOT / "portal" / "demo" / "templates")
ENGLISH_ONLY = {"inbox.html", "identity.html"}  # the demo's own stand-ins for other services

every_language = pytest.mark.parametrize("tag", TRANSLATED)


@every_language
def test_every_text_that_is_asked_for_is_translated(tag: str) -> None:
    done = {message.id for message in messages(catalogue(tag)) if all(forms(message.string))}
    assert {message.id for message in messages(collected())} - done == set()


@every_language
def test_nothing_is_kept_that_nobody_asks_for(tag: str) -> None:
    assert {m.id for m in messages(catalogue(tag))} - {m.id for m in messages(collected())} == set()
    assert list(catalogue(tag).obsolete) == []


@every_language
def test_no_translation_is_only_guessed(tag: str) -> None:
    assert [message.id for message in messages(catalogue(tag)) if message.fuzzy] == []


@every_language
def test_each_plural_form_is_there(tag: str) -> None:
    wrong = [m.id for m in messages(catalogue(tag)) if m.pluralizable != isinstance(m.string, tuple)]
    assert wrong == []
    assert catalogue(tag).num_plurals == 2


@every_language
@pytest.mark.parametrize("pattern", [PLACEHOLDER, TAG], ids=["placeholders", "tags"])
def test_what_is_filled_in_and_how_it_is_marked_up_stays(tag: str, pattern: re.Pattern[str]) -> None:
    wrong = [e for e, own in pairs(catalogue(tag)) if sorted(pattern.findall(e)) != sorted(pattern.findall(own))]
    assert wrong == []


@every_language
def test_no_text_is_left_in_english(tag: str) -> None:
    same = {english for english, own in pairs(catalogue(tag)) if english == own}
    assert same == SAME_ON_PURPOSE[tag]


@every_language
def test_a_button_or_page_is_named_as_it_is_labelled(tag: str) -> None:
    own_words = {key(m): forms(m.string)[0] for m in messages(catalogue(tag))}
    left, right = QUOTES[tag]
    wrong = [
        (english, name)
        for english, own in pairs(catalogue(tag))
        for name in NAMED.findall(english)
        if f"{left}{own_words.get(name, name)}{right}" not in own
    ]
    assert wrong == []


@every_language
def test_each_text_ends_as_the_english_one_does(tag: str) -> None:
    ends = re.compile(r"[.:?]?$")
    wrong = [e for e, own in pairs(catalogue(tag)) if ends.findall(e)[0] != ends.findall(own)[0]]
    assert wrong == []


@every_language
def test_the_marks_are_those_of_the_language_and_nobody_shouts(tag: str) -> None:
    foreign = {"nb": "“”\"'!", "sv": "“«»\"'!"}[tag]
    wrong = [own for _, own in pairs(catalogue(tag)) if any(mark in TAG.sub("", own) for mark in foreign)]
    assert wrong == []


@every_language
def test_an_hour_is_never_parted_from_its_word(tag: str) -> None:
    assert [own for _, own in pairs(catalogue(tag)) if re.search("kl\\.[^\N{NO-BREAK SPACE}]", own)] == []


def test_every_text_asked_for_in_code_is_collected() -> None:
    known = {form for message in messages(collected()) for form in forms(message.id)}
    asked = [
        call
        for folder in ("portal", "connectors")
        for path in (ROOT / folder).rglob("*.py")
        for call in _asked_for(path.read_text("utf-8"))
    ]
    assert len(asked) > 100
    assert [call for call in asked if call not in known] == []


def _asked_for(source: str) -> list[str]:
    """What code hands to gettext, also where the collection does not see it, such as inside an f-string."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    named = (
        call for call in calls if isinstance(call.func, ast.Name) and call.func.id in ("_", "_l", "ngettext", "say")
    )
    return [ast.literal_eval(call.args[0]) for call in named]


TEMPLATES = [path for folder in FOLDERS for path in sorted(folder.rglob("*.*")) if path.name not in ENGLISH_ONLY]
FOR_MACHINES = re.compile(r"(?<=block kind %}).*?(?={%-? endblock)")  # becomes the value of an attribute


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_template_says_anything_without_gettext(path: Path) -> None:
    tokens = Environment().lex(FOR_MACHINES.sub("", path.read_text("utf-8")))
    plain = "".join(text if kind == "data" else "{}" if kind.endswith("_end") else "" for _, kind, text in tokens)
    spoken = re.findall(r'(?:aria-label|alt|title|placeholder)="([^"]+)"', plain)
    said = " ".join([re.sub(r'<[^>]*>|[\w-]+="[^"]*"', " ", plain), *spoken])
    assert set(re.findall(r"[^\W\d_]{2,}", said)) <= {"Sparekey", "Subject"}
