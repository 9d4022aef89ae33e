"""Let my mailbox answer by itself while I am away."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from portal.mailboxes.auto_replies import AutoReplying


@dataclass(frozen=True, kw_only=True)
class SetAutoReply(AutoReplying):
    name = "set_auto_reply"
    title = _l("Set an auto reply")
