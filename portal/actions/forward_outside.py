"""Send my mail on to an address outside: the classic way in which mail is stolen, so others agree first."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from portal.mailboxes.forwarding import Forwarding


@dataclass(frozen=True, kw_only=True)
class ForwardOutside(Forwarding):
    name = "forward_outside"
    title = _l("Forward my mail to an address outside")
    kind = "forward_outside_set"
    desk_notice = "forward_outside_seen"
