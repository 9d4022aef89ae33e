"""The Flask application: parts, pages, headers, languages and errors."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask_babel import Babel
from flask_login import LoginManager
from flask_wtf import CSRFProtect
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from portal.aftercare import rating_views
from portal.aftercare import views as aftercare_views
from portal.assembly import assemble
from portal.auditors import entry_views
from portal.callers import extend_view, link_view, new_view, vouch_view
from portal.evidence import own as own_record
from portal.evidence import views as evidence_views
from portal.parts import Clock, Parts, utc_now
from portal.settings.installation import Settings
from portal.tickets import copy_hook, copy_views, desk_pages
from portal.tickets import views as ticket_views
from portal.views import (
    app_passwords,
    auto_reply,
    away,
    connectors,
    contact,
    extending,
    factors,
    forwarding,
    handover,
    health,
    home,
    kit,
    lists,
    mailbox,
    mailbox_wishes,
    more_time,
    notices,
    person,
    provider,
    review,
    sharing,
    shift_plan,
    shifts,
    sign_out,
    sponsored,
    ssh_keys,
    stop_change,
    strength,
    stuck,
    tiles,
    undo,
    which_account,
)
from portal.views.signed_in import load_principal
from portal.web import assets, errors, headers, pages, texts
from portal.web.languages import choose_language, choose_zone
from portal.web.texts import Templates

ROOT = Path(__file__).parent.parent
MOST_BYTES = 256 * 1024  # of a form; nobody types more
MOST_FIELDS = 100
YEAR = 31536000

PAGES = (
    home,
    stuck,  # brings the way back in with it: one blueprint in two files
    more_time,
    sign_out,
    which_account,  # brings signing in with it
    factors,  # brings the other account pages with it: one blueprint in several files
    provider,  # brings its links with it: one blueprint in three files
    ssh_keys,
    contact,
    mailbox,
    auto_reply,
    kit,
    forwarding,
    mailbox_wishes,
    sharing,
    lists,
    app_passwords,
    stop_change,
    extending,  # brings the other wishes with it: one blueprint in two files
    away,  # brings the decisions with it: one blueprint in two files
    connectors,
    notices,
    shifts,
    handover,
    shift_plan,
    sponsored,
    review,
    strength,
    undo,
    tiles,
    evidence_views,
    own_record,
    health,
    ticket_views,
    desk_pages,
    copy_views,
    copy_hook,
    link_view,
    extend_view,  # brings the check of callers with it
    vouch_view,
    new_view,
    entry_views,  # brings the search with it: one blueprint in three files
    aftercare_views,
    rating_views,
    person,  # brings the list of those whose account ends with it: one blueprint in two files
)


class Portal(Flask):
    """Flask asks of each function in each request whether it is a coroutine: a fortieth of a reset. None here is."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def create_app(settings: Settings, *, clock: Clock = utc_now) -> Flask:
    """Put the portal together. Connects to nothing until somebody asks for something."""
    app = Portal("portal", template_folder=str(ROOT / "templates"), static_folder=None)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=MOST_BYTES,
        MAX_FORM_MEMORY_SIZE=MOST_BYTES,
        MAX_FORM_PARTS=MOST_FIELDS,
        TRUSTED_HOSTS=_trusted_hosts(settings),
        WTF_CSRF_TIME_LIMIT=None,  # it lives as long as the session
        WTF_CSRF_SSL_STRICT=False,  # pages send no referrer on purpose; the origin is checked in `headers`
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "portal" / "translations"),
        BABEL_DEFAULT_LOCALE=settings.languages[0],
        BABEL_DEFAULT_TIMEZONE=settings.time_zone,
    )
    app.jinja_environment = Templates
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    parts = assemble(settings, clock=clock)
    app.extensions["parts"] = parts
    app.session_interface = parts.sessions
    Babel(app, locale_selector=choose_language, timezone_selector=choose_zone)
    csrf = CSRFProtect(app)
    for machines in (copy_hook.views, sign_out.machines):  # each of their requests is signed
        csrf.exempt(machines)
    _login(app, parts)
    texts.prepare(app, settings.state / "pages")
    pages.prepare(app, parts)
    headers.prepare(app, settings)
    errors.prepare(app)
    for module in PAGES:
        app.register_blueprint(module.views)
    app.register_blueprint(sign_out.machines)
    _serve_files(app, settings, parts)
    return app


def _login(app: Flask, parts: Parts) -> None:
    manager = LoginManager(app)
    manager.login_view = "sign_in.index"
    manager.session_protection = None  # our sessions are kept on the server and bound to nothing a phone may change
    manager.user_loader(load_principal)


def _serve_files(app: Flask, settings: Settings, parts: Parts) -> None:
    built = assets.build(settings.state / "assets")
    app.extensions["assets"] = built
    noise = WhiteNoise(app.wsgi_app, max_age=YEAR, immutable_file_test=assets.IMMUTABLE)
    noise.add_files(str(built.folder), prefix="static/")
    wrapped = ProxyFix(noise, x_for=settings.proxies, x_proto=settings.proxies) if settings.proxies else noise
    app.wsgi_app = wrapped  # type: ignore[method-assign]


def _trusted_hosts(settings: Settings) -> list[str]:
    host = urlsplit(settings.public_url).hostname or ""
    return [host, "127.0.0.1", "localhost", "[::1]"] if host in ("localhost", "127.0.0.1", "::1") else [host]
