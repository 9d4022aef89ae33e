"""Which permissions of Graph each ability takes, and which of them a token really holds.

The names are those of the permissions reference (learn.microsoft.com/graph/permissions-reference), least first.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.access import EnablesAccount, GivesAccessPass, SignsOutEverywhere
from connectors.capabilities import Capability, DisablesAccount, RequiresPasswordChange, SetsPassword
from connectors.findings import say
from connectors.mailbox import Forwards, ReadsMailbox, SetsAutoReply, TellsFullness


@dataclass(frozen=True, kw_only=True)
class Right:
    """Any one of `permissions` is enough; without it `stops` cannot be done."""

    what: str
    permissions: tuple[str, ...]
    stops: tuple[type[Capability], ...]


DIRECTORY_RIGHTS = (
    Right(
        what=say("read people"),
        permissions=("User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"),
        stops=(Capability,),
    ),
    Right(
        what=say("read groups and roles, by which people are protected"),
        permissions=("GroupMember.Read.All", "Group.Read.All", "Directory.Read.All", "Directory.ReadWrite.All"),
        stops=(Capability,),
    ),
    Right(
        what=say("set passwords"),
        permissions=("User-PasswordProfile.ReadWrite.All",),
        stops=(SetsPassword, RequiresPasswordChange),
    ),
    Right(
        what=say("disable accounts"),
        permissions=("User.EnableDisableAccount.All", "User.ReadWrite.All", "Directory.ReadWrite.All"),
        stops=(DisablesAccount, EnablesAccount),
    ),
    Right(
        what=say("end sessions"),
        permissions=("User.RevokeSessions.All", "User.ReadWrite.All", "Directory.ReadWrite.All"),
        stops=(SignsOutEverywhere,),
    ),
    Right(
        what=say("give temporary access passes"),
        permissions=("UserAuthMethod-TAP.ReadWrite.All", "UserAuthenticationMethod.ReadWrite.All"),
        stops=(GivesAccessPass,),
    ),
)

MAILBOX_RIGHTS = (
    Right(
        what=say("read people"),
        permissions=("User.ReadBasic.All", *DIRECTORY_RIGHTS[0].permissions),
        stops=(Capability,),
    ),
    Right(
        what=say("read and write auto replies and rules"),
        permissions=("MailboxSettings.ReadWrite",),
        stops=(ReadsMailbox, SetsAutoReply, Forwards),
    ),
    Right(
        what=say("read how full mailboxes are"),
        permissions=("Reports.Read.All",),
        stops=(TellsFullness,),
    ),
)

PASSWORD_ROLES: Mapping[str, str] = {
    "fe930be7-5e62-47db-91af-98c3a49a38b1": "User Administrator",
    "7be44c8a-adaf-4e2a-84d6-ab2649e08a13": "Privileged Authentication Administrator",
    "62e90394-69f5-4237-9190-012177145e10": "Global Administrator",
}
"""Roles in Entra, one of which the app needs beside the permission to set passwords, by their template IDs
(learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference)."""

DANGEROUS = frozenset({"Directory.ReadWrite.All", "RoleManagement.ReadWrite.Directory", "Application.ReadWrite.All"})
"""Whoever has these can make himself anything; the portal needs none of them."""


@dataclass(frozen=True)
class Granted:
    """What a token says of itself. It was made for Graph; here it only explains, and decides nothing."""

    permissions: frozenset[str]
    roles: frozenset[str]

    @classmethod
    def of(cls, token: str) -> "Granted | None":
        """None: it cannot be read, which it need not be."""
        try:
            body = token.split(".")[1]
            claims: Any = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
            return cls(frozenset(map(str, claims.get("roles", ()))), frozenset(map(str, claims.get("wids", ()))))
        except (IndexError, ValueError, AttributeError, TypeError):
            return None

    def has(self, right: Right) -> bool:
        return not self.permissions.isdisjoint(right.permissions)
