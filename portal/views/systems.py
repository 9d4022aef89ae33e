"""What became of one wish in each of several systems, in words."""

from collections.abc import Sequence

from flask_babel import gettext as _

from portal.elsewhere.errands import NO_ACCOUNT
from portal.explaining.explain import CATALOGUE
from portal.results import System
from portal.web.pages import in_language

Row = tuple[str, str, str]  # name, state, words


def is_whole(systems: Sequence[System]) -> bool:
    """Whether it is done wherever the person has an account."""
    return all(system.outcome == "success" or system.reason == NO_ACCOUNT for system in systems)


def rows_of(systems: Sequence[System]) -> list[Row]:
    """One line for each."""
    return [(in_language(system.name), *_state_of(system)) for system in systems]


def steps_of(systems: Sequence[System]) -> list[str]:
    """What happens next where it is not done."""
    return [step for system in systems if (step := _step_of(system))]


def _state_of(system: System) -> tuple[str, str]:
    if system.reason == NO_ACCOUNT:
        return "none", _("no account there")
    return {
        "success": ("done", _("new password")),
        "failure": ("no", _("old password still counts")),
        "pending": ("wait", _("old password still counts")),
    }.get(system.outcome or "", ("unsure", _("not known yet")))


def _step_of(system: System) -> str:
    name = in_language(system.name)
    if system.outcome == "success" or system.reason == NO_ACCOUNT:
        return ""
    why = CATALOGUE.get(system.reason)
    if system.outcome == "pending":
        return str(
            _(
                "%(system)s did not take it. The service desk knows (ticket %(number)s) and writes to you.",
                system=name,
                number=system.ticket or "",
            )
        )
    if system.outcome == "failure" and why:
        return f"{name}: {why.title} {why.advice}"
    if system.outcome == "failure":
        return str(
            _("%(system)s has not got it. Choose a new password once more: it goes to all of them.", system=name)
        )
    return str(
        _(
            "%(system)s has not answered. We look every minute and write to you. Until then, try the new one first.",
            system=name,
        )
    )
