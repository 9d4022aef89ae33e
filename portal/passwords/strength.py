"""How long a password would hold against guessing, as far as anybody can tell: zxcvbn's estimate in five steps.

zxcvbn (Wheeler, USENIX Security 2016) looks for words, names, dates, keyboard rows and repeats, as attackers do. It
knows English best, so that an estimate is a hint beside the rules and never a rule of its own.
"""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from connectors.account import Account
from portal.passwords.demands import normal, own_words

MOST_LOOKED_AT = 72  # characters; its time grows with the square, and nobody guesses beyond
FULL = 18  # powers of ten where the bar is full

# Guesses, as powers of ten: what a sign-in page stops; what a stolen list of hashes gives away in hours, in years.
STEPS: tuple[tuple[float, Any], ...] = (
    (4, _l("Very easy to guess")),
    (8, _l("Easy to guess")),
    (11, _l("Could be guessed with effort")),
    (14, _l("Hard to guess")),
    (float("inf"), _l("Very hard to guess")),
)


@dataclass(frozen=True, kw_only=True)
class Strength:
    """`part` of the bar, 0.0 to 1.0, and the words that say the same."""

    part: float
    words: str


def strength_of(password: str, account: Account | None = None) -> Strength:
    """Estimate a password, which is neither kept nor logged; the account's own names count as easy."""
    from zxcvbn import zxcvbn  # its word lists take a tenth of the time in which a web process starts

    known = sorted(own_words(account)) if account else []
    power = float(zxcvbn(normal(password)[:MOST_LOOKED_AT] or " ", user_inputs=known)["guesses_log10"])
    words = next(str(words) for least, words in STEPS if power < least)
    return Strength(part=round(min(1.0, max(0.02, power / FULL)), 2), words=words)
