"""What people need to get in, how long they stay in, and what they may choose and change themselves."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from portal.settings.part import Part, Role


def _https(value: str) -> str:
    if value and not value.startswith("https://"):
        raise ValueError("must begin with https://")
    return value


class Recovery(Part):
    """The way back in for people who cannot sign in."""

    factors: tuple[str, ...] = ("mailed_code", "totp", "recovery_code")
    """The proofs offered; everybody sees the same list."""
    minutes: int = Field(default=30, ge=5, le=120)
    """How long a walk, and what was proved in it, stays good."""
    code_minutes: int = Field(default=10, ge=2, le=30)
    """How long a mailed code works."""
    cooling_hours: int = Field(default=48, ge=1, le=720)
    """How long a changed private address waits, after its owner was told, before it is in force."""


class Passwords(Part):
    """Rules of the portal's own, on top of the directory's."""

    min_length: int = Field(default=15, ge=8, le=64)
    """The least number of characters: 15 where it is the only proof, 8 beside a second factor (NIST SP 800-63B-4)."""
    words: tuple[str, ...] = ()
    """Words nobody may build a password on: names of the organisation, its town, its products."""
    breach_file: Path | None = None
    """Passwords that have turned up in leaks: a file made by `portal breaches build`, looked up on this machine."""
    breach_service: Annotated[str, AfterValidator(_https)] = ""
    """The same from a service: "https://api.pwnedpasswords.com/range/". It is told five digits of a hash, no more."""
    breach_service_ca_file: Path | None = None
    """PEM file of the authority behind a service of one's own; unset: the system's authorities."""


class SignIn(Part):
    """Who must prove more than a password."""

    second_factor_roles: tuple[Role, ...] = ("coordinator", "tier2", "supervisor", "auditor", "admin")
    """Roles that are given only after a second factor."""
    ask_directory: bool = False
    """Ask on the pages before a sign-in which directory people belong to, by its label; they may leave it open."""
    failure_milliseconds: int = Field(default=400, ge=0, le=5000)
    """Every failed sign-in takes this long, so that its time tells nothing about the account."""


class OwnData(Part):
    """What people change about themselves: private addresses, telephone, SSH keys. docs/own-data.md says how."""

    mail_domains: tuple[str, ...] = ()
    """Domains of mailboxes that open with the same password: no private address may lie there."""
    phone_country: Annotated[str, Field(pattern="^([A-Z]{2})?$")] = ""
    """Country of telephone numbers typed without one, as in NO; empty: everybody types + and the country."""
    ssh_rsa_bits: int = Field(default=3072, ge=2048)
    """The least size of an RSA key; shorter ones are not added (NIST SP 800-57: 2048 is good until 2030)."""
    ssh_keys: int = Field(default=20, ge=1, le=200)
    """How many SSH keys one person may have."""


class Sessions(Part):
    """How long a sign-in lasts."""

    idle_minutes: int = Field(default=60, ge=5)
    """Without a click for this long, the session ends."""
    idle_minutes_privileged: int = Field(default=15, ge=5)
    """The same for everybody with a role."""
    hours: int = Field(default=12, ge=1, le=24)
    """The longest a session lasts, in use or not."""
