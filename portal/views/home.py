"""The start: what do you need?"""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.actions.extend_account import ExtendAccount
from portal.identity import AUDITS
from portal.views import me, parts

views = Blueprint("home", __name__)


@views.get("/")
def index() -> ResponseReturnValue:
    ask_url = url_for("asking.ask", name="anything-else")
    extend_url = url_for("asking.ask", name="extend-account") if parts().desk.offers(ExtendAccount) else None
    mailbox_url = url_for("mailbox.index") if parts().settings.mailboxes else None
    audits = current_user.is_authenticated and me().roles >= AUDITS
    return render_template(
        "home.html",
        mailbox_url=mailbox_url,
        ask_url=ask_url,
        extend_url=extend_url,
        log_url=url_for("log.index") if audits else None,
        works=None,
        checked_at=None,
    )
