"""/log/<index>: one entry in plain words, with all that belongs to it and the proof that it stands in the log."""

import json
from typing import Any

from flask import Response, abort, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import Connection
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from audit import export, search
from audit.body import index_row
from audit.reading import Entry, NoSuchEntry, read
from audit.remarks import Remark
from portal.auditors import alert_views  # noqa: F401 - a third file of the same blueprint
from portal.auditors.details import changes_of, facts_of
from portal.auditors.sentences import LogLine, Wording, result_of, state_of
from portal.auditors.views import address, views
from portal.tickets.note_words import note_line
from portal.tickets.words import STATES as TICKET_STATES
from portal.views import me, parts
from portal.views.guards import for_auditors
from portal.web.pages import day_and_time

MOST_OF_A_TICKET = 50
TOO_LONG = Length(max=2000, message=_l("That is longer than 2000 characters."))


class ReviewForm(FlaskForm):
    note = TextAreaField(_l("What you found"), [TOO_LONG], description=_l("May stay empty."), render_kw={"rows": 2})


class QuestionForm(FlaskForm):
    question = TextAreaField(
        _l("Your question"),
        [InputRequired(_l("Write your question first.")), TOO_LONG],
        description=_l("It becomes a ticket for the service desk. The answer comes here."),
        render_kw={"rows": 3},
    )


@views.get("/<int:index>")
@for_auditors
def entry(index: int) -> ResponseReturnValue:
    return _page(index)


@views.post("/<int:index>/reviewed")
@for_auditors
def reviewed(index: int) -> ResponseReturnValue:
    form = ReviewForm()
    with parts().database.read() as db:
        _get(db, index)
    if not form.validate_on_submit():
        return _page(index, review_form=form)
    parts().auditing.review.reviewed(me(), index, (form.note.data or "").strip())
    return redirect(url_for(".entry", index=index))


@views.post("/<int:index>/question")
@for_auditors
def question(index: int) -> ResponseReturnValue:
    form = QuestionForm()
    with parts().database.read() as db:
        found = _get(db, index)
    if not form.validate_on_submit():
        return _page(index, question_form=form)
    said = Wording(parts().auditing.names, [found]).sentence(found)
    parts().auditing.review.ask(
        me(),
        index,
        form.question.data.strip(),
        subject=_("An auditor asks about entry %(index)s of the log", index=index),
        entry=f"{day_and_time(found.time)}: {said}",
    )
    return redirect(url_for(".entry", index=index))


@views.get("/<int:index>/entry.json")
@for_auditors
def body(index: int) -> ResponseReturnValue:
    """The entry byte for byte: it is these bytes that are proved."""
    with parts().database.read() as db:
        found = _get(db, index)
        _took_out(db, found)
    return _download(found.body, "application/json", f"entry-{index}.json")


@views.get("/<int:index>/proof")
@for_auditors
def proof(index: int) -> ResponseReturnValue:
    """The proof that it stands in the log, as `python -m audit verify --proof` and other readers take it."""
    with parts().database.read() as db:
        found = _get(db, index)
        try:
            text, _body = export.proof(db, index)
        except export.NotSigned:
            abort(404)
        _took_out(db, found)
    return _download(text.encode(), "text/plain; charset=utf-8", f"entry-{index}.tlog-proof")


