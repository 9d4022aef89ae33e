"""Let the mailbox of somebody who cannot do it now answer by itself; the person is told who did it, and why."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from portal.mailboxes.auto_replies import AutoReplying


@dataclass(frozen=True, kw_only=True)
class SetAbsence(AutoReplying):
    name = "set_absence"
    title = _l("Set an auto reply for somebody absent")
    by_staff = True
    notice = "absence_set"

    reason: str
    done_by: str  # the name of whoever does it

    @property
    def new(self) -> str:
        return f"{self.first_day}/{self.last_day}: {self.reason}"
