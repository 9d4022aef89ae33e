"""Makes a password for a program: never typed from memory, so as strong as it may be, in groups that can be read."""

import secrets

from portal.passwords.passphrases import CLEAR, Choice

GROUPS, LENGTH = 4, 5  # some 115 bits
_LETTERS = [character for character in CLEAR if character.isalnum()]


def app_password(choice: Choice = secrets.choice) -> str:
    """With small and capital letters, digits and hyphens, so that any mail system's rules let it through."""
    while True:
        groups = ["".join(choice(_LETTERS) for _ in range(LENGTH)) for _ in range(GROUPS)]
        made = "-".join(groups)
        if any(map(str.islower, made)) and any(map(str.isupper, made)) and any(map(str.isdigit, made)):
            return made
