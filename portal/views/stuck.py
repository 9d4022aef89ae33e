"""The way back in does not lead in: what was wished is kept as one ticket, whoever it is."""

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from connectors.errors import Outage
from portal.explaining.explain import CATALOGUE, Next, explain
from portal.identity import Principal
from portal.sign_in.walks import Walk
from portal.tickets.ticket import Wish
from portal.views import parts, source
from portal.views.recover import STEPS, present_walk, proved_enough, status_of, views
from portal.views.recover_forms import StuckForm
from portal.web.errors import TryLater
from portal.web.languages import choose_language


@views.post("/keep")
def keep() -> ResponseReturnValue:
    """It does not work now: keep the wish as a ticket, with the cause."""
    walk = present_walk()
    if wait := parts().limits.stranger_ticket(source=source()):
        raise TryLater(429, wait)
    steps = _proved_so_far(walk)
    why = request.args.get("why", "")
    keeps = why in CATALOGUE and explain(why).next is not Next.FIX
    return _ticket(walk, why if keeps else Outage.DOWN, "", steps)


@views.route("/stuck", methods=["GET", "POST"])
def stuck() -> ResponseReturnValue:
    """No proof left: people take over."""
    walk = present_walk()
    form = StuckForm()
    if form.validate_on_submit():
        if wait := parts().limits.stranger_ticket(source=source()):
            raise TryLater(429, wait)
        steps = _proved_so_far(walk)
        return _ticket(walk, "no_factor_left", form.text.data, steps)
    return render_template(
        "recover/stuck.html", form=form, back_url=url_for(".choose"), step=2, steps=STEPS
    ), status_of(form)


def _ticket(walk: Walk, reason: str, text: str, steps: list[str]) -> ResponseReturnValue:
    proved = proved_enough(walk)
    wish = Wish(
        requester_id=walk.account_id if proved else None,
        claim=walk.claim,
        action="recover",
        reason=reason,
        text=text,
        steps=steps,
        language=choose_language(),
        key=f"{walk.claim_digest}/recover/{reason}",
    )
    # The record names nobody whom nothing has proved: only what was claimed, as its keyed fingerprint.
    actor = Principal(
        account_id=walk.account_id or f"unknown:{walk.claim_digest}",
        login="",
        name="",
        session=walk.id,
        source=source(),
    )
    with parts().database.write() as tx:
        number = parts().counter.open(tx, wish, actor=actor)
    parts().walks.close(walk.id)
    session.pop("walk", None)
    return redirect(parts().links.ticket_path(number))


def _proved_so_far(walk: Walk) -> list[str]:
    """For the ticket: what has been proved, as people call it."""
    return [f"proved:{p.factor}" for p in walk.proofs]
