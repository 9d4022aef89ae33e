"""Which language a page speaks, and which zone its hours are in."""

from flask import current_app, request, session
from flask_login import current_user

OWN_NAMES = {"en": "English", "nb": "Norsk bokmål", "sv": "Svenska"}
COOKIE = "language"


def choose_language() -> str:
    """The one just asked for, chosen earlier, on file for the person, or preferred by the browser, in this order."""
    offered = current_app.extensions["parts"].settings.languages
    wishes = [request.args.get("language"), request.cookies.get(COOKIE)]
    if "principal" in session:
        wishes.append(getattr(current_user, "language", None))
    for wish in wishes:
        if tag := _offered(wish, offered):
            return tag
    spoken = [*offered, "no", "nn"]
    return _offered(request.accept_languages.best_match(spoken), offered) or str(offered[0])


def choose_zone() -> str:
    return str(current_app.extensions["parts"].settings.time_zone)


def _offered(wish: str | None, offered: tuple[str, ...]) -> str | None:
    tag = (wish or "").lower().replace("_", "-").partition("-")[0]
    tag = "nb" if tag in ("no", "nn") else tag  # both Norwegians read Bokmål
    return tag if tag in offered else None
