"""How a name tells that it belongs to one directory and to no other: settings that every kind of directory has."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Belonging:
    """Only for installations with several directories; with one everybody belongs to it. Raises ValueError."""

    label: str | dict[str, str] = ""
    """What people call this directory, such as "Students"; it may differ by language: { en = "...", nb = "..." }."""

    realms: tuple[str, ...] = ()
    """What may stand before or behind a login of this directory: REALM\\\\login, login@realm."""

    mail_domains: tuple[str, ...] = ()
    """Domains whose addresses belong to people of this directory only; no other one is asked for them."""

    login_pattern: str = ""
    """Regular expression that every login of this directory fits, and no login of any other."""

    def __post_init__(self) -> None:
        try:
            re.compile(self.login_pattern)
        except re.error as error:
            raise ValueError(f"login_pattern: {error}") from error
