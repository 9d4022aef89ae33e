"""HTTP only: what came in goes to the desk, what the desk says becomes a page."""

from flask import current_app, request
from flask_login import current_user

from portal.identity import Principal
from portal.parts import Parts


def parts() -> Parts:
    """The parts of the running application."""
    found: Parts = current_app.extensions["parts"]
    return found


def source() -> str:
    """The network address the request came from."""
    return request.remote_addr or ""


def me() -> Principal:
    """Who is signed in."""
    principal: Principal = current_user._get_current_object()
    return principal
