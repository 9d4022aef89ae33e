"""One entry as FreeIPA's JSON tells it: nearly every attribute is a list, and some values are wrapped in a name."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_SECRET = frozenset({"userpassword", "krbprincipalkey", "ipanthash", "passwordhistory", "randompassword"})
_MOMENT = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)T?(\d\d):?(\d\d):?(\d\d)(?:\.\d+)?Z")


@dataclass(frozen=True)
class Entry:
    """The attributes of one entry; names in lower case."""

    raw: Mapping[str, Any]

    @classmethod
    def of(cls, result: Mapping[str, Any]) -> "Entry":
        return cls({name.lower(): value for name, value in result.items()})

    def texts(self, *attributes: str) -> tuple[str, ...]:
        """All values of these attributes as text, in order, each once."""
        found: dict[str, None] = {}
        for attribute in attributes:
            value = self.raw.get(attribute.lower())
            values = value if isinstance(value, list | tuple) else [value]
            found.update(dict.fromkeys(_plain(one) for one in values if one not in (None, "")))
        return tuple(found)

    def text(self, *attributes: str) -> str:
        return next(iter(self.texts(*attributes)), "")

    def number(self, attribute: str) -> int:
        """The number, or 0 for none."""
        try:
            return int(self.text(attribute))
        except ValueError:
            return 0

    def flag(self, attribute: str) -> bool:
        return self.text(attribute).lower() == "true"

    def moment(self, attribute: str) -> datetime | None:
        return moment(self.text(attribute))

    def fingerprint(self) -> str:
        """Differs after every write to an attribute that can be read; FreeIPA shows no number of the version.

        The hashes of passwords, should somebody have given us the right to see them, stay out.
        """
        seen = {
            name: sorted(map(_plain, value)) if isinstance(value, list | tuple) else value
            for name, value in self.raw.items()
            if name not in _SECRET
        }
        return hashlib.sha256(json.dumps(seen, sort_keys=True, default=str).encode()).hexdigest()[:24]


def moment(text: str) -> datetime | None:
    """A time as commands print it (20261231235959Z) or as user-status does (2026-12-31T23:59:59Z)."""
    match = _MOMENT.fullmatch(text)
    if not match:
        return None
    try:
        return datetime(*(int(part) for part in match.groups()), tzinfo=UTC)  # type: ignore[misc,arg-type]
    except ValueError:
        return None


def written(when: datetime) -> str:
    """A time as commands take it."""
    return when.astimezone(UTC).strftime("%Y%m%d%H%M%SZ")


def _plain(value: Any) -> str:
    """`{"__datetime__": "20261231235959Z"}` and `{"__base64__": …}` without the wrapping."""
    if isinstance(value, Mapping):
        return str(next(iter(value.values()), ""))
    return str(value)
