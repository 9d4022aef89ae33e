"""What an installation tells about an identity provider; the manual is printed from the sentences below each field."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from connectors.encryption import keeps_secrets

# Signatures that only the provider can make. Those of a shared secret are left out: the public key is easily
# mistaken for one (RFC 8725 2.1), and "none" is no signature at all.
ASYMMETRIC = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
CHANNELS = ("mail", "phone", "paper", "key", "person", "memory")
# The values of RFC 8176 that tell over which channel something was proved; others say how, or how often.
AMR_CHANNELS: Mapping[str, tuple[str, ...]] = {
    "pwd": ("memory",),
    "otp": ("phone",),
    "sms": ("phone",),
    "tel": ("phone",),
    "hwk": ("key",),
    "sc": ("key",),
}
TAKEN = ("expired", "prove", "which", "link")  # pages of our own beside /sign-in/<name>


@dataclass(frozen=True, kw_only=True)
class ProviderSettings:
    """An identity provider people may sign in with. docs/sign-in.md says how. Raises ValueError."""

    name: str
    """A short name, part of addresses: /sign-in/<name> and /sign-in/<name>/callback. It stays as it is."""

    title: str
    """What people call it; it stands on the button."""

    issuer: str
    """Its address, exactly as its own metadata writes it: https://id.example.org/realms/staff."""

    client_id: str
    """What it knows the portal by."""

    client_secret: str = field(default="", repr=False)
    """The secret it gave to the portal, best from a file; empty for a public client."""

    scopes: tuple[str, ...] = ("openid", "profile")
    """What is asked for; openid must be among them."""

    algorithms: tuple[str, ...] = ("RS256", "PS256", "ES256", "EdDSA")
    """Signatures that are accepted; those of a shared secret, and none, never are."""

    subject_claims: tuple[str, ...] = ("sub",)
    """The claims that tell one person from all others for ever; for Entra ID ["tid", "oid"]. Never an address."""

    required_claims: Mapping[str, str] = field(default_factory=dict)
    """Claims without which nobody gets in: { hd = "example.org" } for one organisation at Google."""

    max_age: int = 0
    """How many seconds ago the sign-in at the provider may have been; 0: as long as the provider likes."""

    acr_values: tuple[str, ...] = ()
    """Levels of assurance, one of which is asked for and must be shown at every sign-in."""

    step_up: bool = True
    """Whether a fresh sign-in there counts as a fresh proof here; false where it cannot be asked for, as at Google."""

    step_up_acr_values: tuple[str, ...] = ()
    """The same as acr_values, for a fresh proof before something sensitive."""

    acr_claim: Literal["acr", "acrs"] = "acr"
    """Where levels stand; "acrs" for the authentication contexts of Entra ID, which are asked for in another way."""

    acr_channels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Level -> channels it proves, of mail, phone, paper, key, person and memory: { gold = ["memory", "key"] }."""

    amr_channels: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: dict(AMR_CHANNELS))
    """Method (RFC 8176) -> channels it proves. What names none counts as something in memory, like a password."""

    groups_claim: str = "groups"
    """The claim with groups, or with roles."""

    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Role -> values of that claim which give it: { coordinator = ["/staff/service-desk"] }."""

    groups_directory: str = ""
    """The directory of kind "microsoft" that tells the groups of whoever has too many for a token of Entra ID."""

    match_claim: str = ""
    """A claim with the login name in a directory: whoever shows it needs no password once to link the two. Only for a
    provider that lets nobody choose it; empty: nobody is matched by himself."""

    match_directory: str = ""
    """The directory whose login names match_claim holds."""

    userinfo: bool = False
    """Ask the provider's userinfo address too, where tokens hold no groups."""

    ca_file: Path | None = None
    """PEM file of the authority that signed its certificate; without it the system's are trusted."""

    timeout: float = 5.0
    """Seconds to wait for each answer."""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9-]{0,30}", self.name) or self.name in TAKEN:
            raise ValueError(f"name: small letters, digits and hyphens; not {', '.join(TAKEN)}")
        url = urlsplit(self.issuer)
        if not keeps_secrets(self.issuer):
            raise ValueError("issuer: must begin with https:// (http:// only for this very machine)")
        if not url.hostname or url.username or url.query or url.fragment:
            raise ValueError("issuer: scheme, host and path only")
        if not self.title or not self.client_id:
            raise ValueError("title, client_id: both are needed")
        if "openid" not in self.scopes:
            raise ValueError("scopes: openid must be among them")
        if not self.algorithms or not set(self.algorithms) <= set(ASYMMETRIC):
            raise ValueError(f"algorithms: one or more of {', '.join(ASYMMETRIC)}")
        if not self.subject_claims or {"email", "upn", "preferred_username"} & set(self.subject_claims):
            raise ValueError("subject_claims: claims that never change and that nobody can choose")
        for channels in (*self.acr_channels.values(), *self.amr_channels.values()):
            if not set(channels) <= set(CHANNELS):
                raise ValueError(f"acr_channels, amr_channels: channels are {', '.join(CHANNELS)}")
        if self.match_claim == "email" or bool(self.match_claim) != bool(self.match_directory):
            raise ValueError("match_claim, match_directory: both or none, and never an address")
        if self.max_age < 0 or not 0 < self.timeout <= 10:
            raise ValueError("max_age, timeout: not below zero; timeout at most 10")

    def roles_by(self, groups: Collection[str]) -> frozenset[str]:
        """The roles that these groups give here."""
        return frozenset(role for role, values in self.roles.items() if not set(values).isdisjoint(groups))
