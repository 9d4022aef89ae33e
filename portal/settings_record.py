"""How long the record keeps what."""

from typing import Annotated

from pydantic import Field, field_validator

from audit.kinds import KINDS
from portal.settings_part import Part

Days = Annotated[int, Field(ge=0, le=36500)]


class Retention(Part):
    """How long the record keeps entries. `portal audit prune` takes out what is older; docs/evidence.md says how."""

    days: Days = 0
    """How many days an entry is kept; 0: for ever."""
    kinds: dict[str, Days] = {}
    """The same for single kinds of entries: { login = 180, password_reset = 730 }."""

    @field_validator("kinds")
    @classmethod
    def _are_known(cls, kinds: dict[str, int]) -> dict[str, int]:
        if unknown := sorted(set(kinds) - set(KINDS)):
            raise ValueError(f"unknown: {', '.join(unknown)}; known: {', '.join(sorted(KINDS))}")
        return kinds
