"""Lines of the page of sign-in and proofs: ways to prove it, and devices in the words people know them by."""

from dataclasses import dataclass, field
from datetime import datetime

from flask_babel import gettext as _


@dataclass(frozen=True)
class FactorLine:
    """A way to prove who one is, or to sign in, with what can be done about it: words, address, whether it ends it."""

    title: str
    detail: str
    icon: str
    state: tuple[str, str] | None = None
    doings: list[tuple[str, str, bool]] = field(default_factory=list)


@dataclass(frozen=True)
class DeviceLine:
    words: str
    place: str
    at: datetime
    current: bool
    close_url: str | None
    provider: str | None  # where they signed in; None: here


BROWSERS = ("Edg", "Firefox", "Chrome", "Safari", "curl")
SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS X", "Linux")


def agent_words(agent: str) -> str:
    """Browser and system in the words people know them by."""
    browser = next((b for b in BROWSERS if b in agent), _("Some browser")).replace("Edg", "Edge")
    system = next((s for s in SYSTEMS if s in agent), "")
    return _("%(browser)s on %(system)s", browser=browser, system=system) if system else browser
