"""Let a colleague use the mailbox of somebody who cannot do it now; the person is told who did it, and why."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from portal.mailboxes.sharing import Sharing


@dataclass(frozen=True, kw_only=True)
class ShareAbsent(Sharing):
    name = "share_absent"
    title = _l("Let a colleague use the mailbox of somebody absent")
    by_staff = True
    notice = "absence_share_given"

    reason: str
    done_by: str  # the name of whoever does it

    @property
    def new(self) -> str:
        return f"{self.box}: {self.who}, {self.right} ({self.last_day}): {self.reason}"
