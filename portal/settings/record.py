"""How long the record keeps what, and what in it is looked for."""

from datetime import time
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from audit.kinds import KINDS
from portal.auditors.settings import AuditUnit
from portal.settings.part import Part, Secret

Days = Annotated[int, Field(ge=0, le=36500)]


class Audit(Part):
    """The record that can be proved."""

    origin: str
    """The log's name, `<host>/audit`; part of every signature, so it can never change."""
    key: Secret
    """Encrypts what may be erased: the disclosures and the pseudonyms."""
    signing_key: Path | None = None
    """PEM file with the Ed25519 key that signs checkpoints, made by `portal init`; unset: the sealer has its own."""
    verifier_key: str = ""
    """Where the sealer has its own file: the key it is verified with, as `portal audit key` prints it there."""

    @model_validator(mode="after")
    def _can_be_verified(self) -> Self:
        if not self.signing_key and not self.verifier_key:
            raise ValueError("signing_key, verifier_key: give one of them")
        return self

    schema_version: Literal["1.8.0", "1.9.0"] = "1.8.0"
    """Version of OCSF whose ids new entries carry; 1.9.0 is not released yet."""
    units: tuple[AuditUnit, ...] = ()
    """Parts of the organisation with auditors of their own; none: every auditor sees everything."""


class Retention(Part):
    """How long the record keeps entries. `portal audit prune` takes out what is older; docs/evidence.md says how."""

    days: Days = 0
    """How many days an entry is kept; 0: for ever."""
    kinds: dict[str, Days] = {}
    """The same for single kinds of entries: { login = 180, password_reset = 730 }."""

    at: time | None = None
    """When the worker does it each day, such as 03:30; without it nothing goes but by the command."""

    @field_validator("kinds")
    @classmethod
    def _are_known(cls, kinds: dict[str, int]) -> dict[str, int]:
        if unknown := sorted(set(kinds) - set(KINDS)):
            raise ValueError(f"unknown: {', '.join(unknown)}; known: {', '.join(sorted(KINDS))}")
        return kinds


class Watching(Part):
    """What in the record needs a look: each finding is an entry of its own and a ticket for the supervisors."""

    rules: tuple[str, ...] = ("many_resets", "reset_at_night", "reset_then_forward", "own_approval", "gap")
    """Which rules are used; none: nothing is looked for. docs/evidence.md says what each finds."""
    many_resets: int = Field(default=15, ge=1)
    """From how many people on, whose accounts one person opened for them, it is many."""
    many_resets_minutes: int = Field(default=60, ge=1, le=1440)
    """Within how many minutes."""
    night: tuple[time, time] = (time(22), time(6))
    """When it is night, in the organisation's zone: a new password for somebody with a role needs a look then."""
    forward_hours: int = Field(default=24, ge=1, le=168)
    """How long after a reset a forward to the outside needs a look."""


class Exports(Part):
    """Views of the record as files."""

    keep_days: int = Field(default=7, ge=1, le=90)
    """How long a file waits for whoever asked for it."""
    at_once: int = Field(default=1000, ge=0, le=10_000)
    """Up to this many entries the file comes at once; more are written by the worker, and announced by mail."""
