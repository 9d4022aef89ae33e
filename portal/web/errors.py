"""Error pages: whose mistake it is, what was not changed, and where to go on."""

import secrets
from datetime import datetime

import structlog
from flask import Flask, current_app, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError, SecurityError

from connectors.errors import ConnectorError
from portal.unwritable import cannot_write

UNKNOWN_HOST = (
    '<!doctype html><html lang="en"><title>No such address</title>'
    "<main><h1>No such address</h1><p>This is not the address the portal is reached at.</p></main></html>"
)
logger = structlog.get_logger("errors")


class TryLater(HTTPException):
    """Too many tries, or something is down; says when it works again."""

    def __init__(self, code: int, again_at: datetime | None = None) -> None:
        super().__init__()
        self.code = code
        self.again_at = again_at


def prepare(app: Flask) -> None:
    app.register_error_handler(HTTPException, _page)
    app.register_error_handler(ConnectorError, _unreachable)
    app.register_error_handler(Exception, _ours)


def _page(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:
        return error.response
    if isinstance(error, InternalServerError) and error.original_exception:  # raised after the page was made
        return _ours(error.original_exception)
    code = error.code or 500
    if isinstance(error, SecurityError):  # a host that is not ours: there is no address a page of ours could name
        return UNKNOWN_HOST, code
    if code < 400:
        return error
    retry_at = getattr(error, "again_at", None)
    csrf = isinstance(error, CSRFError) or error.description == "csrf"
    body = _render(code, csrf=csrf, retry_at=retry_at)
    headers = {"Retry-After": str(_seconds(retry_at))} if retry_at else {}
    return body, code, headers


def _unreachable(error: ConnectorError) -> ResponseReturnValue:
    logger.warning("connector_failed", error=type(error).__name__, detail=error.detail, path=request.path)
    return _render(503), 503


def _unrecorded(error: BaseException) -> ResponseReturnValue:
    """Nothing is done that cannot be put on record. The page must not need what just failed."""
    logger.error("record_unwritable", error=type(error).__name__, path=request.path)
    session.given_up = True  # type: ignore[attr-defined]
    return _render(503, unrecorded=True), 503


def _ours(error: BaseException) -> ResponseReturnValue:
    if cannot_write(error):
        return _unrecorded(error)
    reference = f"E-{secrets.token_hex(2).upper()}-{secrets.token_hex(1).upper()}"
    # Only the kind of error and where it happened: messages and local values may hold what somebody typed.
    trace = error.__traceback__
    places = []
    while trace:
        places.append(f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}")
        trace = trace.tb_next
    logger.error("page_failed", reference=reference, error=type(error).__name__, places=places[-8:], path=request.path)
    session.given_up = True  # type: ignore[attr-defined]  # to wait for the same database again would take as long
    return _render(500, reference=reference), 500


def _render(
    code: int,
    *,
    csrf: bool = False,
    unrecorded: bool = False,
    retry_at: datetime | None = None,
    reference: str | None = None,
) -> str:
    now = current_app.extensions["parts"].clock()
    back_url = request.path if request.url_rule and "GET" in (request.url_rule.methods or ()) else url_for("home.index")
    return render_template(
        "error.html",
        code=code,
        csrf=csrf,
        unrecorded=unrecorded,
        at=now,
        reference=reference,
        retry_at=retry_at,
        back_url=back_url,
    )


def _seconds(moment: datetime) -> int:
    return max(1, int((moment - current_app.extensions["parts"].clock()).total_seconds()))
