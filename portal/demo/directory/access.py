"""Who may read and write what: the rules the manual recommends for a real OpenLDAP server."""

from dataclasses import dataclass

from portal.demo.directory import names
from portal.demo.directory.names import Key
from portal.demo.directory.schema import AttributeType, Syntax

# What the portal's own account may set on people, and only people themselves may read besides it.
_ACCOUNT_STATE = frozenset(
    {
        *("pwdAccountLockedTime", "pwdReset", "pwdEndTime", "shadowExpire", "shadowLastChange", "description"),
        *("mailForwardingAddress", "mailForwardingKeepCopy", "mailQuota", "publicDelegates"),
        *("vacationActive", "vacationSubject", "vacationMessage", "vacationStart", "vacationEnd"),
    }
)
_OWN_DATA = frozenset(
    {"mailAlternateAddress", "mailAlias", "mobile", "sshPublicKey"}
)  # what people change through the portal
_FOR_THE_PORTAL = frozenset({"pwdFailureTime", "pwdGraceUseTime"})


@dataclass(frozen=True)
class Access:
    """The access rules of one tree. `who` is always the bound name, None for somebody who has not said."""

    people: tuple[Key, ...]
    lists: Key
    service: Key

    def may_read(self, who: Key | None, entry: Key, kind: AttributeType) -> bool:
        """Whether this attribute is shown to them and may take part in their filters."""
        if who is None or kind.syntax is Syntax.CONCEALED:
            return False
        if who == self.service:
            return True
        if kind.name in _ACCOUNT_STATE and self._is_person(entry):
            return who == entry
        return kind.name not in _FOR_THE_PORTAL

    def may_write(self, who: Key, entry: Key, kind: AttributeType) -> bool:
        """Whether they may change this attribute: people only their own password, the portal what it is for."""
        if names.is_below(entry, self.lists):
            return who == self.service and kind.name == "member"
        if not self._is_person(entry):
            return False
        if kind.name == "userPassword":
            return who in {entry, self.service}
        return who == self.service and kind.name in _ACCOUNT_STATE | _OWN_DATA

    def _is_person(self, entry: Key) -> bool:
        return any(names.is_below(entry, base) for base in self.people)
