"""One entry as the server sent it, decoded by us: ldap3's own conversions differ with the schema it happens to know."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from ldap3.core.exceptions import LDAPInvalidDnError
from ldap3.utils.dn import parse_dn

_GENERALIZED_TIME = re.compile(rb"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)?(\d\d)?(?:[.,]\d+)?(Z|[+-]\d\d(?:\d\d)?)")
_ESCAPED = re.compile(rb"\\([0-9a-fA-F]{2}|.)", re.DOTALL)
_SPECIAL = re.compile(r'[,+"\\<>;=]')


@dataclass(frozen=True)
class Entry:
    """A DN and its attributes; names in lower case, values as bytes."""

    dn: str
    raw: Mapping[str, Sequence[bytes]]

    def values(self, attribute: str) -> Sequence[bytes]:
        return self.raw.get(attribute.lower(), ())

    def texts(self, *attributes: str) -> tuple[str, ...]:
        """All values of these attributes as text, in order, each once."""
        found = (value.decode("utf-8", "replace") for name in attributes for value in self.values(name))
        return tuple(dict.fromkeys(found))

    def text(self, *attributes: str) -> str:
        """The first value of the first of these attributes that has one, or an empty string."""
        for name in attributes:
            if values := self.raw.get(name.lower()):
                return values[0].decode("utf-8", "replace")
        return ""

    def number(self, attribute: str) -> int | None:
        try:
            return int(self.text(attribute))
        except ValueError:
            return None

    def flag(self, attribute: str) -> bool:
        return self.text(attribute).upper() == "TRUE"

    def moment(self, attribute: str) -> datetime | None:
        values = self.values(attribute)
        return generalized_time(values[0]) if values else None


def generalized_time(value: bytes) -> datetime | None:
    """Return the moment in UTC, to the second; None for what is no date, such as a year 0 (RFC 4517, 3.3.13)."""
    match = _GENERALIZED_TIME.fullmatch(value)
    if not match:
        return None
    *digits, zone = match.groups()
    year, month, day, hour, minute, second = (int(part or 0) for part in digits)
    try:
        # A leap second is real and Python has no place for it: the second before it.
        moment = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
        return moment - _offset(zone)
    except (ValueError, OverflowError):
        return None


def _offset(zone: bytes) -> timedelta:
    if zone == b"Z":
        return timedelta()
    ahead = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5] or 0))
    return ahead if zone[:1] == b"+" else -ahead


@lru_cache(maxsize=4096)
def dn_key(dn: str) -> str:
    """Return a DN in one spelling, to compare with: lower case, no blanks around its parts, one way of escaping."""
    try:
        parts = parse_dn(dn, strip=True)
    except LDAPInvalidDnError:
        return dn.strip().lower()
    return "".join(f"{name}={_one_spelling(value)}{separator}" for name, value, separator in parts).lower()


def _one_spelling(value: str) -> str:
    octets = _ESCAPED.sub(lambda match: _unescaped(match.group(1)), value.encode())
    return _SPECIAL.sub(r"\\\g<0>", octets.decode("utf-8", "replace"))


def _unescaped(escape: bytes) -> bytes:
    return bytes.fromhex(escape.decode()) if len(escape) == 2 else escape