def _page(
    index: int, *, review_form: ReviewForm | None = None, question_form: QuestionForm | None = None
) -> ResponseReturnValue:
    parts().auditing.index.catch_up()
    with parts().database.read() as db:
        found = _get(db, index)
        parts().auditing.looks.viewed(session, me(), index, _account(db, found))
        attempt = search.attempt(db, parts().log.keyring, found.event["metadata"]["correlation_uid"])
        ticket = found.event["unmapped"].get("ticket", "")
        of_ticket = _of_ticket(db, ticket)
        beside = [(number, _beside(db, number)) for number in (index - 1, index + 1)]
        proved = _proof(db, index)
    remarks = parts().auditing.review.of([index]).get(index, [])
    shown = [found, *attempt, *of_ticket, *(one for _number, one in beside if one)]
    wording = Wording(parts().auditing.names, shown, [remark.author for remark in remarks])
    return render_template(
        "log/entry.html",
        index=index,
        sentence=wording.sentence(found),
        state=state_of(found),
        result=result_of(found),
        facts=facts_of(found, wording),
        changes=next(filter(None, map(changes_of, (found, *attempt))), []),
        attempt=_trail(attempt, wording, index),
        ticket=ticket,
        ticket_url=address(f"ticket={ticket}"),
        of_ticket=_trail(of_ticket, wording, index),
        proof=proved,
        json=json.dumps(found.event | {"disclosed": found.disclosures}, indent=2, ensure_ascii=False, sort_keys=True),
        beside=[(number, wording.sentence(one) if one else "") for number, one in beside],
        remarks=[_remark(remark, wording) for remark in remarks],
        review_form=review_form or ReviewForm(formdata=None),
        question_form=question_form or QuestionForm(formdata=None),
    ), 422 if review_form or question_form else 200


def _get(db: Connection, index: int) -> Entry:
    """The entry, if there is one and this auditor may see it."""
    if index > 2**62:
        abort(404)
    try:
        found = parts().log.entry(db, index)
    except NoSuchEntry:
        abort(404)
    if not _may_see(found):
        abort(404)
    return found


def _may_see(found: Entry) -> bool:
    units = me().units
    blind = parts().log.keyring.blind
    return units is None or found.event["unmapped"].get("unit") in {blind("unit", unit) for unit in units}


def _account(db: Connection, found: Entry) -> str | None:
    """The account an entry is about, if there is one."""
    subject = index_row(found.event)["subject"]
    return parts().log.account_of(db, subject) if subject else None


def _took_out(db: Connection, found: Entry) -> None:
    parts().auditing.looks.exported(session, me(), found.index, _account(db, found))


def _of_ticket(db: Connection, ticket: str) -> list[Entry]:
    """What else is on record about its ticket, newest first: who asked, who agreed, what came of it."""
    if not ticket:
        return []
    query = search.Query(ticket=ticket, units=me().units)
    keyring = parts().log.keyring
    return read(db, keyring, search.find(db, keyring, query, MOST_OF_A_TICKET).numbers)


def _trail(entries: list[Entry], wording: Wording, here: int) -> list[tuple[LogLine, bool]]:
    """Oldest first, and which of them is the one that is shown."""
    return [(wording.line(one), one.index == here) for one in reversed(entries) if _may_see(one)]


def _beside(db: Connection, index: int) -> Entry | None:
    """The entry before or behind in the chain; None if there is none, or this auditor may not see it."""
    try:
        found = parts().log.entry(db, index)
    except NoSuchEntry:
        return None
    return found if _may_see(found) else None


def _proof(db: Connection, index: int) -> dict[str, Any] | None:
    """The signed size, its root and the path to it; None as long as nothing signed covers the entry."""
    try:
        text, _body = export.proof(db, index)
        signed, note = export.newest(db)
    except export.NotSigned:
        return None
    return {"size": signed.size, "text": text, "note": note.decode(), "origin": signed.origin}


def _remark(remark: Remark, wording: Wording) -> dict[str, Any]:
    """A remark with, for a question, how its ticket stands and what was answered."""
    shown: dict[str, Any] = {"at": remark.time, "who": wording.person(remark.author), "text": remark.text}
    if remark.ticket is None:
        return shown | {"state": ("done", _("Reviewed")), "ticket": None, "answers": []}
    with parts().database.read() as db:
        ticket = parts().tickets.get(db, remark.ticket)
        notes = [
            note
            for note in parts().tickets.notes(db, ticket.number, all_of_them=False)
            if note.kind not in ("opened", "taken")
        ]
    state, words = TICKET_STATES[ticket.status]
    answers = [note_line(note, mine=False) for note in notes]
    return shown | {"state": (state, str(words)), "ticket": ticket.number, "answers": answers}


def _download(content: bytes, kind: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, content_type=kind, headers=headers)
