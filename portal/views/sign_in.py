"""Sign in, prove more where it is needed, be led through a forced change."""

from collections.abc import Iterable

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user, login_required
from flask_wtf import FlaskForm

from connectors.account import Account
from portal.actions.change_password import ChangePassword
from portal.identity import Principal, roles_of
from portal.results import Done
from portal.sign_in.signing_in import DirectoryDown, KnownPerson, NotSignedIn, SeveralPersons, SlowDown
from portal.sign_in.walks import Proof, Walk
from portal.views import me, parts, source
from portal.views.answers import result_page, too_early
from portal.views.belonging import ask_directory, claim_of, directory_field
from portal.views.new_password import Choosing
from portal.views.proving import CHOICES, HINTS, ChooseForm, factor_page, proved
from portal.views.signed_in import begin_session, own_path
from portal.web.errors import TryLater
from portal.web.forms import current_password, login_name, new_password, new_password_again

views = Blueprint("sign_in", __name__)


class SignInForm(FlaskForm):
    login = login_name()
    directory = directory_field()
    password = current_password()


class ExpiredForm(FlaskForm):
    password = current_password(_l("The password you have now"))
    new_password = new_password()
    new_password_again = new_password_again()


@views.route("/sign-in", methods=["GET", "POST"])
def index() -> ResponseReturnValue:
    if current_user.is_authenticated and request.method == "GET":
        return redirect(url_for("account.index"))
    form = SignInForm()
    ask_directory(form)
    if form.validate_on_submit():
        match parts().sign_in.try_password(claim_of(form), form.password.data, source=source()):
            case KnownPerson() as person:
                return let_in(person, own_path(request.args.get("next")))
            case SeveralPersons(persons=persons):
                return _ask_which(persons, own_path(request.args.get("next")))
            case SlowDown(again_at=again_at):
                raise TryLater(429, again_at)
            case DirectoryDown():
                raise TryLater(503)
            case NotSignedIn():
                form.password.errors = [
                    *form.password.errors,
                    _("We could not sign you in with that. Check both, or press “I cannot get in”."),
                ]
    status = 422 if form.errors else 200
    linking = session.get("linking")
    return render_template(
        "sign_in.html",
        form=form,
        linking=linking if linking and own_path(request.args.get("next")) == linking["url"] else None,
        providers=_other_ways(own_path(request.args.get("next"))),
        forgot_url=url_for("recover.identify"),
    ), status


@views.route("/sign-in/expired", methods=["GET", "POST"])
def expired() -> ResponseReturnValue:
    """The password was right but must be changed first. The old one is asked for again: it was never kept."""
    account = parts().accounts.read(session.get("must_change") or abort(redirect(url_for(".index"))))
    choosing = Choosing(account)
    if choosing.possible_from:
        return too_early(choosing)
    form = ExpiredForm()
    if choosing.submitted(form) and choosing.accepts(form):
        new = form.new_password.data
        action = ChangePassword(account_id=account.id, password=form.password.data, new_password=new)
        result = parts().desk.submit(_by_password(account), action, account)
        if isinstance(result, Done):
            del session["must_change"]
            renewed = parts().sign_in.renewed(result.account or account, new)
            return _password_proved(renewed, session.pop("next", None))
        if not choosing.mendable(form, result):
            return result_page(result, account, retry_url=url_for(".expired"))
    cause = "must_change" if account.state.must_change else "expired"
    return render_template(
        "sign_in_expired.html", form=form, login=account.login, cause=cause, **choosing.context()
    ), 422 if form.errors else 200


@views.route("/sign-in/prove", methods=["GET", "POST"])
def choose() -> ResponseReturnValue:
    """Which of one's own ways? For a role that needs a second factor, or a fresh proof before something sensitive."""
    walk = current_walk()
    offered = _offered(walk)
    form = ChooseForm()
    form.factor.choices = [(name, CHOICES.get(name, _l("My password"))) for name in offered]
    if not form.is_submitted():
        form.factor.data = _first(walk, offered)
    if form.validate_on_submit():
        parts().prover.begin(walk, form.factor.data)
        return redirect(url_for(".prove", factor=form.factor.data))
    why = (
        _("Your role lets you do more than others, so a password alone is not enough.")
        if walk.purpose == "sign_in"
        else _("What you want to do is sensitive, so we ask once more.")
    )
    none_url = url_for("recover.identify") if walk.purpose == "sign_in" else None
    return render_template(
        "sign_in_prove.html",
        form=form,
        hints=HINTS | {"password": _("The one you sign in with now.")},
        why=why,
        elsewhere=_fresh_elsewhere(walk),
        none_url=none_url,
    ), (422 if form.errors else 200)


@views.route("/sign-in/prove/<factor>", methods=["GET", "POST"])
def prove(factor: str) -> ResponseReturnValue:
    walk = current_walk()
    if factor not in _offered(walk):
        return redirect(url_for(".choose"))
    form = parts().factors[factor].Form()
    if form.validate_on_submit() and (further := proved(walk, factor, form)):
        return begin_session(further)
    return factor_page(walk, factor, form), 422 if form.errors else 200


