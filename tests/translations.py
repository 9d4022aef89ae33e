"""The translated texts as tests read them: what is asked for, what is there, and the files the portal loads."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "portal" / "translations"
TRANSLATED = ("nb", "sv")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")
TAG = re.compile(r"<[^>]+>")
COLLECT = (
    "extract",
    "--mapping",
    "babel.cfg",
    "--keyword",
    "_l",
    "--keyword",
    "say",
    "--no-wrap",
    "--add-location",
    "file",
)


@cache
def collected() -> Catalog:
    """Every text that code and templates ask for now; the command is the one of docs/translating.md."""
    with TemporaryDirectory() as folder:
        pot = Path(folder) / "messages.pot"
        command = (sys.executable, "-m", "babel.messages.frontend", *COLLECT, "--output-file", str(pot), ".")
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
        return read_po(pot.open("rb"))


def catalogue(tag: str) -> Catalog:
    """What is translated into this language."""
    return read_po((FOLDER / tag / "LC_MESSAGES" / "messages.po").open("rb"), locale=tag)


def compile_all() -> None:
    """Write the files the portal loads; several test processes may do so at once."""
    for tag in TRANSLATED:
        target = FOLDER / tag / "LC_MESSAGES" / "messages.mo"
        with TemporaryDirectory(dir=target.parent) as folder:
            fresh = Path(folder) / target.name
            with fresh.open("wb") as file:
                write_mo(file, catalogue(tag))
            fresh.replace(target)


def messages(texts: Catalog) -> Iterator[Message]:
    """The texts without the head of the file."""
    return (message for message in texts if message.id)


def forms(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """Singular and plural, or the one text."""
    return (text,) if isinstance(text, str) else tuple(text)


def key(message: Message) -> str:
    return forms(message.id)[0]


def pairs(texts: Catalog) -> Iterator[tuple[str, str]]:
    """Each English form with the translated one that stands for it."""
    for message in messages(texts):
        yield from zip(forms(message.id), forms(message.string), strict=True)


def english_left(tag: str) -> Callable[[str], bool]:
    """Whether a piece of text is one that should have been translated into this language."""
    whole = {english for english, own in pairs(catalogue(tag)) if english != own}
    words = re.compile(r"\b(the|you|your|and|this|that|what|was|with|from|nobody|somebody|cannot|can't|of)\b", re.I)
    return lambda piece: piece.strip() in whole or bool(words.search(piece))
