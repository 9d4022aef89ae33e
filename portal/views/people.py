"""Whose account ends soon: a list for those who extend accounts, on a page and as a file."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, Response, abort, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from connectors.account import Account
from connectors.capabilities import ListsAccounts
from connectors.errors import ConnectorError
from portal.views import parts
from portal.views.belonging import label_of
from portal.views.guards import for_staff
from portal.views.seen import list_seen
from portal.web.csv_lines import BEGIN, csv_line

views = Blueprint("people", __name__, url_prefix="/desk/people")
SPANS = (7, 14, 30, 90)  # days ahead
MOST = 200  # lines on the page; the file has them all


@dataclass
class Listed:
    """What one look at all directories found."""

    soonest: list[Account]
    count: int = 0
    silent: tuple[str, ...] = ()  # directories that could not be asked, or not to the end


@views.get("")
@for_staff
def index() -> ResponseReturnValue:
    days = _days()
    listed = _look(*_span(days))
    list_seen(f"ends within {days} days")
    return render_template(
        "desk/people.html",
        days=days,
        views=[(ngettext("%(num)d day", "%(num)d days", n), url_for(".index", days=n), n == days) for n in SPANS],
        people=listed.soonest,
        count=listed.count,
        most=MOST,
        silent=[label_of(name) for name in listed.silent],
        file_url=url_for(".ending", days=days),
    )


@views.get("/ending.csv")
@for_staff
def ending() -> ResponseReturnValue:
    """Everybody, written as the directories tell: the list is never held as a whole, however long it is.

    A directory that fails on the way breaks the file off, so that the browser calls the download failed.
    """
    days = _days()
    list_seen(f"ends within {days} days")
    first, last = _span(days)
    name = f"accounts-ending-{first.isoformat()}-{last.isoformat()}.csv"
    return Response(
        stream_with_context(_lines(first, last)),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _look(first: date, last: date) -> Listed:
    silent: list[str] = []
    counted = 0

    def everybody() -> Iterator[Account]:
        nonlocal counted
        for name, directory in parts().connectors.all_able_to(ListsAccounts):
            try:
                for account in directory.ending(first, last):
                    counted += 1
                    yield account
            except ConnectorError:
                silent.append(name)

    soonest = heapq.nsmallest(MOST, everybody(), key=lambda account: (account.state.ends_on, account.name))
    return Listed(soonest, counted, tuple(silent))


def _lines(first: date, last: date) -> Iterator[str]:
    yield BEGIN + csv_line((_("Last day"), _("Name"), _("User name"), _("Mail"), _("Unit"), _("Kind"), _("Directory")))
    for name, directory in parts().connectors.all_able_to(ListsAccounts):
        for one in directory.ending(first, last):
            yield csv_line((one.state.ends_on, one.name, one.login, one.mail or "", one.unit, one.kind, name))


def _days() -> int:
    days = request.args.get("days", 14, type=int)
    if days not in SPANS:
        abort(404)
    return int(days)


def _span(days: int) -> tuple[date, date]:
    today = parts().today()
    return today, today + timedelta(days=days)
