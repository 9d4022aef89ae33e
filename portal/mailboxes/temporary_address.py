"""Makes an address for a while: plain words that tell nothing of whose it is."""

import secrets

from portal.passwords.passphrases import Choice, words_of

WORDS, DIGITS = 2, "23456789"


def temporary_address(domain: str, choice: Choice = secrets.choice) -> str:
    """Such as amber-lantern-47@example.org; some 90 million of them, and a taken one is refused."""
    label = "-".join([*(choice(words_of("en")) for _ in range(WORDS)), choice(DIGITS) + choice(DIGITS)])
    return f"{label}@{domain}".lower()
