"""Which groups somebody is in: memberOf where the server keeps it, a search where not, and the groups those are in."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from connectors.ldap.entry import Entry, dn_key
from connectors.ldap.link import Link
from connectors.ldap.requests import any_of, equals
from connectors.ldap.settings import LdapSettings

_FRESH = timedelta(seconds=60)
_DEPTH = 10  # groups in groups in groups: more than anybody has, and an end where they go in circles


class Groups:
    """Direct membership is read each time; which group is in which is kept for a minute."""

    def __init__(self, settings: LdapSettings, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._clock = clock
        self._kept: dict[str, tuple[datetime, frozenset[str]]] = {}

    def of(self, service: Link, entry: Entry) -> frozenset[str]:
        """DNs of all groups of the entry, as `dn_key` spells them."""
        around = {dn_key(dn) for dn in entry.texts("memberOf")} or self._with_member(service, entry.dn)
        found = set(around)
        for _ in range(_DEPTH):
            around = {parent for group in around for parent in self._around(service, group)} - found
            if not around:
                break
            found |= around
        return frozenset(found)

    def _around(self, service: Link, group: str) -> Iterable[str]:
        read_at, parents = self._kept.get(group, (datetime.min.replace(tzinfo=UTC), frozenset()))
        if not timedelta() <= self._clock() - read_at < _FRESH:
            parents = frozenset(self._with_member(service, group))
            self._kept[group] = (self._clock(), parents)
        return parents

    def _with_member(self, service: Link, dn: str) -> set[str]:
        if not self._settings.groups_base:
            return set()
        either = any_of(equals("member", dn), equals("uniqueMember", dn))
        found = service.search(self._settings.groups_base, either, ("1.1",))
        return {dn_key(entry.dn) for entry in found.entries}