@views.post("/sign-in/prove/<factor>/again")
def again(factor: str) -> ResponseReturnValue:
    walk = current_walk()
    if factor in _offered(walk):
        parts().prover.begin(walk, factor)
    return redirect(url_for(".prove", factor=factor))


@views.get("/prove-again")
@login_required
def fresh() -> ResponseReturnValue:
    """Begin a fresh proof, then come back to where it was needed."""
    principal = me()
    walk = parts().walks.start("step_up", principal.login, account_id=principal.account_id)
    session["walk"], session["next"] = walk.id, own_path(request.args.get("next"))
    return redirect(url_for(".choose"))


def needs_fresh_proof() -> ResponseReturnValue:
    """Where to send somebody whose proof is too old for what they want."""
    return redirect(url_for("sign_in.fresh", next=request.path))


def let_in(person: KnownPerson, onward: str | None) -> ResponseReturnValue:
    """The password was right: in, or first to its change."""
    if not person.must_change:
        return _password_proved(person.account, onward)
    session["must_change"], session["next"] = person.account.id, onward
    return redirect(url_for("sign_in.expired"))


def _ask_which(persons: tuple[KnownPerson, ...], onward: str | None) -> ResponseReturnValue:
    session["which"] = {
        "at": parts().clock().isoformat(),
        "accounts": {person.account.id: person.must_change for person in persons},
        "changed": {person.account.id: changed_at(person.account) for person in persons},
        "hints": {person.account.id: person.account.name for person in persons},
    }
    session["next"] = onward
    return redirect(url_for("sign_in.which"))


def changed_at(account: Account) -> str:
    """When the password was last changed, by the directory's own clock, as a session can keep it."""
    return account.state.facts()["password_changed_at"]


def _password_proved(account: Account, onward: str | None) -> ResponseReturnValue:
    proof = Proof(factor="password", factor_id=f"password:{account.id}", channel="memory", at=parts().clock())
    return go_on(account, (proof,), onward)


def go_on(
    account: Account, proofs: tuple[Proof, ...], onward: str | None, claimed: Iterable[str] = ()
) -> ResponseReturnValue:
    """In, by what has been proved at once; roles that need another channel, claimed ones too, ask for it first."""
    settings = parts().settings
    session["next"] = onward
    privileged = roles_of(account, settings.roles, claimed) & set(settings.sign_in.second_factor_roles)
    if privileged and len({proof.channel for proof in proofs}) < 2:
        walk = parts().walks.start("sign_in", account.login, account_id=account.id, proofs=proofs)
        session["walk"] = walk.id
        return redirect(url_for("sign_in.choose"))
    return begin_session(parts().walks.in_one_step("sign_in", account.login, account.id, proofs), account)


def _other_ways(onward: str | None) -> list[tuple[str, str, str]]:
    """The identity providers, on the page where people sign in."""
    hint = _("You go there, and come back signed in")
    return [
        (one.settings.title, hint, url_for("providers.begin", provider=name, next=onward))
        for name, one in parts().providers.by_name.items()
    ]


def _by_password(account: Account) -> Principal:
    return Principal(
        account_id=account.id,
        login=account.login,
        name=account.name,
        channels=frozenset({"memory"}),
        factors=("password",),
        proved_at=parts().clock(),
        source=source(),
    )


def current_walk() -> Walk:
    walk = parts().walks.get(session.get("walk", ""))
    if walk is None or walk.purpose not in ("sign_in", "step_up"):
        abort(redirect(url_for("sign_in.index")))
    if walk.purpose == "step_up" and not (current_user.is_authenticated and me().account_id == walk.account_id):
        abort(redirect(url_for("sign_in.index")))
    return walk


def _offered(walk: Walk) -> list[str]:
    """One's own list: for a second factor other channels than the password's; for a fresh proof the password too."""
    names = [n for n in parts().settings.recovery.factors if parts().factors[n].channel not in walk.channels]
    return [*names, "password"] if walk.purpose == "step_up" else names


def _fresh_elsewhere(walk: Walk) -> list[tuple[str, str, str]]:
    """Providers that open this very account, for a fresh proof: a link leads there, for a form may not."""
    if walk.purpose != "step_up":
        return []
    with parts().database.read() as db:
        linked = {link.issuer for link in parts().providers.links.of(db, walk.account_id or "")}
    hint = _("You sign in there once more, and come back")
    return [
        (one.settings.title, hint, url_for("providers.again", provider=name))
        for name, one in parts().providers.by_name.items()
        if one.settings.issuer in linked and one.settings.step_up
    ]


def _first(walk: Walk, offered: list[str]) -> str:
    """What the person most likely has: an enrolled factor before a mail."""
    with parts().database.read() as db:
        kinds = [f.kind for f in parts().own_factors.of(db, walk.account_id or "") if f.on]
    return next((n for n in ("totp", "recovery_code") if n in kinds and n in offered), offered[0])
