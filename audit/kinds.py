"""The one table of what can be recorded: our word for it, and the OCSF event it is, per schema version.

A type is class * 100 + activity. Numbers of 1.9.0 are those of the schema's development branch.
"""

from typing import NamedTuple

PRODUCT = "Sparekey"
SCHEMAS = ("1.8.0", "1.9.0")
USER, EMAIL, OTHER = 2, 6, 99  # types of a managed entity


class Kind(NamedTuple):
    """One kind of event: its type per schema version in the order of SCHEMAS, and what an entity event is about."""

    types: tuple[int, int]
    entity_type: int = 0
    entity: str = ""

    def type_uid(self, schema: str) -> int:
        """The OCSF type in this version of the schema."""
        return self.types[SCHEMAS.index(schema)]


KINDS = {
    "password_reset": Kind((300104, 300709)),
    "password_change": Kind((300103, 300708)),
    "password_elsewhere": Kind((300104, 300709)),
    "unlock": Kind((300112, 300707)),
    "lock": Kind((300109, 300706)),
    "enable": Kind((300102, 300704)),
    "disable": Kind((300105, 300705)),
    "account_create": Kind((300101, 300701)),
    "account_delete": Kind((300106, 300703)),
    "account_extend": Kind((300403, 300702), USER),
    "account_extend_undone": Kind((300403, 300702), USER),
    "account_lapse": Kind((300403, 300702), USER),
    "account_viewed": Kind((300402, 300402), USER),
    "mailbox_change": Kind((300403, 300403), EMAIL),
    "mailbox_create": Kind((300401, 300401), EMAIL),
    "mailbox_delete": Kind((300404, 300404), EMAIL),
    "auto_reply_set": Kind((300403, 300403), EMAIL),
    "auto_reply_removed": Kind((300403, 300403), EMAIL),
    "forward_set": Kind((300403, 300403), EMAIL),
    "forward_outside_set": Kind((300403, 300403), EMAIL),
    "forward_removed": Kind((300403, 300403), EMAIL),
    "alias_added": Kind((300403, 300403), EMAIL),
    "alias_removed": Kind((300403, 300403), EMAIL),
    "quota_changed": Kind((300403, 300403), EMAIL),
    "share_given": Kind((300403, 300403), EMAIL),
    "share_ended": Kind((300403, 300403), EMAIL),
    "list_joined": Kind((300403, 300403), EMAIL),
    "list_left": Kind((300403, 300403), EMAIL),
    "app_password_added": Kind((300403, 300403), EMAIL),
    "app_password_removed": Kind((300403, 300403), EMAIL),
    "factor_enrol": Kind((300110, 300712)),
    "factor_remove": Kind((300111, 300713)),
    "factor_change": Kind((300199, 300799)),
    "provider_link": Kind((300403, 300403), USER),
    "provider_unlink": Kind((300403, 300403), USER),
    "address_asked": Kind((300403, 300403), USER),
    "address_cancelled": Kind((300403, 300403), USER),
    "address_change": Kind((300403, 300403), USER),
    "phone_change": Kind((300403, 300403), USER),
    "ssh_key_add": Kind((300403, 300403), USER),
    "ssh_key_remove": Kind((300403, 300403), USER),
    "login": Kind((300201, 300201)),
    "logout": Kind((300202, 300202)),
    "session_closed": Kind((300202, 300202)),
    "provider_logout": Kind((300202, 300202)),
    "sessions_ended": Kind((300202, 300202)),
    "access_pass_given": Kind((300199, 300799)),
    "proof": Kind((300206, 300206)),
    "recovery_started": Kind((300299, 300299)),
    "caller_check": Kind((300299, 300299)),
    "ticket_opened": Kind((300401, 300401), OTHER, "Ticket"),
    "ticket_viewed": Kind((300402, 300402), OTHER, "Ticket"),
    "ticket_changed": Kind((300403, 300403), OTHER, "Ticket"),
    "approval_decided": Kind((300403, 300403), OTHER, "Approval"),
    "substitute_named": Kind((300403, 300403), OTHER, "Substitute"),
    "substitute_ended": Kind((300403, 300403), OTHER, "Substitute"),
    "review_asked": Kind((300403, 300403), USER),
    "review_answered": Kind((300403, 300403), USER),
    "shift_planned": Kind((300403, 300403), OTHER, "Shift"),
    "shift_changed": Kind((300403, 300403), OTHER, "Shift"),
    "shift_handed_over": Kind((300403, 300403), OTHER, "Shift"),
    "shift_swap_asked": Kind((300403, 300403), OTHER, "Shift"),
    "shift_swap_agreed": Kind((300403, 300403), OTHER, "Shift"),
    "shift_swap_declined": Kind((300403, 300403), OTHER, "Shift"),
    "shift_swap_withdrawn": Kind((300403, 300403), OTHER, "Shift"),
    "wish": Kind((300499, 300499), OTHER, "Wish"),
    "password_change_required": Kind((300199, 300799)),
    "people_listed": Kind((300402, 300402), OTHER, "People"),
    "hook_run": Kind((300499, 300499), OTHER, "Hook"),
    "settings_changed": Kind((300403, 300403), OTHER, "Setting"),
    "reply_text_changed": Kind((300403, 300403), OTHER, "Text module"),
    "alert": Kind((300401, 300401), OTHER, "Alert"),
    "erasure": Kind((300404, 300404), OTHER, "Personal values"),
    "prune": Kind((300404, 300404), OTHER, "Entries"),
    "log_begun": Kind((300401, 300401), OTHER, "Log"),
    "log_key_changed": Kind((300403, 300403), OTHER, "Log key"),
    "group_add": Kind((300603, 300603)),
    "group_remove": Kind((300604, 300604)),
    "audit_viewed": Kind((600102, 600102)),
    "audit_searched": Kind((600105, 600105)),
    "audit_exported": Kind((600107, 600107)),
    "audit_reviewed": Kind((600103, 600103)),
    "audit_asked": Kind((600103, 600103)),
}

FACTOR_TYPES = {
    "sms": 1,
    "phone_call": 3,
    "push": 5,
    "hardware_token": 6,
    "otp": 7,
    "totp": 7,
    "email": 8,
    "mail": 8,
    "mailed_code": 8,
    "webauthn": 10,
    "passkey": 10,
    "password": 11,
}  # any other factor is of type 99 and says its name
