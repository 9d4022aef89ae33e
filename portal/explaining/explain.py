"""Every reason code in plain words: what is wrong, who must act, and what happens next. No dead end."""

from flask_babel import lazy_gettext as _l

from portal.explaining.directory import OBSTACLES, OUTAGES, PASSWORDS, SIGN_INS, SOON, WORDS_ADVICE
from portal.explaining.explanation import WHO, Explanation, Next, Who, fix, later, ticket
from portal.explaining.mailbox import MAILBOXES
from portal.explaining.providers import PROVIDERS
from portal.explaining.watching import ALERTS

__all__ = ["CATALOGUE", "WHO", "Explanation", "Next", "Who", "explain"]

LOOK_INTO = _l("Somebody has to look into it.")

OWN: dict[str, Explanation] = {
    "blocklisted": fix(_l("That password is on the list of those that are tried first."), WORDS_ADVICE),
    "breached": fix(
        _l("That password has turned up in known leaks, so attackers try it early."),
        _l("Take another one, also where you use this one already."),
    ),
    "account_not_found": ticket(
        _l("We could not find that account in the directory any more."),
        LOOK_INTO,
        remedy=_l("Look for the account by its name: it may have been moved out of reach of the portal, or removed."),
    ),
    "account_ambiguous": ticket(
        _l("More than one account goes by that name, and we do not guess which is yours."),
        LOOK_INTO,
        remedy=_l("Give each account a name and an address of its own."),
    ),
    "no_answer": later(
        _l("We sent the change but got no answer."),
        _l("We check every minute and write to you. Until then, try the new password first and then the old one."),
        when=_l("In a minute or two, as soon as the directory answers"),
        who=Who.PORTAL,
    ),
    "not_recorded": later(
        _l("We cannot make changes right now, because they could not be put on record safely."),
        _l("Nothing was changed, and nothing you have is lost. Looking at things still works. We have been told."),
        when=_l("As soon as the record is kept again, mostly within the hour"),
        who=Who.PORTAL,
    ),
    "not_offered": ticket(
        _l("This is not offered here."), _l("Ask the service desk instead: you get a number and an answer.")
    ),
    "no_connector": ticket(
        _l("The portal cannot do this for your account by itself."), _l("Somebody does it by hand.")
    ),
    "needs_approval": ticket(_l("Somebody has to agree first."), _l("You hear from us either way.")),
    "audit_question": ticket(
        _l("An auditor asks about an entry of the log."), _l("Somebody who knows answers, and the auditor reads it.")
    ),
    "not_your_account": fix(_l("That is not your own account."), _l("Sign in as the person it is for.")),
    "not_sponsor": fix(
        _l("Only whoever answers for the account does this, and nobody for himself."),
        _l("The account itself names who that is. If the wrong person stands there, tell the service desk."),
    ),
    "not_staff": fix(
        _l("Only the service desk does this, and nobody for himself."),
        _l("Ask somebody else at the service desk."),
    ),
    "caller_unproved": fix(
        _l("The caller has not proved enough for that."), _l("Ask for one more proof of the list, or say no.")
    ),
    "caller_check_over": fix(_l("The check of the caller is over."), _l("Begin a new one: they prove it once more.")),
    "caller_second": fix(
        _l("Somebody of tier 2 has to agree first."), _l("Ask a colleague to look at the same page and agree.")
    ),
    "caller_failed": ticket(
        _l("Somebody failed to prove to be this person."),
        _l("Only tier 2 checks again for now. The person can come with a card that has their picture."),
        remedy=_l("Call the person at the number on file: somebody may be trying to take the account over."),
    ),
    "caller_checks_spent": later(
        _l("You have begun as many checks as one coordinator may in a day."),
        _l("Ask a colleague, or your supervisor."),
        when=_l("24 hours after the first of them"),
    ),
    "no_private_address": fix(
        _l("There is no private address on file to mail it to."), _l("Let the person come with a card.")
    ),
    "mailed": ticket(_l("You have written to the service desk."), _l("Somebody reads it and answers.")),
    "called": ticket(_l("You have called the service desk, or come there."), _l("Somebody works on it.")),
    "more_proof": fix(_l("This needs one more proof that it is you."), _l("Prove it one more way, then go on.")),
    "fresh_proof": fix(
        _l("It has been a while since you proved that it is you."), _l("Prove it once more, then go on.")
    ),
    "last_factor": fix(
        _l("That is your last way to prove it is you."),
        _l("Add another one first, so that you do not lock yourself out."),
    ),
    "address_in_progress": later(
        _l("A change of your private addresses is being carried out this very moment."),
        _l("Look again in a few minutes."),
        when=SOON,
        who=Who.PORTAL,
    ),
    "address_not_waiting": fix(
        _l("That change does not wait any more."),
        _l("It is in force, was stopped, or gave way to another one. Your account page shows the addresses you have."),
    ),
    "address_gone": fix(
        _l("That address is no longer on file."), _l("Look at the list again: it has changed meanwhile.")
    ),
    "address_known": fix(_l("You have that address already."), _l("Take another one.")),
    "last_address": fix(
        _l("That is your only private address."),
        _l("Replace it by another one, so that you can still be reached when you cannot sign in."),
    ),
    "too_many_addresses": fix(_l("You have as many private addresses as there may be."), _l("Replace one of them.")),
    "no_factor_left": ticket(
        _l("You have no way left to prove it is you."), _l("Somebody from the service desk does it with you.")
    ),
    "not_me": ticket(
        _l("Somebody may have got into your account."), _l("It is locked until somebody has talked to you.")
    ),
    "locked_after_change": ticket(
        _l("Your account was locked again after you had changed the password: some device still tries the old one."),
        _l("Enter the new password there, then unlock your account with “My account is locked”."),
    ),
    "no_end_date": fix(_l("Your account has no end date."), _l("There is nothing to extend: it stays open.")),
    "extension_not_offered": ticket(
        _l("Accounts of your kind are not extended through this page."), _l("Somebody looks into it.")
    ),
    "extension_too_early": later(
        _l("It is too early to ask for more time."),
        _l("You can ask from the day named below."),
        when=_l("As soon as the end of your account is near enough"),
    ),
    "extension_limit": ticket(
        _l("Your account has been extended as far as the rules allow."),
        _l("Only people can make an exception."),
        who=Who.MANAGER,
    ),
    "extension_too_far": fix(
        _l("That date is outside what the rules allow."), _l("Choose one of the dates that are offered.")
    ),
    "end_changed": fix(
        _l("The end of this account has been changed since it was shown."), _l("Look at the list again.")
    ),
    "refused_by_hook": fix(
        _l("A check of your organisation says no."),
        _l("If you cannot do what it asks for, the service desk can help."),
    ),
    "hook_failed": later(
        _l("A check that your organisation makes before this did not work. Nothing has been changed."),
        _l("Try again in a few minutes."),
        when=SOON,
        who=Who.SERVICE_DESK,
    ),
    "wish": ticket(_l("This is something only people can do."), _l("Somebody reads it and answers.")),
    "review_unanswered": ticket(
        _l("Whoever answers for these accounts has not said in time whether they are still needed."),
        LOOK_INTO,
        remedy=_l("Ask them, or somebody else who knows these people. Let end what nobody needs."),
    ),
    "review_no_sponsor": ticket(
        _l("It cannot be asked whether these accounts are still needed: they name nobody who may answer."),
        LOOK_INTO,
        remedy=_l("Enter in the directory who answers for them."),
    ),
    "review_no_need": ticket(
        _l("Whoever answers for this account says that it is needed no longer, and it has no end."),
        LOOK_INTO,
        remedy=_l("Give the account an end, or switch it off."),
    ),
    "server_behind": ticket(
        _l("A server of the directory still has your old password."),
        _l("Use the new one. Where it is refused, wait until you hear from us."),
        who=Who.DIRECTORY,
        remedy=_l("The server named below does not follow the others: look at its replication."),
    ),
    "old_password_there": ticket(
        _l("Your new password did not reach every system."),
        _l("In the one named here your old password still counts until somebody has helped you."),
        remedy=_l(
            "When that system works again, let the person choose a new password here once more: it goes to all of them."
        ),
    ),
    "no_account_there": fix(
        _l("You have no account in that system."), _l("If you should have one, tell the service desk.")
    ),
    "not_tried_there": fix(
        _l("It was not tried in that system, since it did not work in the first one."),
        _l("There your old password still counts. Choose a new one once more: it goes to all of them."),
    ),
    "settled_unknown": ticket(
        _l("We could not find out whether your change reached the directory."), _l("Somebody looks into it.")
    ),
}

CATALOGUE: dict[str, Explanation] = PASSWORDS | SIGN_INS | OBSTACLES | OUTAGES | MAILBOXES | PROVIDERS | ALERTS | OWN


def explain(reason: str) -> Explanation:
    """What a reason code means; raise KeyError for one that nobody has explained (a test walks them all)."""
    return CATALOGUE[reason]
