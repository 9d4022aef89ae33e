"""The password was right for accounts in more than one directory: asked after that proof, and never before."""

from datetime import datetime, timedelta

from flask import abort, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField
from wtforms.validators import InputRequired

from portal.sign_in.signing_in import KnownPerson
from portal.views import parts
from portal.views.belonging import label_of
from portal.views.sign_in import changed_at, let_in, views

GOOD_FOR = timedelta(minutes=10)  # how long the proof waits for the answer


class WhichForm(FlaskForm):
    account = RadioField(_l("Account"), validators=[InputRequired(_l("Choose one of them."))])


@views.route("/sign-in/which", methods=["GET", "POST"])
def which() -> ResponseReturnValue:
    proved = session.get("which") or abort(redirect(url_for(".index")))
    if parts().clock() - datetime.fromisoformat(proved["at"]) > GOOD_FOR:
        del session["which"]
        return redirect(url_for(".index"))
    form = WhichForm()
    form.account.choices = [(id_, label_of(id_.partition(":")[0])) for id_ in proved["accounts"]]
    if form.validate_on_submit():
        del session["which"]
        account = parts().accounts.read(form.account.data)
        typed_before = changed_at(account) != proved["changed"][account.id]  # an older password proves nothing now
        if account.state.disabled or account.state.ended or typed_before:
            return redirect(url_for(".index"))
        return let_in(KnownPerson(account, proved["accounts"][account.id]), session.get("next"))
    return render_template("sign_in_which.html", form=form, hints=proved["hints"]), 422 if form.errors else 200
