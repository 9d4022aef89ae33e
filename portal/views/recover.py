"""The way back in: say who you are, prove it, choose a new password. Tells strangers nothing."""

from contextlib import suppress

from flask import Blueprint, abort, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from connectors.account import Account
from connectors.capabilities import SetsPassword
from connectors.errors import ConnectorError, Refusal
from portal.actions.reset_password import ResetPassword
from portal.actions.unlock_account import UnlockAccount
from portal.callers.links import LINKED
from portal.explaining.explain import Next, explain
from portal.explaining.reasons import reason_of
from portal.identity import Principal
from portal.policy import Deny
from portal.results import Denied, Done, Failed, Result
from portal.sign_in.prover import CannotCheck, Proved, TooMany, Wrong
from portal.sign_in.walks import Walk
from portal.views import one_change, parts, source
from portal.views.answers import result_page, too_early
from portal.views.belonging import ask_directory, claim_of
from portal.views.extending import offered_to
from portal.views.new_password import Choosing
from portal.views.proving import CHOICES, HINTS, ChooseForm, factor_page, say_wrong
from portal.views.recover_forms import IdentifyForm, LoginNameForm
from portal.web.errors import TryLater

views = Blueprint("recover", __name__, url_prefix="/recover")
STEPS = 4


@views.route("", methods=["GET", "POST"])
def identify() -> ResponseReturnValue:
    form = IdentifyForm()
    ask_directory(form)
    if not form.validate_on_submit():
        return render_template("recover/identify.html", form=form, step=1, steps=STEPS), status_of(form)
    claim = claim_of(form)
    again = parts().limits.new_walk(source=source(), claim_digest=parts().walks.claim_digest(claim))
    if again:
        raise TryLater(429, again)
    session["walk"] = parts().walks.start("recover", claim).id
    return redirect(url_for(".choose"))


@views.route("/choose", methods=["GET", "POST"])
def choose() -> ResponseReturnValue:
    walk = present_walk()
    if proved_enough(walk):
        return redirect(url_for(".password"))
    offered = _offered(walk)
    if not offered:
        return redirect(url_for(".stuck"))
    form = ChooseForm()
    form.factor.choices = [(name, CHOICES[name]) for name in offered]
    if not form.is_submitted():
        form.factor.data = offered[0]
    if form.validate_on_submit():
        parts().prover.begin(walk, form.factor.data)
        return redirect(url_for(".prove", factor=form.factor.data))
    proved = [str(LINKED.get(p.factor) or parts().factors[p.factor].title) for p in walk.proofs]
    return render_template(
        "recover/choose.html",
        form=form,
        hints=HINTS,
        proved=proved,
        needed=_channels_needed(),
        none_url=url_for(".stuck"),
        step=2,
        steps=STEPS,
    ), status_of(form)


@views.route("/prove/<factor>", methods=["GET", "POST"])
def prove(factor: str) -> ResponseReturnValue:
    walk = present_walk()
    if factor not in _offered(walk):
        return redirect(url_for(".choose"))
    form = parts().factors[factor].Form()
    if form.validate_on_submit():
        resolved = parts().walks.resolved(walk)
        if resolved is None:
            return page_of(walk, Failed(attempt="", reason="directory_down"), None)
        match parts().prover.prove(resolved, factor, form.code.data, source=source()):
            case Proved(walk=further):
                return _onward(further)
            case TooMany(again_at=again_at):
                raise TryLater(429, again_at)
            case CannotCheck():
                return page_of(walk, Failed(attempt="", reason="directory_down"), None)
            case Wrong(tries_left=left):
                say_wrong(form, left)
    return factor_page(walk, factor, form, step=3, steps=STEPS, none_url=url_for(".stuck")), status_of(form)


@views.post("/prove/<factor>/again")
def again(factor: str) -> ResponseReturnValue:
    """Send a new code; it makes the old one useless."""
    walk = present_walk()
    if factor not in _offered(walk):
        return redirect(url_for(".choose"))
    if wait := parts().limits.new_walk(source=source(), claim_digest=walk.claim_digest):
        raise TryLater(429, wait)
    parts().prover.begin(walk, factor)
    return redirect(url_for(".prove", factor=factor))


@views.route("/password", methods=["GET", "POST"])
def password() -> ResponseReturnValue:
    walk = present_walk()
    if not proved_enough(walk):
        return redirect(url_for(".choose"))
    try:
        account = parts().accounts.read(walk.account_id or "")
        choosing = Choosing(account)
    except ConnectorError as error:
        return page_of(walk, Failed(attempt="", reason=reason_of(error)), None)
    if _has_run_out(account):
        return redirect(url_for("more_time.ask"))
    actor = principal_of(walk, account)
    if reason := _only_people(actor, account):  # nobody types one in vain, and looking asks for nothing
        return page_of(walk, Failed(attempt="", reason=reason), account)
    if choosing.possible_from:
        return too_early(choosing, unlock_url=url_for(".unlock"), keep_url=url_for(".keep", why=Refusal.TOO_YOUNG))
    form = ResetPassword.Form()
    if choosing.submitted(form) and choosing.accepts(form):
        result = one_change.reset(walk, actor, account, form.new_password.data)
        if result is None:
            return redirect(url_for(".identify"))
        if not choosing.mendable(form, result):
            return page_of(walk, result, account)
    return render_template(
        "recover/ask.html",
        form=form,
        login=account.login,
        locked=account.state.locked_at is not None,
        unlocks_at=account.state.unlocks_at,
        unlock_url=url_for(".unlock"),
        step=4,
        steps=STEPS,
        **choosing.context(),
    ), status_of(form)


