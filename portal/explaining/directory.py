"""What directories say no to, in plain words: their refusals, what we may not do there, and when nobody answers."""

from flask_babel import lazy_gettext as _l

from connectors.errors import Obstacle, Outage, Refusal
from portal.explaining.explanation import Explanation, Who, fix, later, ticket

WORDS_ADVICE = _l("Take three or four words that do not belong together.")
NEW_ADVICE = _l("Choose one that is new.")
ONLY_THEY = _l("Only the people who run the directory can change that.")

PASSWORDS: dict[str, Explanation] = {
    Refusal.WRONG_PASSWORD: fix(
        _l("The password you have now was not right."),
        _l("Type it again. Forgotten? Choose a new one without it: “I forgot my password”."),
    ),
    Refusal.TOO_SHORT: fix(_l("That password is too short."), _l("Make it longer: one more word is usually enough.")),
    Refusal.TOO_LONG: fix(_l("That password is longer than the directory can store."), _l("Leave out a word.")),
    Refusal.TOO_WEAK: fix(_l("The directory finds that password too easy to guess."), WORDS_ADVICE),
    Refusal.NOT_COMPLEX: fix(
        _l("The directory wants more kinds of characters in a password."),
        _l("Add what is missing: a small letter, a capital letter, a digit or a sign such as a hyphen."),
    ),
    Refusal.REPEATS: fix(
        _l("The same characters come too often in a row in that password."),
        _l("Leave out rows such as aaa, abcd or 1234."),
    ),
    Refusal.COMMON_WORD: fix(
        _l("The directory has that password in its list of common words."),
        _l("Put two more words beside it, or take others."),
    ),
    Refusal.IN_HISTORY: fix(_l("You have used this password before."), NEW_ADVICE),
    Refusal.SAME_AS_NOW: fix(_l("That is the password you have now."), NEW_ADVICE),
    Refusal.CONTAINS_NAME: fix(
        _l("That password contains your name, your user name or your address."),
        _l("Choose one that has nothing to do with you."),
    ),
    Refusal.UNUSABLE_CHARACTERS: fix(
        _l("There is a character in that password that cannot be typed everywhere."),
        _l("Use letters, digits, spaces and signs."),
    ),
    Refusal.POLICY: fix(
        _l("The directory refused that password by a rule that it does not name."),
        _l("Take a longer one with small and capital letters, digits and signs, that you have not used before."),
    ),
    Refusal.TOO_YOUNG: later(
        _l("It is too early for another password."),
        _l("Your password was changed only a short while ago, and the directory wants it to be kept for some time."),
        when=_l("When the shortest time between two changes has passed"),
    ),
    Refusal.CHANGE_NOT_ALLOWED: ticket(
        _l("The directory does not let you change this password yourself."),
        ONLY_THEY,
        who=Who.DIRECTORY,
        remedy=_l("In the password policy or on the account, own changes are switched off. Switch them on, or set it."),
    ),
}

SIGN_INS: dict[str, Explanation] = {
    Refusal.EXPIRED: fix(_l("Your password has run out."), _l("Choose a new one; the old one proves that it is you.")),
    Refusal.MUST_CHANGE: fix(
        _l("You have to choose a new password before anything else."), _l("Sign in here, and you are asked for it.")
    ),
    Refusal.LOCKED: fix(
        _l("Your account is locked after too many wrong passwords."),
        _l("Unlock it with “My account is locked”. It takes about a minute."),
    ),
    Refusal.DISABLED: ticket(
        _l("Your account has been switched off by an administrator."),
        _l("Only people can switch it on again."),
        remedy=_l("Find out why it was switched off before anybody switches it on."),
    ),
    Refusal.ENDED: ticket(
        _l("Your account has reached its end date."),
        _l("Whoever is responsible for you can have it extended."),
        who=Who.MANAGER,
        remedy=_l("Ask the manager or sponsor for a new end date."),
    ),
    Refusal.INACTIVE: ticket(
        _l("Your account was stopped because nobody used it for a long time."),
        _l("The service desk starts it again when it knows that it is you."),
        remedy=_l("Reset the account's last sign-in, so that the directory lets it in again."),
    ),
    Refusal.OUTSIDE_HOURS: later(
        _l("Your account may only be used at certain hours, and this is not one of them."),
        _l("Try again within your hours. The people who run the directory can change them."),
        when=_l("In the hours that are set for your account"),
    ),
    Refusal.NOT_FROM_HERE: ticket(
        _l("Your account may only be used on certain machines, and this portal is not one of them."),
        ONLY_THEY,
        who=Who.DIRECTORY,
        remedy=_l("Add the portal's machine to those the account may be used on, or make the change by hand."),
    ),
    Refusal.RESTRICTED: ticket(
        _l("The directory lets your account sign in only in another way, such as with a smart card."),
        ONLY_THEY,
        who=Who.DIRECTORY,
        remedy=_l("Look at the account's own limits: smart card required, kinds of sign-in, an empty password."),
    ),
    Refusal.TOO_MANY_GROUPS: ticket(
        _l("Your account is in more groups than the directory can handle when you sign in."),
        _l("The people who run the directory must take it out of some."),
        who=Who.DIRECTORY,
        remedy=_l("Take the account out of groups it does not need, those inside other groups included."),
    ),
}

