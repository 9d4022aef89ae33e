"""Where somebody is signed in: devices in the words people know them by."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _


@dataclass(frozen=True)
class DeviceLine:
    words: str
    place: str
    at: datetime
    current: bool
    close_url: str | None


BROWSERS = ("Edg", "Firefox", "Chrome", "Safari", "curl")
SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS X", "Linux")


def agent_words(agent: str) -> str:
    """Browser and system in the words people know them by."""
    browser = next((b for b in BROWSERS if b in agent), _("Some browser")).replace("Edg", "Edge")
    system = next((s for s in SYSTEMS if s in agent), "")
    return _("%(browser)s on %(system)s", browser=browser, system=system) if system else browser
