"""Send the mail of somebody who cannot do it now on to a colleague; the person is told who did it, and why."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from portal.mailboxes.forwarding import Forwarding


@dataclass(frozen=True, kw_only=True)
class ForwardAbsent(Forwarding):
    name = "forward_absent"
    title = _l("Forward the mail of somebody absent to an address inside")
    kind = "forward_set"
    by_staff = True
    notice = "absence_forward_set"

    reason: str
    done_by: str  # the name of whoever does it

    @property
    def new(self) -> str:
        return f"{self.target}: {self.reason}"