OBSTACLES: dict[str, Explanation] = {
    Obstacle.NO_RIGHT: ticket(
        _l("The directory does not allow the portal to do this for your account."),
        _l("The service desk passes it on to the people who run it, with what is missing."),
        who=Who.DIRECTORY,
        remedy=_l(
            "The portal's account lacks the right to what the directory's answer names: “portal check” prints it."
        ),
    ),
    Obstacle.PROTECTED: ticket(
        _l("Your account has special rights, so nobody may change it through this portal."),
        _l("The people who run the directory do that in person."),
        who=Who.DIRECTORY,
        remedy=_l("Do it with an administrator's own tools, after checking who asks."),
    ),
    Obstacle.NOT_SECURE: ticket(
        _l("The directory does not take passwords over the connection the portal has to it."),
        _l("The connection has to be made safer first. Nothing was sent in the open."),
        who=Who.DIRECTORY,
        remedy=_l("The directory asks for better encryption: use ldaps:// or StartTLS in the settings of the portal."),
    ),
    Obstacle.READ_ONLY: ticket(
        _l("The directory takes no changes at the moment."),
        _l("Somebody makes the change as soon as it does."),
        who=Who.DIRECTORY,
        remedy=_l("The server is a read-only copy or in maintenance: name one that takes changes in the settings."),
    ),
    Obstacle.SCHEMA: ticket(
        _l("The directory has no place for what the portal wanted to write."),
        _l("The people who run it have to add that first."),
        who=Who.DIRECTORY,
        remedy=_l("An attribute or object class is missing in the schema or on the entry; the answer names it."),
    ),
    Obstacle.UNSUPPORTED: ticket(
        _l("The directory does not know the way in which the portal makes this change."),
        _l("Somebody does it by hand this time."),
        who=Who.DIRECTORY,
        remedy=_l("Check that the kind of directory in the settings is the right one; “portal check” tells."),
    ),
    Obstacle.NO_RESET: ticket(
        _l("The directory wants your old password for every change, even when it is forgotten."),
        _l("Until that rule is gone, somebody sets it by hand."),
        who=Who.DIRECTORY,
        remedy=_l("Set pwdSafeModify: FALSE in the password policy."),
    ),
    Obstacle.NO_LOCKS: ticket(
        _l("The directory has no locks switched on, so the portal cannot lock your account."),
        _l("Somebody stops the account in another way."),
        who=Who.DIRECTORY,
        remedy=_l("Set pwdLockout: TRUE in the password policy."),
    ),
    Obstacle.OTHER_DIRECTORY: ticket(
        _l("Your account lives in another directory than the one that was asked."),
        _l("The service desk finds the right one."),
        remedy=_l("Check which directory the account belongs to."),
    ),
    Obstacle.ROUTED_ELSEWHERE: ticket(
        _l("All your mail is sent to another address before it reaches your mailbox."),
        _l("Only those who run the mail system can change that."),
        who=Who.DIRECTORY,
        remedy=_l("Look at targetAddress of the person's entry: as long as it is set, no other forwarding counts."),
    ),
    Obstacle.UNWILLING: ticket(
        _l("The directory refused the change without telling why."),
        _l("The people who run it can find the cause in its log."),
        who=Who.DIRECTORY,
        remedy=_l("Look into the directory's log at the time of the attempt; the answer above is all it said."),
    ),
}

SOON = _l("In a few minutes")
OUTAGES: dict[str, Explanation] = {
    Outage.DOWN: later(
        _l("We cannot reach the directory. Nothing has been changed."),
        _l("Try again in a few minutes."),
        when=SOON,
        who=Who.DIRECTORY,
    ),
    Outage.BUSY: later(
        _l("The directory has too much to do just now. Nothing has been changed."),
        _l("Try again in a minute."),
        when=_l("In a minute"),
        who=Who.DIRECTORY,
    ),
    Outage.PORTAL_REFUSED: later(
        _l("The directory answers, but does not let the portal in. Nothing has been changed."),
        _l("Try again in an hour, or keep it as a ticket and we tell you."),
        when=_l("In about an hour, when the people who run it have mended it"),
        who=Who.DIRECTORY,
        remedy=_l("The portal's own account cannot sign in: password changed, locked or ended? “portal check” tells."),
    ),
}
