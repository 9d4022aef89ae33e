"""The directory's content: entries by name, the groups they are in, and the marks each write leaves."""

from collections.abc import Callable, Iterator
from datetime import datetime

from portal.demo.directory import names
from portal.demo.directory.entry import Entry, format_time
from portal.demo.directory.names import Key
from portal.demo.directory.policy import PasswordPolicy
from portal.demo.directory.refusal import Code, Refusal
from portal.demo.directory.schema import AttributeType
from portal.demo.directory.store import Store

BASE_ONLY, ONE_LEVEL = 0, 1  # search scopes of RFC 4511, section 4.5.1.2; anything else is the whole subtree


class Tree:
    """All entries under one base. Callers work on copies and hand them to `write`."""

    def __init__(
        self, store: Store, base: str, *, clock: Callable[[], datetime], random: Callable[[int], bytes]
    ) -> None:
        self._store = store
        self._last_csn = ("", 0)
        self.base = base
        self.base_key = names.key(base)
        self.clock = clock
        self.random = random

    def find(self, key: Key) -> Entry | None:
        """The entry of this name, or None."""
        return self._store.entries.get(key)

    def named(self, dn: bytes) -> Entry:
        """The entry a client names. Raises Refusal: 34 for no DN, 53 for another tree, 32 if there is none."""
        key = parse(dn)
        entry = self.find(key)
        if entry is None:
            if not names.is_below(key, self.base_key):
                raise Refusal(Code.UNWILLING_TO_PERFORM, "no global superior knowledge")
            raise Refusal(Code.NO_SUCH_OBJECT, matched=self._nearest(key))
        return entry

    def within(self, base: Key, scope: int) -> Iterator[Entry]:
        """The entries of a search scope, in the order in which they were added."""
        for key, entry in self._store.entries.items():
            if (
                key == base
                if scope == BASE_ONLY
                else key[1:] == base and key != base
                if scope == ONE_LEVEL
                else names.is_below(key, base)
            ):
                yield entry

    def values(self, entry: Entry, kind: AttributeType) -> list[bytes]:
        """An entry's values, those worked out on reading included."""
        match kind.name:
            case "memberOf":
                return [
                    group.dn.encode() for group in self._store.entries.values() if self._has_member(group, entry.key)
                ]
            case "entryDN":
                return [entry.dn.encode()]
        return entry.values(kind.name)

    def policy_for(self, entry: Entry) -> PasswordPolicy:
        """The rules that bind this entry: its own policy or the default one."""
        own = entry.first("pwdPolicySubentry")
        return PasswordPolicy.of(self.find(names.key(own or f"cn=default,ou=policies,{self.base}")))

    def write(self, entry: Entry, *, by: str | None = None) -> None:
        """Stamp the entry and save it durably. Without `by` the server itself wrote, as it does at a sign-in."""
        now = self.clock()
        entry.put("entryCSN", [self._next_csn(now)])
        entry.put("modifyTimestamp", [format_time(now)])
        if by is not None:
            entry.put("modifiersName", [by])
        self._store.save(entry)

    def _next_csn(self, now: datetime) -> str:
        moment = format_time(now, fraction=True)
        count = self._last_csn[1] + 1 if moment == self._last_csn[0] else 0
        self._last_csn = (moment, count)
        return f"{moment}#{count:06x}#000#000000"

    def _nearest(self, key: Key) -> str:
        for cut in range(1, len(key)):
            entry = self.find(key[cut:])
            if entry is not None:
                return entry.dn
        return ""

    @staticmethod
    def _has_member(group: Entry, member: Key) -> bool:
        return any(names.key(value.decode()) == member for value in group.values("member"))


def parse(dn: bytes) -> Key:
    """Fold a DN from the wire. Raises Refusal 34 if it is none."""
    try:
        return names.key(dn.decode())
    except ValueError as wrong:
        raise Refusal(Code.INVALID_DN_SYNTAX, "invalid DN") from wrong
