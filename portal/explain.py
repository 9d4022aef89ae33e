"""Every reason code in plain words: what is wrong, who must act, and what happens next. No dead end."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l

from connectors.errors import Refusal


class Next(StrEnum):
    """The three ways on."""

    FIX = "fix"  # the person can mend it now
    LATER = "later"  # it will work at a named time, or simply another time
    TICKET = "ticket"  # only people can; a ticket is open or offered


@dataclass(frozen=True)
class Explanation:
    """One cause. `title` says what is so, `advice` what to do; both are translated when shown."""

    title: Any
    advice: Any
    next: Next


CATALOGUE: dict[str, Explanation] = {
    Refusal.WRONG_PASSWORD: Explanation(
        _l("The password you have now was not right."),
        _l("Type it again. Forgotten? Choose a new one without it: “I forgot my password”."),
        Next.FIX,
    ),
    Refusal.TOO_SHORT: Explanation(
        _l("That password is too short."), _l("Make it longer: one more word is usually enough."), Next.FIX
    ),
    Refusal.TOO_LONG: Explanation(
        _l("That password is longer than the directory can store."), _l("Leave out a word."), Next.FIX
    ),
    Refusal.TOO_WEAK: Explanation(
        _l("The directory finds that password too easy to guess."),
        _l("Take three or four words that do not belong together."),
        Next.FIX,
    ),
    Refusal.IN_HISTORY: Explanation(_l("You have used this password before."), _l("Choose one that is new."), Next.FIX),
    Refusal.SAME_AS_NOW: Explanation(_l("That is the password you have now."), _l("Choose one that is new."), Next.FIX),
    Refusal.TOO_YOUNG: Explanation(
        _l("Your password was changed only a short while ago, and the directory wants it to be kept for some time."),
        _l("Try again when that time is over."),
        Next.LATER,
    ),
    Refusal.CONTAINS_NAME: Explanation(
        _l("That password contains your name, your user name or your address."),
        _l("Choose one that has nothing to do with you."),
        Next.FIX,
    ),
    Refusal.CHANGE_NOT_ALLOWED: Explanation(
        _l("The directory does not let you change this password yourself."),
        _l("Only the people who run the directory can change that."),
        Next.TICKET,
    ),
    Refusal.LOCKED: Explanation(
        _l("Your account is locked after too many wrong passwords."),
        _l("Unlock it with “My account is locked”. It takes about a minute."),
        Next.FIX,
    ),
    Refusal.DISABLED: Explanation(
        _l("Your account has been switched off by an administrator."),
        _l("Only people can switch it on again."),
        Next.TICKET,
    ),
    Refusal.ENDED: Explanation(
        _l("Your account has reached its end date."),
        _l("Whoever is responsible for you can have it extended."),
        Next.TICKET,
    ),
    Refusal.OUTSIDE_HOURS: Explanation(
        _l("Your account may only be used at certain hours, and this is not one of them."),
        _l("Try again within your hours. The people who run the directory can change them."),
        Next.LATER,
    ),
    Refusal.NOT_FROM_HERE: Explanation(
        _l("Your account may only be used on certain machines, and this portal is not one of them."),
        _l("Only the people who run the directory can change that."),
        Next.TICKET,
    ),
    Refusal.RESTRICTED: Explanation(
        _l("The directory lets your account sign in only in another way, such as with a smart card."),
        _l("Only the people who run the directory can change that."),
        Next.TICKET,
    ),
    Refusal.TOO_MANY_GROUPS: Explanation(
        _l("Your account is in more groups than the directory can handle when you sign in."),
        _l("The people who run the directory must take it out of some."),
        Next.TICKET,
    ),
    Refusal.POLICY: Explanation(
        _l("The directory refused that password by a rule that it does not name."),
        _l("Take a longer one with a mix of letters, digits and signs that you have not used before."),
        Next.FIX,
    ),
    "blocklisted": Explanation(
        _l("That password is on the list of those that are tried first."),
        _l("Take three or four words that do not belong together."),
        Next.FIX,
    ),
    "unusable_characters": Explanation(
        _l("There is a character in that password that cannot be typed everywhere."),
        _l("Use letters, digits, spaces and signs."),
        Next.FIX,
    ),
    "account_not_found": Explanation(
        _l("We could not find that account in the directory any more."),
        _l("Somebody has to look into it."),
        Next.TICKET,
    ),
    "account_ambiguous": Explanation(
        _l("More than one account goes by that name, and we do not guess which is yours."),
        _l("Somebody has to look into it."),
        Next.TICKET,
    ),
    "no_right": Explanation(
        _l("The directory does not allow the portal to do this for your account."),
        _l("Only the people who run the directory can."),
        Next.TICKET,
    ),
    "protected": Explanation(
        _l("Your account has special rights, so nobody may change it through this portal."),
        _l("The people who run the directory do that in person."),
        Next.TICKET,
    ),
    "no_answer": Explanation(
        _l("We sent the change but got no answer."),
        _l("We check every minute and write to you. Until then, try the new password first and then the old one."),
        Next.LATER,
    ),
    "directory_down": Explanation(
        _l("We cannot reach the directory. Nothing has been changed."), _l("Try again in a few minutes."), Next.LATER
    ),
    "directory_error": Explanation(
        _l("The directory answered with something we do not understand. Nothing has been changed."),
        _l("Try again in a few minutes."),
        Next.LATER,
    ),
    "not_offered": Explanation(
        _l("This is not offered here."),
        _l("Ask the service desk instead: you get a number and an answer."),
        Next.TICKET,
    ),
    "no_connector": Explanation(
        _l("The portal cannot do this for your account by itself."), _l("Somebody does it by hand."), Next.TICKET
    ),
    "needs_approval": Explanation(_l("Somebody has to agree first."), _l("You hear from us either way."), Next.TICKET),
    "not_your_account": Explanation(
        _l("That is not your own account."), _l("Sign in as the person it is for."), Next.FIX
    ),
    "more_proof": Explanation(
        _l("This needs one more proof that it is you."), _l("Prove it one more way, then go on."), Next.FIX
    ),
    "fresh_proof": Explanation(
        _l("It has been a while since you proved that it is you."), _l("Prove it once more, then go on."), Next.FIX
    ),
    "last_factor": Explanation(
        _l("That is your last way to prove it is you."),
        _l("Add another one first, so that you do not lock yourself out."),
        Next.FIX,
    ),
    "no_factor_left": Explanation(
        _l("You have no way left to prove it is you."),
        _l("Somebody from the service desk does it with you."),
        Next.TICKET,
    ),
    "not_me": Explanation(
        _l("Somebody may have got into your account."),
        _l("It is locked until somebody has talked to you."),
        Next.TICKET,
    ),
    "refused_by_hook": Explanation(
        _l("A check of your organisation says no."),
        _l("If you cannot do what it asks for, the service desk can help."),
        Next.FIX,
    ),
    "hook_failed": Explanation(
        _l("A check that your organisation makes before this did not work. Nothing has been changed."),
        _l("Try again in a few minutes."),
        Next.LATER,
    ),
    "wish": Explanation(_l("This is something only people can do."), _l("Somebody reads it and answers."), Next.TICKET),
    "settled_unknown": Explanation(
        _l("We could not find out whether your change reached the directory."),
        _l("Somebody looks into it."),
        Next.TICKET,
    ),
}


def explain(reason: str) -> Explanation:
    """What a reason code means; raise KeyError for one that nobody has explained (a test walks them all)."""
    return CATALOGUE[reason]
