"""The start: what do you need?"""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

views = Blueprint("home", __name__)


@views.get("/")
def index() -> ResponseReturnValue:
    ask_url = url_for("asking.ask", name="anything-else")
    return render_template("home.html", ask_url=ask_url, works=None, checked_at=None)
