"""Sign in with an identity provider: there and back again, and what its answer comes to here."""

from dataclasses import replace
from typing import Any

import structlog
from flask import abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user, login_required

from audit.event import ANONYMOUS, Event
from connectors.account import Account
from connectors.errors import AccountAmbiguous, AccountNotFound, ConnectorError, Unavailable
from connectors.oidc import Provider
from connectors.oidc.results import Fault, Identity, Refusal
from portal.explaining.explain import explain
from portal.identity import Principal
from portal.providers.links import Link
from portal.providers.questions import Purpose, Question
from portal.results import Done
from portal.routing import within
from portal.sign_in.walks import Proof
from portal.views import me, parts, source
from portal.views.provider_links import link_action, said_by, views
from portal.views.sign_in import current_walk, go_on, needs_fresh_proof
from portal.views.signed_in import BY_PROVIDER, begin_session, is_fresh, own_path
from portal.web.errors import TryLater

MOST_OPEN = 5  # questions of one browser, in as many windows
REASONS = {
    Fault.STATE: "provider_state",
    Fault.ERROR: "provider_error",
    Fault.AUTH_TIME: "provider_assurance",
    Fault.ASSURANCE: "provider_assurance",
    Fault.CLAIM: "provider_claim",
}
logger = structlog.get_logger("providers")


@views.get("/sign-in/<provider>")
def begin(provider: str) -> ResponseReturnValue:
    there = _there(provider)
    if current_user.is_authenticated:
        return redirect(url_for("account.index"))
    return _ask(there, "sign_in", onward=own_path(request.args.get("next")))


@views.get("/sign-in/<provider>/again")
@login_required
def again(provider: str) -> ResponseReturnValue:
    """A fresh proof: the person signs in there anew, for the walk that wants it."""
    there, walk = _there(provider), current_walk()
    if walk.purpose != "step_up" or not there.settings.step_up:
        abort(404)
    return _ask(there, "step_up", account_id=me().account_id, walk_id=walk.id)


@views.get("/sign-in/<provider>/add")
@login_required
def add(provider: str) -> ResponseReturnValue:
    """Somebody signed in links one more sign-in with their account."""
    there = _there(provider)
    if not is_fresh():
        return needs_fresh_proof()
    return _ask(there, "link", account_id=me().account_id)


@views.get("/sign-in/<provider>/callback")
def callback(provider: str) -> ResponseReturnValue:
    """Whatever comes here is a stranger's word until it has passed every check."""
    there = _there(provider)
    if again_at := parts().limits.may_prove(source=source(), account_id="", factor=BY_PROVIDER):
        raise TryLater(429, again_at)
    question = _taken(there)
    if question is None:
        return _refused(there, Refusal(Fault.STATE))
    if any(len(values) > 1 for values in request.args.listvalues()):  # RFC 6749 3.1: nothing comes twice
        return _refused(there, Refusal(Fault.MALFORMED), question)
    try:
        answer = there.answer(request.args.to_dict(), question.asked)
    except Unavailable as error:
        return _down(there, error)
    match answer:
        case Refusal():
            return _refused(there, answer, question)
        case Identity():
            return _arrived(there, question, answer)


def _ask(there: Provider, purpose: Purpose, **more: Any) -> ResponseReturnValue:
    back = parts().settings.base + url_for(".callback", provider=there.settings.name)
    try:
        url, asked = there.ask(back, again=purpose == "step_up", language=str(get_locale() or ""))
    except Unavailable as error:
        return _down(there, error)
    number = parts().providers.questions.keep(Question(purpose=purpose, asked=asked, **more))
    session["asked"] = [*session.get("asked", ()), number][-MOST_OPEN:]
    return redirect(url)


def _taken(there: Provider) -> Question | None:
    state = request.args.get("state", "")
    question = parts().providers.questions.take(state, session.get("asked", []))
    return question if question and question.asked.provider == there.settings.name else None


def _arrived(there: Provider, question: Question, identity: Identity) -> ResponseReturnValue:
    with parts().database.read() as db:
        link = parts().providers.links.find(db, identity.issuer, identity.subject)
    if identity.overage:
        identity = _with_groups(there, identity)
    if question.purpose == "sign_in":
        return _sign_in(there, question, identity, link)
    if not current_user.is_authenticated or me().account_id != question.account_id:
        return _refused(there, Refusal(Fault.STATE), question)
    if question.purpose == "link":
        return _offer_link(there, identity, None)
    return _step_up(there, question, identity, link)


def _with_groups(there: Provider, identity: Identity) -> Identity:
    """With what the directory tells of more groups than a token holds; where nobody can tell, none of them counts."""
    home = there.settings.groups_directory
    try:
        groups = parts().accounts.read(f"{home}:{identity.object_id}").groups if home and identity.object_id else None
    except ConnectorError:
        groups = None
    if groups is None:
        logger.warning("groups_cut", provider=there.settings.name)
        return identity
    return replace(identity, roles=there.settings.roles_by(groups), overage=False)


def _sign_in(there: Provider, question: Question, identity: Identity, link: Link | None) -> ResponseReturnValue:
    try:
        account = parts().accounts.read(link.account_id) if link else _matched(there, identity)
    except AccountNotFound:
        return _not_in(there, question, link.account_id if link else ANONYMOUS, "account_not_found")
    if account is None:
        return _offer_link(there, identity, question.onward)
    if account.state.disabled or account.state.ended:
        return _not_in(there, question, account.id, "disabled" if account.state.disabled else "ended")
    if link:
        with parts().database.write() as tx:
            parts().providers.links.used(tx, link)
    session["by_provider"] = said_by(there, identity) | {"account_id": account.id, "roles": sorted(identity.roles)}
    return go_on(account, _proofs(identity), question.onward, identity.roles)


