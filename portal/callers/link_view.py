"""The link that the service desk had mailed or showed: it leads to the page of a new password, once."""

from flask import Blueprint, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue

from audit.event import Event
from portal.callers.links import Link
from portal.views import parts, source

views = Blueprint("password_link", __name__, url_prefix="/recover/link")


@views.get("/<token>")
def by_link(token: str) -> ResponseReturnValue:
    """Opening it uses nothing up: mail scanners open links too."""
    link = _link(token)
    return render_template("recover/link.html", works=link is not None), 200 if link else 410


@views.post("/<token>")
def follow_link(token: str) -> ResponseReturnValue:
    link = _link(token)
    if link is None or not _use(link):
        return render_template("recover/link.html", works=False), 410
    account = parts().accounts.read(link.account_id)
    proofs = link.proofs(parts().clock())
    walk = parts().walks.start("recover", account.login, account_id=account.id, proofs=proofs)
    session["walk"] = walk.id
    return redirect(url_for("recover.password"))


def _link(token: str) -> Link | None:
    with parts().database.read() as db:
        return parts().password_links.find(db, token)


def _use(link: Link) -> bool:
    """Once; and on record as the proof that it is."""
    with parts().database.write() as tx:
        if not parts().password_links.use(tx, link):
            return False
        proof = link.proofs(parts().clock())[-1]
        event = Event(
            kind="proof", actor=link.account_id, target=link.account_id, source=source(), factors=(proof.factor,)
        )
        parts().log.record(tx, event, "success")
    return True
