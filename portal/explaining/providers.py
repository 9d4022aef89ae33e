"""Why a sign-in with an identity provider came to nothing, and what to do then."""

from flask_babel import lazy_gettext as _l

from portal.explaining.explanation import Explanation, Who, fix, later, ticket

PROVIDERS: dict[str, Explanation] = {
    "provider_state": fix(
        _l("This sign-in was begun too long ago, in another window, or is over already."),
        _l("Begin it once more, in this window."),
    ),
    "provider_error": fix(_l("You were not signed in there."), _l("Try it once more, or sign in with your password.")),
    "provider_answer": ticket(
        _l("What came back cannot be trusted, so nobody was signed in."),
        _l("Sign in with your password. If it happens again, tell the service desk."),
        remedy=_l("The entry of the log names what was wrong with the answer. “portal check” looks the provider over."),
    ),
    "provider_assurance": fix(
        _l("The sign-in there was too long ago, or not strong enough."),
        _l("Try it once more, and sign in there anew with your strongest way."),
    ),
    "provider_claim": ticket(
        _l("You are signed in there with an account that does not belong to this organisation."),
        _l("Choose another account there, or sign in with your password."),
        remedy=_l("The provider does not show a claim that the settings ask for; the entry of the log names it."),
    ),
    "provider_down": later(
        _l("It does not answer right now."),
        _l("Sign in with your password, or try it again in a while."),
        when=_l("As soon as it answers again, mostly within minutes"),
        who=Who.PORTAL,
    ),
    "provider_taken": fix(
        _l("That sign-in belongs to an account here already."),
        _l("Look at “Sign-in and proofs”. If it is not there, it belongs to another account."),
    ),
    "provider_logout": fix(
        _l("The message to sign somebody out could not be believed."),
        _l("Nobody was signed out by it. If the provider did send it, “portal check” looks it over."),
    ),
    "provider_gone": fix(_l("That link is no longer there."), _l("Look at the list again: it has changed meanwhile.")),
}