def _onward(walk: Walk) -> ResponseReturnValue:
    """After a proof: the next one, the new password, or people at once where nobody else can help."""
    if not proved_enough(walk):
        return redirect(url_for(".choose"))
    with suppress(ConnectorError):  # the page of the password says it
        account = parts().accounts.read(walk.account_id or "")
        actor = principal_of(walk, account)
        if not _has_run_out(account) and _only_people(actor, account):
            wish = ResetPassword(account_id=account.id, new_password="")
            return page_of(walk, parts().desk.submit(actor, wish, account), account)
    return redirect(url_for(".password"))


def _has_run_out(account: Account) -> bool:
    """Whether all that is wrong with it is its end, and more time can be asked for."""
    state = account.state
    return state.ended and not state.disabled and not account.protected and offered_to(account) is not None


def _only_people(actor: Principal, account: Account) -> str:
    """Why no password can be chosen for this account, as a reason code; empty if one can."""
    wish = ResetPassword(account_id=account.id, new_password="")
    decision = parts().desk.foresee(actor, wish, account)
    if isinstance(decision, Deny) and explain(decision.reason).next is Next.TICKET:
        return decision.reason
    return "" if parts().connectors.able_to(SetsPassword, account) else "no_connector"


@views.post("/unlock")
def unlock() -> ResponseReturnValue:
    """Only take the lock away and keep the password."""
    walk = present_walk()
    if not proved_enough(walk):
        return redirect(url_for(".choose"))
    try:
        account = parts().accounts.read(walk.account_id or "")
    except ConnectorError as error:
        return page_of(walk, Failed(attempt="", reason=reason_of(error)), None)
    result = parts().desk.submit(principal_of(walk, account), UnlockAccount(account_id=account.id))
    return page_of(walk, result, account, changed=False)


@views.route("/login-name", methods=["GET", "POST"])
def login_name() -> ResponseReturnValue:
    form = LoginNameForm()
    if not form.validate_on_submit():
        return render_template("recover/login_name.html", form=form), status_of(form)
    address = form.address.data.strip()
    if wait := parts().limits.new_walk(source=source(), claim_digest=parts().walks.claim_digest(address)):
        raise TryLater(429, wait)
    with parts().database.write() as tx:
        parts().outbox.put(tx, "login_name", {"address": address})
    return render_template("recover/login_name_sent.html")


def present_walk() -> Walk:
    walk = parts().walks.get(session.get("walk", ""), purpose="recover")
    if walk is None:
        session.pop("walk", None)
        abort(redirect(url_for("recover.identify")))
    return walk


def _offered(walk: Walk) -> list[str]:
    """The installation's proofs but those over a channel that already counts: the same for everybody."""
    factors = parts().factors
    return [n for n in parts().settings.recovery.factors if factors[n].channel not in walk.channels]


def proved_enough(walk: Walk) -> bool:
    rule = parts().settings.rules.get(ResetPassword.name)
    return walk.known and rule is not None and len(walk.channels) >= rule.channels


def _channels_needed() -> int:
    rule = parts().settings.rules.get(ResetPassword.name)
    return rule.channels if rule else 1


def principal_of(walk: Walk, account: Account) -> Principal:
    return Principal(
        account_id=account.id,
        login=account.login,
        name=account.name,
        language=str(get_locale()),
        channels=walk.channels,
        factors=tuple(p.factor for p in walk.proofs),
        proved_at=max((p.at for p in walk.proofs), default=None),
        session=walk.id,
        source=source(),
    )


def page_of(walk: Walk, result: Result, account: Account | None, *, changed: bool = True) -> ResponseReturnValue:
    done = isinstance(result, Done)
    # A new password has closed this walk with all others. What the session still says of it leads nowhere.
    if (done and not changed) or isinstance(result, Denied) or result.word == "pending":
        parts().walks.close(walk.id)
    return result_page(
        result,
        account,
        template="recover/done.html" if done else None,
        changed=changed,
        retry_url=url_for("recover.choose"),  # leads to whatever step is due
        keep_url=url_for("recover.keep", why=result.reason),
        proof_until=walk.ends if walk.proofs else None,
        onward=(_("Sign in"), url_for("sign_in.index")),
        steps=STEPS,
    )


def status_of(form: FlaskForm) -> int:
    """422 where what was sent cannot be used as it is, so that a page with mistakes is never taken for a good one."""
    return 422 if form.errors else 200
