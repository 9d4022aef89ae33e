"""Which language a page speaks, and which zone its hours are in."""

from functools import lru_cache

from flask import current_app, request, session
from flask_login import current_user
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

OWN_NAMES = {"en": "English", "nb": "Norsk bokmål", "sv": "Svenska"}
COOKIE = "language"
MOST_CHARACTERS = 256  # of what a browser says it prefers


def choose_language() -> str:
    """The one just asked for, chosen earlier, on file for the person, or preferred by the browser, in this order."""
    offered = current_app.extensions["parts"].settings.languages
    wishes = [request.args.get("language"), request.cookies.get(COOKIE)]
    if "principal" in session:
        wishes.append(getattr(current_user, "language", None))
    for wish in wishes:
        if tag := _offered(wish, offered):
            return tag
    return _spoken(request.headers.get("Accept-Language", "")[:MOST_CHARACTERS], offered)


@lru_cache(maxsize=256)
def _spoken(header: str, offered: tuple[str, ...]) -> str:
    """Of the languages offered the one this browser prefers; there are few browsers, and each asks many times."""
    accepted = parse_accept_header(header, LanguageAccept)
    return _offered(accepted.best_match([*offered, "no", "nn"]), offered) or str(offered[0])


def choose_zone() -> str:
    return str(current_app.extensions["parts"].settings.time_zone)


def _offered(wish: str | None, offered: tuple[str, ...]) -> str | None:
    tag = (wish or "").lower().replace("_", "-").partition("-")[0]
    tag = "nb" if tag in ("no", "nn") else tag  # both Norwegians read Bokmål
    return tag if tag in offered else None
