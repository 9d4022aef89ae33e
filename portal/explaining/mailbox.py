"""Why something was not done to a mailbox, in plain words."""

from flask_babel import lazy_gettext as _l

from connectors.errors import Refusal
from portal.explaining.explanation import Explanation, Who, fix, later, ticket

MAILBOXES: dict[str, Explanation] = {
    Refusal.OWN_AUTO_REPLY: fix(
        _l("Your own mail rules send an auto reply already, and two would stop each other."),
        _l("Turn that one off in your mail program, then come back here."),
    ),
    Refusal.TOO_MANY_FORWARDS: fix(
        _l("Your mail goes to as many addresses as the mail system allows."), _l("Stop one of them first.")
    ),
    Refusal.TARGET_MUST_CONFIRM: later(
        _l("The mail system has asked that address whether it agrees."),
        _l("A mail with a link is there. Once somebody has opened it, ask for this again, and it begins at once."),
        when=_l("when the link in that mail has been opened"),
    ),
    Refusal.ADDRESS_TAKEN: fix(_l("That address belongs to somebody else."), _l("Take another one.")),
    Refusal.NO_SUCH_MAILBOX: fix(
        _l("Nobody here has a mailbox with that address."), _l("Look at how the address is written, and try again.")
    ),
    Refusal.NO_SUCH_LIST: fix(_l("That list is not there any more."), _l("Look for it once more by its name.")),
    Refusal.LAST_MEMBER: ticket(
        _l("You are the last one on that list, and it may not become empty."),
        _l("Somebody has to decide whether the list is still needed."),
        who=Who.SERVICE_DESK,
        remedy=_l("Put another member on the list, or remove the list."),
    ),
    "forward_loop": fix(
        _l("Your mail would come back to you and go round for ever."),
        _l("Choose an address that does not send its mail on to you."),
    ),
    "forward_refused": ticket(
        _l("Mail may not be forwarded to that domain."),
        _l("If you need it for your work, the service desk can look for another way."),
        who=Who.SERVICE_DESK,
    ),
    "forward_misplaced": fix(
        _l("That address is not where it seemed to be."), _l("Begin once more with the address you mean.")
    ),
    "held": later(
        _l("It is agreed to, and begins after a waiting time."),
        _l("Until then you can stop it on the page of your mailbox."),
        when=_l("at the end of the waiting time"),
        who=Who.PORTAL,
    ),
    "alias_misplaced": fix(_l("That address cannot be had here."), _l("Begin once more on the page of your mailbox.")),
    "not_your_mailbox": ticket(
        _l("That mailbox is not yours to decide about."),
        _l("Ask whoever it belongs to, or the service desk."),
        who=Who.SERVICE_DESK,
    ),
    "mailbox_not_found": ticket(
        _l("We could not find your mailbox."),
        _l("Somebody has to look into it."),
        remedy=_l("See whether the mail system has a mailbox for the account's mail address."),
    ),
}
