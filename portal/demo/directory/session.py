"""What the directory remembers about one connection."""

from dataclasses import dataclass, field

from portal.demo.directory.entry import Entry
from portal.demo.directory.names import Key
from portal.demo.directory.refusal import Code, PolicyError, Refusal

_RESTRICTED = "Operations are restricted to bind/unbind/abandon/StartTLS/modify password"


@dataclass
class Session:
    """Who is bound, whether they must change their password first, and the pages of a search still to come."""

    who: Key | None = None
    dn: str = ""
    must_change: bool = False
    pages: dict[bytes, list[Entry]] = field(default_factory=dict)

    def known(self, text: str) -> Key:
        """Who is bound. Raises Refusal 8 for somebody who has not said."""
        if self.who is None:
            raise Refusal(Code.STRONGER_AUTH_REQUIRED, text)
        return self.who

    def free(self) -> None:
        """Raise Refusal 50 while the password must be changed before anything else."""
        if self.must_change:
            raise Refusal(Code.INSUFFICIENT_ACCESS_RIGHTS, _RESTRICTED, policy=PolicyError.CHANGE_AFTER_RESET)
