"""The page where the demo's mail can be read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask, Response, abort, jsonify, redirect, render_template, request, send_from_directory, url_for

from portal.demo.mail import Mailbag
from portal.demo.postman import Bag, letter
from portal.demo.served import Served
from portal.web import assets

_CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
STRANGER = "visitor@elsewhere.example"  # from whom a mail comes, if nobody says otherwise
MOST_CHARACTERS = 10_000
_BEHIND_A_LINK = ".,;:!?)'\""  # signs that end a sentence, not an address


@dataclass(frozen=True)
class Piece:
    """A stretch of a mail's text; `link` tells that it is an address of the portal."""

    text: str
    link: bool = False


def pieces(text: str, portal: str) -> list[Piece]:
    """Cut a text so that the portal's own addresses, and no others, can be made links.

    `portal` is scheme, host and port. An address on another host that merely begins the same is text.
    """
    out: list[Piece] = []
    position = 0
    for match in re.finditer(re.escape(portal.rstrip("/")) + r"/[^\s<>\"]*", text):
        address = match.group().rstrip(_BEHIND_A_LINK)
        out += [Piece(text[position : match.start()]), Piece(address, link=True)]
        position = match.start() + len(address)
    return [piece for piece in (*out, Piece(text[position:])) if piece.text]


def inbox_app(
    bag: Mailbag, door: Bag, *, portal: str, static: assets.Assets, organisation: str, people: Sequence[str]
) -> Flask:
    """The inbox as a WSGI application: `/` the page, `/messages.json` all messages, oldest first.

    What is written on the page to one of `people` comes in by the `door`, as if a mail server had brought it.
    """
    app = Flask(__name__, template_folder="templates", static_folder=None)
    app.config["TRUSTED_HOSTS"] = ["127.0.0.1", "localhost"]  # keeps other sites' pages from reading it by a DNS trick
    app.json.ensure_ascii = False  # type: ignore[attr-defined]

    @app.get("/")
    def page() -> str:
        everything = bag.all()[::-1]
        wanted = request.args.get("to", "")
        listed = [mail for mail in everything if wanted in ("", mail.recipient)]
        chosen = request.args.get("mail", type=int)
        opened = next((mail for mail in listed if mail.id == chosen), listed[0] if listed else None)
        return render_template(
            "inbox.html",
            recipients=sorted({mail.recipient for mail in everything}),
            wanted=wanted,
            listed=listed,
            opened=opened,
            letter=pieces(opened.text, portal) if opened else [],
            portal=portal,
            organisation=organisation,
            people=people,
            stranger=STRANGER,
            static_url=static.url,
            when=_when,
        )

    @app.get("/messages.json")
    def messages() -> Response:
        return jsonify([mail.as_json() for mail in bag.all()])

    @app.get("/static/<name>")
    def files(name: str) -> Response:
        if name not in static.names.values():
            abort(404)
        return send_from_directory(static.folder, name)

    _let_write(app, door, people)
    app.after_request(_strict)
    return app


def _let_write(app: Flask, door: Bag, people: Sequence[str]) -> None:
    @app.post("/send")
    def send() -> Any:
        given = {
            name: request.form.get(name, "").strip()[:MOST_CHARACTERS] for name in ("from", "to", "subject", "text")
        }
        foreign = request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin"
        if foreign or given["to"] not in people or "@" not in given["from"]:
            abort(400)
        try:
            content = letter(given["from"], given["to"], given["subject"], given["text"])
        except ValueError:
            abort(400)
        door.add(sender=given["from"], recipients=[given["to"]], content=content)
        return redirect(url_for("page"))


def _strict(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = _CSP
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    if not request.path.startswith("/static/"):
        response.headers["Cache-Control"] = "no-store"
    return response


def _when(moment: datetime) -> str:
    """A moment in the zone of this computer, to the second, so that codes can be told apart."""
    local = moment.astimezone()
    return f"{local:%A} {local.day} {local:%B} {local:%H:%M:%S}"


class Inbox(Served):
    """The inbox, served."""

    @property
    def messages_url(self) -> str:
        """The address of the JSON list."""
        return f"{self.url}messages.json"
