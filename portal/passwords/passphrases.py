"""Makes a passphrase that passes the rules it is given: short words of the person's language, picked by chance.

The words hold only the letters a to z, so that they can be typed on any keyboard. Whoever knows the lists and the
way they are put together still has all the guesses before them that `bits` says.
"""

import math
import secrets
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files

from flask_babel import get_locale

from portal.passwords.demands import problems
from portal.passwords.rule_lines import RuleLine

LEAST_BITS = 60
TRIES = 60
CLEAR = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789-+="  # nothing that looks like something else
LENGTHS = (16, 20, 12, 14, 11, 10, 8)  # of single characters, where a directory stores only few or wants no signs
Choice = Callable[[Sequence[str]], str]


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """A password somebody may take. Lives as long as the page it is shown on."""

    text: str
    bits: int  # of chance in it, rounded down


def suggest(lines: list[RuleLine], *, language: str = "", choice: Choice = secrets.choice) -> Suggestion | None:
    """Words if the rules let them through, else single characters, as long as the rules allow; None: neither fits."""
    words = words_of(language or str(get_locale()))
    makers = [lambda: _plain_words(words, choice), lambda: _dressed_words(words, choice)]
    makers += [partial(_characters, length, choice) for length in LENGTHS]
    for make in makers:
        for _try in range(TRIES):
            made = make()
            if not problems(made.text, lines):
                return made
    return None


@cache
def words_of(language: str) -> tuple[str, ...]:
    """The words of a language, English where there is no list."""
    folder = files("portal.passwords").joinpath("words")
    file = folder.joinpath(f"{language}.txt")
    text = (file if file.is_file() else folder.joinpath("en.txt")).read_text("utf-8")
    return tuple(text.split())


def _plain_words(words: Sequence[str], choice: Choice) -> Suggestion:
    each = math.log2(len(words))
    number = math.ceil(LEAST_BITS / each)
    return Suggestion(text="-".join(choice(words) for _word in range(number)), bits=int(number * each))


def _dressed_words(words: Sequence[str], choice: Choice) -> Suggestion:
    """With a capital letter and a digit, for directories that count kinds of characters."""
    plain, digit = _plain_words(words, choice), choice(string.digits)
    return Suggestion(text=f"{plain.text.capitalize()}-{digit}", bits=plain.bits + int(math.log2(10)))


def _characters(length: int, choice: Choice) -> Suggestion:
    text = "".join(choice(CLEAR) for _character in range(length))
    return Suggestion(text=text, bits=int(length * math.log2(len(CLEAR))))
