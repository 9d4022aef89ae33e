"""Send my mail on to an address inside the organisation, or one that is trusted as if it were."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from portal.mailboxes.forwarding import Forwarding


@dataclass(frozen=True, kw_only=True)
class SetForwarding(Forwarding):
    name = "set_forwarding"
    title = _l("Forward my mail to an address inside")
    kind = "forward_set"
