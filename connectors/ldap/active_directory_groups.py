"""Groups in Active Directory: the server works out all of them, nested and primary, but as security identifiers.

`tokenGroups` (MS-ADTS, "Constructed Attributes") is told for one entry at a time only.
"""

import struct
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from connectors.ldap.active_directory_policy import domain_dn
from connectors.ldap.entry import Entry, dn_key
from connectors.ldap.link import Link
from connectors.ldap.requests import any_of, equals

TOKEN_GROUPS = "tokenGroups"  # noqa: S105  (an attribute)
_FRESH = timedelta(seconds=60)
_AT_ONCE = 50  # identifiers in one search
_NOWHERE = (datetime.min.replace(tzinfo=UTC), "")
_PRIVILEGED = frozenset({512, 516, 518, 519, 521, 526, 527, 544, 548, 549, 550, 551, 552})
"""The groups that AdminSDHolder protects, by the last part of their identifier (MS-ADTS, "Protected Objects").

They are Domain, Schema, Enterprise and Key Admins, domain controllers, Administrators, the four kinds of operators,
and Replicators. The parts below 1000 are given out by Windows alone.
"""


def sid(octets: bytes) -> str:
    """A security identifier as it is written (MS-DTYP, 2.4.2.1)."""
    parts = (part for (part,) in struct.iter_unpack("<I", octets[8 : 8 + 4 * octets[1]]))
    return "-".join(("S-1", str(int.from_bytes(octets[2:8], "big")), *map(str, parts)))


def privileged(entry: Entry) -> bool:
    """Whether one of the entry's groups is one that Windows itself protects."""
    return any(_last_part(each) in _PRIVILEGED for each in entry.values(TOKEN_GROUPS))


class Memberships:
    """DNs of somebody's groups. Which DN an identifier has is kept for a minute."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._kept: dict[bytes, tuple[datetime, str]] = {}

    def of(self, service: Link, entry: Entry) -> frozenset[str]:
        """As `dn_key` spells them. Groups for mail only are no part of a token: those come from memberOf."""
        identifiers = [bytes(each) for each in entry.values(TOKEN_GROUPS)]
        self._look_up(service, [each for each in identifiers if not self._fresh(each)])
        direct = map(dn_key, entry.texts("memberOf"))
        return frozenset(direct) | {dn for each in identifiers if (dn := self._kept[each][1])}

    def _look_up(self, service: Link, unknown: list[bytes]) -> None:
        domain = domain_dn(service) if unknown else ""
        for start in range(0, len(unknown), _AT_ONCE):
            some = unknown[start : start + _AT_ONCE]
            found = _named(service, domain, some)
            self._kept |= {each: (self._clock(), found.get(each, "")) for each in some}

    def _fresh(self, identifier: bytes) -> bool:
        return timedelta() <= self._clock() - self._kept.get(identifier, _NOWHERE)[0] < _FRESH


def _named(service: Link, domain: str, identifiers: Iterable[bytes]) -> dict[bytes, str]:
    """Those of other domains and the built-in ones have no entry here."""
    wanted = any_of(*(equals("objectSid", each) for each in identifiers))
    entries = service.search(domain, wanted, ("objectSid",)).entries
    return {bytes(entry.values("objectSid")[0]): dn_key(entry.dn) for entry in entries if entry.values("objectSid")}


def _last_part(octets: bytes) -> int:
    return int.from_bytes(octets[-4:], "little") if len(octets) >= 8 else 0
