"""What each kind of entry says in plain words, when it was done and when it was not; `sentences` fills in the names."""

from typing import Any

from flask_babel import lazy_gettext as _l

# `person` is whom it is about, `actor` who did it, `thing` what else; of a decision: agreed to, and refused.
SENTENCES: dict[str, tuple[Any, Any]] = {
    "password_reset": (_l("%(person)s got a new password"), _l("%(person)s did not get a new password")),
    "password_change": (_l("The password of %(person)s was changed"), _l("The password of %(person)s was not changed")),
    "password_elsewhere": (
        _l("%(person)s got the same new password in %(thing)s"),
        _l("%(person)s did not get the new password in %(thing)s"),
    ),
    "password_change_required": (
        _l("%(person)s has to choose a new password at the next sign-in"),
        _l("%(person)s was not asked for a new password"),
    ),
    "unlock": (_l("The account of %(person)s was unlocked"), _l("The account of %(person)s was not unlocked")),
    "lock": (_l("The account of %(person)s was locked"), _l("The account of %(person)s was not locked")),
    "enable": (_l("The account of %(person)s was switched on"), _l("The account of %(person)s was not switched on")),
    "disable": (_l("The account of %(person)s was switched off"), _l("The account of %(person)s was not switched off")),
    "account_create": (_l("The account of %(person)s was made"), _l("The account of %(person)s was not made")),
    "account_delete": (_l("The account of %(person)s was deleted"), _l("The account of %(person)s was not deleted")),
    "account_extend": (
        _l("The account of %(person)s was given more time"),
        _l("The account of %(person)s was not given more time"),
    ),
    "account_extend_undone": (
        _l("More time for the account of %(person)s was taken back"),
        _l("More time for the account of %(person)s was not taken back"),
    ),
    "account_lapse": (
        _l("It was said that the account of %(person)s is to end"),
        _l("It was not noted that the account of %(person)s is to end"),
    ),
    "account_viewed": (
        _l("%(actor)s looked at the account of %(person)s"),
        _l("%(actor)s could not look at the account of %(person)s"),
    ),
    "people_listed": (_l("%(actor)s looked at a list of people"), _l("%(actor)s could not look at a list of people")),
    "mailbox_change": (_l("The mailbox of %(person)s was changed"), _l("The mailbox of %(person)s was not changed")),
    "mailbox_create": (_l("A mailbox was made for %(person)s"), _l("No mailbox was made for %(person)s")),
    "mailbox_delete": (_l("The mailbox of %(person)s was deleted"), _l("The mailbox of %(person)s was not deleted")),
    "factor_enrol": (
        _l("%(person)s got another way to prove who it is"),
        _l("%(person)s did not get another way to prove who it is"),
    ),
    "factor_remove": (
        _l("A way for %(person)s to prove who it is was removed"),
        _l("A way for %(person)s to prove who it is was not removed"),
    ),
    "factor_change": (
        _l("A way for %(person)s to prove who it is was changed"),
        _l("A way for %(person)s to prove who it is was not changed"),
    ),
    "provider_link": (
        _l("%(person)s linked another sign-in with the account"),
        _l("%(person)s did not link another sign-in with the account"),
    ),
    "provider_unlink": (
        _l("%(person)s removed another sign-in from the account"),
        _l("%(person)s did not remove another sign-in from the account"),
    ),
    "address_asked": (
        _l("Other private addresses were asked for, for %(person)s"),
        _l("A wish for other private addresses of %(person)s was not taken in"),
    ),
    "address_cancelled": (
        _l("A change of the private addresses of %(person)s was stopped"),
        _l("A change of the private addresses of %(person)s was not stopped"),
    ),
    "address_change": (
        _l("The private addresses of %(person)s were changed"),
        _l("The private addresses of %(person)s were not changed"),
    ),
    "phone_change": (
        _l("The telephone number of %(person)s was changed"),
        _l("The telephone number of %(person)s was not changed"),
    ),
    "ssh_key_add": (_l("%(person)s got another SSH key"), _l("%(person)s did not get another SSH key")),
    "ssh_key_remove": (_l("An SSH key of %(person)s was removed"), _l("An SSH key of %(person)s was not removed")),
    "login": (_l("%(person)s signed in"), _l("Somebody did not get in as %(person)s")),
    "logout": (_l("%(person)s signed out"), _l("%(person)s was not signed out")),
    "session_closed": (_l("A device of %(person)s was signed out"), _l("A device of %(person)s was not signed out")),
    "provider_logout": (
        _l("%(person)s signed out at “%(thing)s”, and with that here"),
        _l("A message in the name of “%(thing)s”, to sign somebody out, was not believed"),
    ),
    "sessions_ended": (_l("%(person)s was signed out everywhere"), _l("%(person)s was not signed out everywhere")),
    "access_pass_given": (
        _l("A pass for one sign-in was made for %(person)s"),
        _l("No pass for one sign-in was made for %(person)s"),
    ),
    "proof": (_l("%(person)s proved who it is"), _l("A proof for %(person)s was wrong")),
    "recovery_started": (
        _l("A link to a new password was made for %(person)s"),
        _l("A link to a new password was not made for %(person)s"),
    ),
    "ticket_opened": (
        _l("Ticket %(ticket)s was opened for %(person)s"),
        _l("Ticket %(ticket)s was not opened for %(person)s"),
    ),
    "ticket_viewed": (
        _l("%(actor)s read ticket %(ticket)s of %(person)s"),
        _l("%(actor)s could not read ticket %(ticket)s of %(person)s"),
    ),
    "ticket_changed": (
        _l("Ticket %(ticket)s of %(person)s was worked on"),
        _l("Ticket %(ticket)s of %(person)s was not changed"),
    ),
    "approval_decided": (
        _l("%(actor)s agreed to ticket %(ticket)s of %(person)s"),
        _l("%(actor)s refused ticket %(ticket)s of %(person)s"),
    ),
    "substitute_named": (
        _l("%(person)s named somebody who decides meanwhile"),
        _l("%(person)s named nobody who decides meanwhile"),
    ),
    "substitute_ended": (
        _l("The time of the substitute of %(person)s was ended"),
        _l("The time of the substitute of %(person)s was not ended"),
    ),
    "wish": (
        _l("The service desk was asked for something, for %(person)s"),
        _l("The service desk was not asked for something, for %(person)s"),
    ),
    "hook_run": (_l("The hook %(thing)s was run"), _l("The hook %(thing)s failed")),
    "settings_changed": (_l("The setting %(thing)s was changed"), _l("The setting %(thing)s was not changed")),
    "reply_text_changed": (
        _l("The text module %(thing)s was changed"),
        _l("The text module %(thing)s was not changed"),
    ),
    "alert": (
        _l("Something in the log needs a look: ticket %(ticket)s"),
        _l("Something in the log needs a look: ticket %(ticket)s"),
    ),
    "erasure": (
        _l("Personal values of %(person)s were erased from the log"),
        _l("Personal values of %(person)s were not erased from the log"),
    ),
    "log_begun": (_l("The log began, in the place of another one"), _l("The log was not begun")),
    "log_key_changed": (_l("The log got another signing key"), _l("The log did not get another signing key")),
    "prune": (_l("Old entries were taken out of the log"), _l("Old entries were not taken out of the log")),
    "group_add": (_l("%(person)s was taken into a group"), _l("%(person)s was not taken into a group")),
    "group_remove": (_l("%(person)s was taken out of a group"), _l("%(person)s was not taken out of a group")),
    "audit_viewed": (
        _l("%(actor)s read entry %(thing)s of the log"),
        _l("%(actor)s could not read entry %(thing)s of the log"),
    ),
    "audit_searched": (_l("%(actor)s searched the log"), _l("%(actor)s could not search the log")),
    "audit_exported": (
        _l("%(actor)s took something out of the log"),
        _l("%(actor)s could take nothing out of the log"),
    ),
    "audit_reviewed": (
        _l("%(actor)s reviewed entry %(thing)s of the log"),
        _l("%(actor)s could not review entry %(thing)s of the log"),
    ),
    "audit_asked": (
        _l("%(actor)s asked about entry %(thing)s of the log, in ticket %(ticket)s"),
        _l("%(actor)s could not ask about entry %(thing)s of the log"),
    ),
    "shift_planned": (_l("The shift plan was changed"), _l("The shift plan was not changed")),
    "shift_changed": (_l("A shift went to %(person)s"), _l("A shift did not go to %(person)s")),
    "shift_handed_over": (
        _l("A note for the next shift was written or seen to"),
        _l("No note for the next shift was written"),
    ),
    "shift_swap_asked": (
        _l("%(actor)s asked %(person)s to take a shift"),
        _l("%(actor)s could not ask %(person)s to take a shift"),
    ),
    "shift_swap_agreed": (
        _l("%(actor)s agreed to take a shift of %(person)s"),
        _l("%(actor)s could not agree to take a shift of %(person)s"),
    ),
    "shift_swap_declined": (
        _l("%(actor)s cannot take a shift of %(person)s"),
        _l("It was not noted that %(actor)s cannot take a shift of %(person)s"),
    ),
    "shift_swap_withdrawn": (
        _l("%(actor)s took back a wish to swap a shift"),
        _l("%(actor)s could not take back a wish to swap a shift"),
    ),
    "auto_reply_set": (
        _l("An automatic reply was set for %(person)s"),
        _l("No automatic reply was set for %(person)s"),
    ),
    "auto_reply_removed": (
        _l("The automatic reply of %(person)s was removed"),
        _l("The automatic reply of %(person)s was not removed"),
    ),
    "forward_set": (_l("Mail to %(person)s is forwarded"), _l("Mail to %(person)s is not forwarded")),
    "forward_outside_set": (
        _l("Mail to %(person)s is forwarded out of the organisation"),
        _l("Mail to %(person)s is not forwarded out of the organisation"),
    ),
    "forward_removed": (
        _l("Forwarding of mail to %(person)s was stopped"),
        _l("Forwarding of mail to %(person)s was not stopped"),
    ),
    "alias_added": (_l("%(person)s got another mail address"), _l("%(person)s did not get another mail address")),
    "alias_removed": (
        _l("A mail address of %(person)s was removed"),
        _l("A mail address of %(person)s was not removed"),
    ),
    "quota_changed": (
        _l("The room in the mailbox of %(person)s was changed"),
        _l("The room in the mailbox of %(person)s was not changed"),
    ),
    "share_given": (
        _l("Somebody was let into a mailbox, for %(person)s"),
        _l("Nobody was let into a mailbox, for %(person)s"),
    ),
    "share_ended": (
        _l("The use of a mailbox was ended, for %(person)s"),
        _l("The use of a mailbox was not ended, for %(person)s"),
    ),
    "list_joined": (_l("%(person)s joined a mailing list"), _l("%(person)s did not join a mailing list")),
    "list_left": (_l("%(person)s left a mailing list"), _l("%(person)s did not leave a mailing list")),
    "app_password_added": (
        _l("An app password was made for the mailbox of %(person)s"),
        _l("No app password was made for the mailbox of %(person)s"),
    ),
    "app_password_removed": (
        _l("An app password of %(person)s was removed"),
        _l("An app password of %(person)s was not removed"),
    ),
    "caller_check": (_l("A caller proved to be %(person)s"), _l("A caller could not prove to be %(person)s")),
    "review_asked": (
        _l("Whether the account of %(person)s is still needed was asked"),
        _l("Whether the account of %(person)s is still needed was not asked"),
    ),
    "review_answered": (
        _l("It was answered whether the account of %(person)s is still needed"),
        _l("It was not answered whether the account of %(person)s is still needed"),
    ),
}
