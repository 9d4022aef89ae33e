"""What the watching of the record found, in plain words for the supervisor who looks into it."""

from flask_babel import lazy_gettext as _l

from portal.explaining.explanation import Explanation, ticket

_LOOK = _l("Look at the entries named below in the log, and talk to the people in them.")

ALERTS: dict[str, Explanation] = {
    "alert_many_resets": ticket(
        _l("One person has opened the accounts of many others within a short time."),
        _LOOK,
        remedy=_l("An honest cause is a start of term. If there is none, take the role away first and ask then."),
    ),
    "alert_reset_at_night": ticket(
        _l("Somebody with rights of their own got a new password at night."),
        _LOOK,
        remedy=_l("Call the person on a number you know already. If they did not do it, lock the account."),
    ),
    "alert_reset_then_forward": ticket(
        _l("A new password was set, and soon after all mail was sent to an address outside."),
        _LOOK,
        remedy=_l("Call the person. If they did not do it, lock the account and take the forwarding away."),
    ),
    "alert_own_approval": ticket(
        _l("Somebody agreed to what they get themselves."),
        _LOOK,
        remedy=_l("The portal does not allow it. Find out how it was got round, and have the decision made again."),
    ),
    "alert_gap": ticket(
        _l("Entries of the log are missing."),
        _l("Change nothing on the server, and tell the auditors."),
        remedy=_l("Somebody has deleted them in the database. Compare with a backup and with the witness."),
    ),
}

ALERT_SUBJECTS = {  # of the tickets
    "alert_many_resets": _l("Many accounts opened by one person"),
    "alert_reset_at_night": _l("A new password at night"),
    "alert_reset_then_forward": _l("A new password, then mail to the outside"),
    "alert_own_approval": _l("Agreed to by whoever gains"),
    "alert_gap": _l("Entries of the log are missing"),
}
