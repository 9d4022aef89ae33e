"""The least a reset can be over HTTP in Python without leaving out a promise: what the portal is measured beside.

One page of Flask: session and form token, a limit counted, the intent durable before the write, the write, a look
whether it is so, the outcome durable before the answer, a small page. No rules, roles, languages, letters, tickets,
proofs in a tree, other systems or headers. What is left between this and the client in C no portal on these
libraries can win; what lies between this and the portal is the portal's own.
"""

import json
from datetime import UTC, datetime
from hashlib import sha256
from uuid import uuid4

from flask import Flask, abort, current_app, render_template_string, request
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy import JSON, Column, Connection, DateTime, Integer, MetaData, String, Table, insert, select
from sqlalchemy.dialects import sqlite

from connectors.ldap.opener import as_service, look
from connectors.ldap.pool import Pool
from connectors.ldap.servers import Servers
from connectors.ldap.settings import LdapSettings
from portal.database import Database
from portal.settings.file import load
from portal.settings.installation import Settings

COOKIE = "bare"
TABLES = MetaData()
SESSION = Table(
    "bare_session",
    TABLES,
    Column("id", String, primary_key=True),
    Column("dn", String, nullable=False),
    Column("token", String, nullable=False),
    Column("ends", DateTime, nullable=False),
)
_LIMIT = Table("bare_limit", TABLES, Column("key", String, primary_key=True), Column("count", Integer, nullable=False))
_ENTRY = Table(
    "bare_entry",
    TABLES,
    Column("id", Integer, primary_key=True),
    Column("body", JSON, nullable=False),
    Column("leaf", String, nullable=False),
)
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Done</title></head>
<body><main data-result="done"><h1>Your password is changed</h1>
<p>{{ dn }}, read back at {{ at }}. Number {{ attempt }}.</p></main></body></html>"""


def signer(settings: Settings) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.secret_key, salt="bare")


def fingerprint(key: str) -> str:
    return sha256(key.encode()).hexdigest()


def create_app() -> Flask:
    """The page at /reset, and /healthz, with the settings PORTAL_SETTINGS names."""
    made, settings = Flask("bare"), load()
    directory = settings.directories[0]
    assert isinstance(directory, LdapSettings)
    servers = Servers(directory.urls, lambda url: look(directory, url))
    made.extensions["database"] = Database(settings.database)
    made.extensions["signer"] = signer(settings)
    size, wait = directory.pool_size, directory.connect_timeout
    made.extensions["pool"] = Pool(servers, as_service(directory), size=size, wait=wait)
    made.add_url_rule("/reset", view_func=_reset, methods=["POST"])
    made.add_url_rule("/healthz", view_func=lambda: "")
    return made


def _reset() -> str:
    parts, now = current_app.extensions, datetime.now(UTC)
    database: Database = parts["database"]
    with database.read() as db:
        key = fingerprint(request.cookies.get(COOKIE, ""))
        session = db.execute(select(SESSION).where(SESSION.c.id == key, SESSION.c.ends > now)).first()
    try:
        known = session and parts["signer"].loads(request.form["csrf_token"], 3600) == session.token
    except BadData:
        known = False
    if not known or session is None:
        abort(400)
    new, attempt = request.form["new_password"], str(uuid4())
    if len(new) < 8 or new != request.form["new_password_again"]:
        abort(422)
    with database.write() as tx:
        count = sqlite.insert(_LIMIT).values(key=session.dn, count=1)
        tx.execute(count.on_conflict_do_update(index_elements=["key"], set_={"count": _LIMIT.c.count + 1}))
        _note(tx, attempt, "intent", session.dn)
    done = parts["pool"].run(lambda link: link.set_password(new, dn=session.dn)).code == 0
    read = parts["pool"].run(lambda link: link.read(session.dn, ("pwdChangedTime", "pwdReset"))).entries
    with database.write() as tx:
        _note(tx, attempt, "success" if done and read else "failure", session.dn)
    if not done or not read:
        abort(409)
    return render_template_string(_PAGE, dn=session.dn, at=now, attempt=attempt)


def _note(tx: Connection, attempt: str, what: str, dn: str) -> None:
    body = {"attempt": attempt, "what": what, "who": dn, "at": datetime.now(UTC).isoformat(), "source": "127.0.0.1"}
    tx.execute(insert(_ENTRY), {"body": body, "leaf": sha256(json.dumps(body).encode()).hexdigest()})
