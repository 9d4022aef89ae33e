"""The settings as text: each field with its one sentence, for the sample file and the manual."""

import ast
import dataclasses
import inspect
import textwrap
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from connectors.belonging import Belonging
from connectors.freeipa.settings import FreeIpaSettings
from connectors.ldap.settings import LdapSettings
from connectors.mailboxes.doveadm import DoveadmSettings
from connectors.mailboxes.gmail_settings import GmailSettings
from connectors.mailboxes.google_groups import GoogleGroupsSettings
from connectors.mailboxes.graph import GraphMailboxSettings
from connectors.mailboxes.ldap import LdapMailboxSettings
from connectors.mailboxes.mailcow_api import MailcowSettings
from connectors.mailboxes.postfixadmin_database import PostfixAdminSettings
from connectors.mailboxes.sieve_client import ManageSieveSettings
from connectors.oidc.settings import ProviderSettings
from connectors.siem.settings import SiemSettings
from connectors.smtp import SmtpSettings
from connectors.tickets.settings import TicketSystemSettings
from portal.settings.aftercare import Aftercare
from portal.settings.callers import CallerCheck
from portal.settings.desk import Desk, Domain
from portal.settings.directory_kinds import LDAP_DIRECTORIES, OTHER_DIRECTORIES
from portal.settings.duty import Approvals, Calendar
from portal.settings.extension import Extension, Term
from portal.settings.installation import Organisation, Rule, Settings
from portal.settings.limits import Limits
from portal.settings.mail_in import MailIn
from portal.settings.mailbox import MailRules
from portal.settings.people import OwnData, Passwords, Recovery, Sessions, SignIn
from portal.settings.record import Audit, Exports, Retention, Watching
from portal.settings.sealer import Anchors, Sealer, Timestamp, Witness
from portal.settings.systems import PasswordAlso
from portal.settings.worker import AfterChange, Hook, Notices

SECTIONS: tuple[tuple[str, type], ...] = (
    ("", Settings),
    ("organisation", Organisation),
    ("audit", Audit),
    ("sealer", Sealer),
    ("[sealer.witnesses]", Witness),
    ("anchors", Anchors),
    ("anchors.timestamp", Timestamp),
    ("[directories]", LdapSettings),
    ("[freeipa]", FreeIpaSettings),
    ("[passwords_also]", PasswordAlso),
    ("mail", SmtpSettings),
    ("[mailboxes]", ManageSieveSettings),
    ("[mailboxes]", LdapMailboxSettings),
    ("[mailboxes]", DoveadmSettings),
    ("[mailboxes]", MailcowSettings),
    ("[mailboxes]", PostfixAdminSettings),
    ("[mailboxes]", GraphMailboxSettings),
    ("[mailboxes]", GmailSettings),
    ("[mailboxes]", GoogleGroupsSettings),
    ("mailbox", MailRules),
    ("recovery", Recovery),
    ("passwords", Passwords),
    ("sign_in", SignIn),
    ("[providers]", ProviderSettings),
    ("own_data", OwnData),
    ("sessions", Sessions),
    ("desk", Desk),
    ("[desk.domains]", Domain),
    ("caller_check", CallerCheck),
    ("aftercare", Aftercare),
    ("mail_in", MailIn),
    ("approvals", Approvals),
    ("[calendars]", Calendar),
    ("notices", Notices),
    ("ticket_system", TicketSystemSettings),
    ("after_change", AfterChange),
    ("[hooks]", Hook),
    ("[siem]", SiemSettings),
    ("retention", Retention),
    ("watching", Watching),
    ("exports", Exports),
    ("[extensions]", Extension),
    ("[extensions.terms]", Term),
    ("limits", Limits),
    ("rules.<action>", Rule),
)


@dataclasses.dataclass(frozen=True)
class Line:
    """One setting: its name, what it means, and its default ("" where it must be given)."""

    name: str
    meaning: str
    default: str


def lines(section: type[Any]) -> Iterator[Line]:
    """The settings of one section, in their order; parts with a section of their own are left out."""
    if issubclass(section, BaseModel):
        for name, field in section.model_fields.items():
            if field.description:
                yield Line(name, field.description, _toml(field.get_default(call_default_factory=True)))
        return
    meanings = _docstrings(section)
    seldom = {part.name for part in dataclasses.fields(Belonging)}  # what only several directories need comes last
    for part in sorted(dataclasses.fields(section), key=lambda part: part.name in seldom):
        default = part.default if part.default is not dataclasses.MISSING else PydanticUndefined
        yield Line(part.name, meanings[part.name], _toml(default))


def markdown() -> str:
    """All settings as Markdown tables."""
    text = []
    for title, section in SECTIONS:
        text.append(f"\n## {f'[{title}]' if title else 'Top of the file'}\n")
        text.append((section.__doc__ or "").strip().split("\n")[0] + "\n")
        text.append("| setting | meaning | default |\n|---|---|---|")
        text += map(_row, lines(section))
        if section is LdapSettings:
            text += [*_differences(), *_others()]
    return "\n".join(text).strip() + "\n"


def _differences() -> Iterator[str]:
    """What the other kinds of directory have different."""
    usual = set(lines(LdapSettings))
    for kind, section in LDAP_DIRECTORIES.items():
        if section is not LdapSettings:
            yield f'\nDifferent with `kind = "{kind}"`:\n\n| setting | meaning | default |\n|---|---|---|'
            yield from (_row(line) for line in lines(section) if line not in usual)


def _others() -> Iterator[str]:
    """The kinds of directory that have little in common with the usual ones."""
    for kind, section in OTHER_DIRECTORIES.items():
        yield f'\nWith `kind = "{kind}"` these instead:\n\n| setting | meaning | default |\n|---|---|---|'
        yield from map(_row, lines(section))


def _row(line: Line) -> str:
    return f"| `{line.name}` | {_cell(line.meaning)} | {_code(line.default)} |"


def _docstrings(section: type) -> dict[str, str]:
    """The sentence below each field of a dataclass, inherited ones too."""
    found: dict[str, str] = {}
    for part in reversed(section.__mro__):
        if dataclasses.is_dataclass(part):
            found |= _own_docstrings(part)
    return found


def _own_docstrings(section: type) -> dict[str, str]:
    tree = ast.parse(textwrap.dedent(inspect.getsource(section)))
    body = tree.body[0].body  # type: ignore[attr-defined]
    found = {}
    for field, text in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
            found[ast.unparse(field.target)] = str(text.value.value)
    return found


def _toml(value: Any) -> str:
    if value is PydanticUndefined or value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_toml(v) for v in value) + "]"
    if isinstance(value, dict):
        return "{}"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _code(text: str) -> str:
    return f"`{text}`" if text else ""
