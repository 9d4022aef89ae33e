"""Copies of tickets that are stuck, for those who run the portal."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.tickets.copies import State
from portal.tickets.copy_words import system_name, trouble
from portal.tickets.ticket import LAST_NUMBER
from portal.views import parts
from portal.views.guards import for_operators

views = Blueprint("copies", __name__, url_prefix="/desk/copies")
PAGE = 50
LAST_PAGE = 100_000
P = ParamSpec("P")


def for_operators_of_copies(page: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Only where there is another system at all."""

    @for_operators
    @wraps(page)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if not parts().copies.system:
            abort(404)
        return page(*args, **kwargs)

    return guarded


@views.get("")
@for_operators_of_copies
def index() -> ResponseReturnValue:
    page = min(max(0, request.args.get("page", 0, type=int) or 0), LAST_PAGE)
    copies = parts().copies
    with parts().database.read() as db:
        counts = copies.counts(db)
        found = copies.in_trouble(db, limit=PAGE + 1, offset=page * PAGE)
    return render_template(
        "tickets/copies.html",
        system=system_name(parts().settings),
        current=counts[State.CURRENT],
        waiting=counts[State.WAITING],
        stuck=counts[State.STUCK],
        copies=[
            (copy, trouble(copy), url_for("desk.ticket", number=copy.ticket), url_for(".retry", number=copy.ticket))
            for copy in found[:PAGE]
        ],
        newer_url=url_for(".index", page=page - 1) if page else None,
        older_url=url_for(".index", page=page + 1) if len(found) > PAGE else None,
    )


@views.post("/<int:number>/retry")
@for_operators_of_copies
def retry(number: int) -> ResponseReturnValue:
    if number > LAST_NUMBER:
        abort(404)
    with parts().database.write() as tx:
        parts().copies.retry(tx, number)
    return redirect(url_for(".index"))


@views.post("/retry")
@for_operators_of_copies
def retry_all() -> ResponseReturnValue:
    """Try all that were given up."""
    with parts().database.write() as tx:
        parts().copies.retry_all(tx)
    return redirect(url_for(".index"))
