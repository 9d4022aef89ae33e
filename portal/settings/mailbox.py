"""Settings of mailboxes: where they lie, and to where their mail may go."""

from collections.abc import Container, Iterable, Sequence
from typing import Annotated

from pydantic import Field

from connectors.account import Account
from connectors.mailboxes import AnyMailboxSettings
from connectors.mailboxes.ldap import LdapMailboxSettings
from connectors.mailboxes.ldap_groups import LdapGroupsSettings
from portal.settings.part import Part

MailboxSystem = Annotated[AnyMailboxSettings, Field(discriminator="kind")]


class MailRules(Part):
    """To where mail may be sent on, and which other addresses people may have. docs/mailboxes.md says how."""

    inside: tuple[str, ...] = ()
    """Mail domains of the organisation, beside those of the directories."""
    trusted: tuple[str, ...] = ()
    """Domains outside to which people may forward as if they were inside, such as a partner's."""
    refused: tuple[str, ...] = ()
    """Domains to which nothing may be forwarded; "*": none outside."""
    cooling_hours: int = Field(default=24, ge=0, le=720)
    """How long a new forward to the outside waits after all have agreed and its owner was told."""
    alias_domains: tuple[str, ...] = ()
    """Domains in which people may ask for other addresses; empty: that of their own address."""
    temporary_days: int = Field(default=90, ge=1, le=365)
    """How many days an address for a while lasts at most."""
    nearly_full: float = Field(default=0.9, gt=0, lt=1)
    """How full a mailbox may be until its owner is told, once."""
    quota_steps_gb: tuple[int, ...] = (5, 10, 20, 50)
    """Sizes of a mailbox that may be asked for, in GB."""

    def domains_of(self, account: Account) -> tuple[str, ...]:
        """Where this person may have other addresses."""
        return self.alias_domains or ((account.mail or "").rpartition("@")[2],)


def check_places(mailboxes: Sequence[MailboxSystem], homes: Iterable[str], directories: Container[str]) -> None:
    """Raises ValueError for names that mean two things, or none."""
    names = [name.casefold() for name in (*homes, *(one.name for one in mailboxes))]
    if len(set(names)) < len(names):
        raise ValueError("mailboxes: each needs a name of its own, different from those of the directories")
    for one in mailboxes:
        if isinstance(one, LdapMailboxSettings | LdapGroupsSettings) and one.directory not in directories:
            raise ValueError(f"mailboxes: {one.name}: there is no directory {one.directory}")
