"""One account of each kind a stranger must not be able to tell apart."""

import secrets
from collections.abc import Callable, Mapping

from tests.servers.deployment import Deployment
from tests.servers.people import State

ORDINARY = "ordinary"


def _with(state: State = State.ORDINARY, **attributes: str) -> Callable[[Deployment], str]:
    def login(made: Deployment) -> str:
        return made.person(state=state, **attributes).login

    return login


MAKERS: Mapping[str, Callable[[Deployment], str]] = {
    ORDINARY: _with(),
    "unknown": lambda made: f"x{secrets.token_hex(6)}",  # as long as those that exist
    "locked": _with(State.LOCKED),
    "disabled": _with(State.DISABLED),
    "ended": _with(State.ENDED),
    "expired": _with(State.EXPIRED),
    "mail-less": _with(mail="", mailAlternateAddress=""),
    "without factors": lambda made: made.directory.person(),
}


def one_of_each(made: Deployment) -> dict[str, str]:
    """Class -> a login that nobody has used before."""
    return {name: make(made) for name, make in MAKERS.items()}
