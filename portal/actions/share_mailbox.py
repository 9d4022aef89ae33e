"""Let somebody use my own mailbox, until a day if I say so."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from portal.mailboxes.sharing import Sharing


@dataclass(frozen=True, kw_only=True)
class ShareMailbox(Sharing):
    name = "share_mailbox"
    title = _l("Let somebody use my mailbox")
