"""More time for an account: before anything is sent the page shows both ends, what they count from, and who decides."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from flask_wtf import FlaskForm

from connectors.account import Account
from portal.actions.extend_account import ExtendAccount, Form
from portal.explaining.explain import Next, explain
from portal.extending.extension import Choice, NotNow, Offer, offer
from portal.policy import stages_of
from portal.views import me, parts
from portal.views.asking import context_of, submit, views
from portal.web.pages import day, in_language

OTHER = "other"


@views.route("/extend-account", methods=["GET", "POST"])
def extend() -> ResponseReturnValue:
    if not parts().desk.offers(ExtendAccount):
        abort(404)
    if not current_user.is_authenticated:
        return redirect(url_for("sign_in.index", next=request.path))
    account = parts().accounts.read(me().account_id)
    found = offer(account, parts().settings.extension_rules, parts().today())
    if isinstance(found, NotNow):
        return _not_now(found, account)
    form = dates_form(found)
    if form.validate_on_submit() and (answer := submit(ExtendAccount, form, account)):
        return answer
    context = context_of(ExtendAccount.name, account) | what_follows(account, found)
    return render_template(ExtendAccount.template, form=form, **context), 422 if form.errors else 200


def offered_to(account: Account) -> Offer | None:
    """The dates somebody may ask for now; None where there is nothing to ask for on a page of ours."""
    if not parts().desk.offers(ExtendAccount):
        return None
    found = offer(account, parts().settings.extension_rules, parts().today())
    return found if isinstance(found, Offer) else None


def dates_form(found: Offer) -> FlaskForm:
    """The form with the dates this person may choose from. A date typed on its own is as good as one of the list."""

    class Dates(Form):
        def validate(self, extra_validators: Any = None) -> bool:
            if self.choice.data is None and self.until.data:
                self.choice.data = OTHER
            valid = super().validate(extra_validators)
            if self.choice.errors:
                return False
            if self.choice.data != OTHER:
                self.until.data = date.fromisoformat(self.choice.data)
            elif self.until.data is None:
                self.until.errors = [_("Choose a date.")]
                return False
            if not found.earliest <= self.until.data <= found.latest:
                self.until.errors = [_("Choose a date from %(first)s to %(last)s.", **_limits(found))]
                return False
            return valid

    form = Dates()
    form.choice.choices = [(c.until.isoformat(), _title(c)) for c in found.choices] + [(OTHER, _("Another date"))]
    form.until.render_kw = {"min": found.earliest.isoformat(), "max": found.latest.isoformat()}
    form.until.description = _("From %(first)s to %(last)s.", **_limits(found))
    return form


def what_follows(account: Account, found: Offer) -> dict[str, Any]:
    """What the page says around the form."""
    stages = stages_of(parts().settings.rules[ExtendAccount.name], account)
    shown = parts().sponsors.stages(stages, account)
    return {
        "offer": found,
        "hints": {c.until.isoformat(): _more(c, found) for c in found.choices},
        "rule": _rule(found),
        "deciders": list(zip(_names(shown, account), parts().due.decisions(shown, parts().clock()), strict=True)),
        "submit": _("Send the request") if shown else _("Extend my account"),
    }


def _names(stages: Sequence[Mapping[str, Any]], account: Account) -> Iterator[str]:
    """Who decides in turn; with whoever does so for somebody who is away."""
    for stage in stages:
        with parts().database.read() as db:
            away = parts().absences.now(db, stage["ids"])
        names = dict(zip(stage["ids"], stage["names"], strict=True))
        for one, gone in away.items():
            if gone.substitute_id != account.id:
                names[one] = _("%(substitute)s for %(name)s", substitute=gone.substitute, name=names[one])
        yield ", ".join(names.values()) or _("The service desk")


def _not_now(found: NotNow, account: Account) -> ResponseReturnValue:
    """Nothing can be asked for today: why, and from when on. What only people can do is still a ticket away."""
    words = explain(found.reason)
    return render_template(
        "actions/not_now.html",
        title=str(words.title).rstrip("."),
        advice=words.advice,
        opens_on=found.opens_on,
        ends_on=account.state.ends_on,
        ask_url=url_for(".ask", name="anything-else") if words.next is Next.TICKET else None,
    )


def _title(choice: Choice) -> str:
    return f"{in_language(choice.name)}: {day(choice.until)}" if choice.name else day(choice.until)


def _more(choice: Choice, found: Offer) -> str:
    more = str(ngettext("%(num)d day more", "%(num)d days more", choice.days))
    return _("%(more)s, the longest there is", more=more) if choice.until == found.latest else more


def _rule(found: Offer) -> str:
    """The limits in one or two sentences, with the day they are counted from."""
    step = ngettext(
        "At most %(num)d day at a time, counted from %(start)s.",
        "At most %(num)d days at a time, counted from %(start)s.",
        found.step_days,
        start=day(found.counted_from),
    )
    if found.total_until is None:
        return str(step)
    total = _("All extensions together reach no further than %(last)s.", last=day(found.total_until))
    return f"{step} {total}"


def _limits(found: Offer) -> dict[str, str]:
    return {"first": day(found.earliest), "last": day(found.latest)}