def _step_up(there: Provider, question: Question, identity: Identity, link: Link | None) -> ResponseReturnValue:
    """Only who is signed in here counts, whoever else may have signed in there."""
    walk = parts().walks.get(question.walk_id, purpose="step_up")
    if walk is None:
        return _refused(there, Refusal(Fault.STATE), question)
    if link is None or link.account_id != question.account_id:
        return _not_in(there, question, question.account_id, "not_your_account")
    with parts().database.write() as tx:
        for proof in _proofs(identity):
            parts().walks.add_proof(tx, walk.id, link.account_id, proof)
        parts().providers.links.used(tx, link)
        parts().log.record(tx, _event(there, "proof", link.account_id), "success")
    said = session.get("provider", {})
    if said.get("issuer") == identity.issuer:  # its session there may have another name from now on
        session["provider"] = said | {"sid": identity.sid, "id_token": identity.id_token}
    proved = parts().walks.get(walk.id)
    return begin_session(proved) if proved else _refused(there, Refusal(Fault.STATE), question)


def _matched(there: Provider, identity: Identity) -> Account | None:
    """The account whose login name the provider shows, where the settings believe it, linked from now on."""
    wanted, home = identity.login, there.settings.match_directory
    if not wanted:
        return None
    try:
        account = parts().accounts.find(within(home, wanted))
    except (AccountNotFound, AccountAmbiguous):
        return None
    if account.protected or account.directory != home or account.login.casefold() != wanted.casefold():
        return None  # found by an address, or too powerful to be had without a password
    owner = Principal(
        account_id=account.id,
        login=account.login,
        name=account.name,
        channels=identity.channels,
        factors=(BY_PROVIDER,),
        proved_at=parts().clock(),
        source=source(),
    )
    return (
        account
        if isinstance(parts().desk.submit(owner, link_action(said_by(there, identity), account.id)), Done)
        else None
    )


def _offer_link(there: Provider, identity: Identity, onward: str | None) -> ResponseReturnValue:
    """Nobody is linked by himself: the account is proved once, then its owner says so."""
    url = url_for(".link", provider=there.settings.name)
    begun = {"url": url, "at": parts().clock().isoformat(), "onward": onward}
    session["linking"] = said_by(there, identity) | begun
    return redirect(url)


def _proofs(identity: Identity) -> tuple[Proof, ...]:
    """One for each channel the provider shows, so that they count like the portal's own."""
    shared = {"factor": BY_PROVIDER, "factor_id": f"{identity.issuer} {identity.subject}", "at": parts().clock()}
    return tuple(Proof(channel=channel, **shared) for channel in sorted(identity.channels))  # type: ignore[arg-type]


def _refused(there: Provider, refusal: Refusal, question: Question | None = None) -> ResponseReturnValue:
    """Nothing that was said is believed; it counts like a wrong password, but for a person who gave up there."""
    if refusal.fault is not Fault.ERROR:
        parts().limits.wrong_proof(source=source(), names=(), factor=BY_PROVIDER)
    whose = question.account_id if question and question.account_id else ANONYMOUS
    logger.warning("sign_in_refused", provider=there.settings.name, fault=refusal.fault, detail=refusal.detail)
    reason = REASONS.get(refusal.fault, "provider_answer")
    return _not_in(there, question, whose, reason, {"fault": refusal.fault, "detail": refusal.detail})


def _not_in(
    there: Provider, question: Question | None, whose: str, reason: str, more: dict[str, str] | None = None
) -> ResponseReturnValue:
    kind = "proof" if question and question.purpose == "step_up" else "login"
    with parts().database.write() as tx:
        parts().log.record(tx, _event(there, kind, whose, more), "failure", reason)
    return _page(there, reason, 403)


def _down(there: Provider, error: Unavailable) -> ResponseReturnValue:
    logger.warning("provider_down", provider=there.settings.name, detail=error.detail)
    return _page(there, "provider_down", 503)


def _page(there: Provider, reason: str, status: int) -> ResponseReturnValue:
    """What was wrong, and every way on."""
    words, name = explain(reason), there.settings.name
    inside = bool(current_user.is_authenticated)
    return render_template(
        "sign_in_failed.html",
        title=_("Not signed in with %(provider)s", provider=there.settings.title),
        explanation=[str(words.title), str(words.advice)],
        retry_url=url_for("sign_in.fresh") if inside else url_for(".begin", provider=name),
        password_url=None if inside else url_for("sign_in.index"),
        onward=(_("Back to my account"), url_for("account.index"))
        if inside
        else (_("I cannot get in"), url_for("recover.identify")),
    ), status


def _event(there: Provider, kind: str, whose: str, more: dict[str, str] | None = None) -> Event:
    return Event(
        kind=kind,
        actor=whose,
        target=None if whose == ANONYMOUS else whose,
        source=source(),
        factors=(BY_PROVIDER,),
        object=there.settings.name,
        disclose={name: value for name, value in (more or {}).items() if value},
    )


def _there(name: str) -> Provider:
    return parts().providers.get(name) or abort(404)
