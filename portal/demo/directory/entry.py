"""One directory entry: a DN and lists of byte values by attribute."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from portal.demo.directory import names, schema


@dataclass
class Entry:
    """An entry. `attributes` holds values by lower-case attribute name; write through `put`, never into the lists."""

    dn: str
    attributes: dict[str, list[bytes]] = field(default_factory=dict)

    @classmethod
    def of(cls, dn: str, attributes: Mapping[str, Iterable[str]]) -> "Entry":
        """Build an entry from text values."""
        return cls(dn, {name.lower(): [value.encode() for value in values] for name, values in attributes.items()})

    @property
    def key(self) -> names.Key:
        """The folded DN."""
        return names.key(self.dn)

    def copy(self) -> "Entry":
        """A copy that may be written to; the lists of values are shared, as nobody changes them in place."""
        return Entry(self.dn, dict(self.attributes))

    def values(self, name: str) -> list[bytes]:
        """All values, possibly none."""
        return self.attributes.get(name.lower(), [])

    def first(self, name: str) -> str | None:
        """The only (or first) value as text."""
        values = self.values(name)
        return values[0].decode("utf-8", "replace") if values else None

    def number(self, name: str, otherwise: int = 0) -> int:
        """The value as a number."""
        text = self.first(name)
        return int(text) if text else otherwise

    def moment(self, name: str) -> datetime | None:
        """The value, a generalized time, as an aware moment; None if there is none or it is no time."""
        text = self.first(name)
        return parse_time(text) if text else None

    def flag(self, name: str) -> bool:
        """Whether the value is TRUE."""
        return self.first(name) == "TRUE"

    def put(self, name: str, values: Iterable[bytes | str]) -> None:
        """Replace all values; none takes the attribute away."""
        made = [value.encode() if isinstance(value, str) else value for value in values]
        if made:
            self.attributes[name.lower()] = made
        else:
            self.attributes.pop(name.lower(), None)

    def holds(self, kind: schema.AttributeType, value: bytes) -> bool:
        """Whether one of the values equals this one by the attribute's own rule."""
        wanted = schema.folded(kind, value)
        return wanted is not None and any(schema.folded(kind, own) == wanted for own in self.values(kind.name))


def parse_time(text: str) -> datetime | None:
    """Read a generalized time in UTC; None for anything else, such as the 'for good' mark 000001010000Z."""
    for form in ("%Y%m%d%H%M%SZ", "%Y%m%d%H%M%S.%fZ"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def format_time(moment: datetime, *, fraction: bool = False) -> str:
    """Write a moment as a generalized time, to the second or to the microsecond."""
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%S.%fZ" if fraction else "%Y%m%d%H%M%SZ")
