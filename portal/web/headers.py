"""What every answer carries, and where a form may come from."""

from contextlib import suppress
from typing import IO
from urllib.parse import urlsplit

from flask import Flask, Response, abort, request
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.wsgi import LimitedStream

from portal.settings.installation import Settings
from portal.web.languages import COOKIE, OWN_NAMES

POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
YEAR = 31536000
PIECE = 64 * 1024  # bytes
MOST_THROWN_AWAY = 16 * 1024 * 1024  # bytes; who sends more may well be cut off


def prepare(app: Flask, settings: Settings) -> None:
    """Add the headers to every answer and the origin check before every form."""
    own = {urlsplit(settings.base).netloc} | (set() if settings.secure else {settings.listen})

    @app.before_request
    def same_origin() -> None:
        """A form posted from another site is refused even before its token is looked at (Fetch Metadata, RFC 6454)."""
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return
        origin = request.headers.get("Origin")
        foreign = origin not in (None, "null") and urlsplit(origin or "").netloc not in own | {request.host}
        if foreign or request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
            abort(400, description="csrf")

    @app.after_request
    def read_to_the_end(response: Response) -> Response:
        """Left with a body that nobody read, the server would cut the connection, and lose the next form on it."""
        try:
            body: IO[bytes] | LimitedStream = request.stream
        except RequestEntityTooLarge:
            body = LimitedStream(request.environ["wsgi.input"], min(request.content_length or 0, MOST_THROWN_AWAY))
        with suppress(ClientDisconnected):
            while body.read(PIECE):
                pass
        return response

    @app.after_request
    def harden(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers[name] = value
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
        if settings.secure:
            response.headers["Strict-Transport-Security"] = f"max-age={YEAR}; includeSubDomains"
        asked = request.args.get("language")
        if asked in OWN_NAMES:
            response.set_cookie(COOKIE, asked, max_age=YEAR, secure=settings.secure, httponly=True, samesite="Lax")
        return response
