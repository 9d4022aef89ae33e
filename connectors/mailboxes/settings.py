"""Whose mailboxes lie in an installation: settings that every kind of mail system has."""

from dataclasses import dataclass, field
from pathlib import Path

from connectors.account import Account
from connectors.capability import Capability
from connectors.oauth.settings import checked_url


@dataclass(frozen=True, kw_only=True)
class MailboxSettings:
    """One mail system, or a part of one. Raises ValueError for what could never work."""

    name: str
    """The installation's name for it, different from those of the directories."""

    domains: tuple[str, ...] = ()
    """Mail domains whose mailboxes lie here; empty: all."""

    accounts: tuple[str, ...] = ()
    """Names of the directories whose people have their mailboxes here; empty: all."""

    def __post_init__(self) -> None:
        if not self.name or ":" in self.name:
            raise ValueError("name: give the mail system a name without a colon")

    def serves_people_of(self, home: str) -> bool:
        """Whether mailboxes of this directory's people may lie here."""
        return not self.accounts or home in self.accounts

    def serves(self, account: Account) -> bool:
        """Whether this person's mailbox lies here."""
        domain = (account.mail or "").rpartition("@")[2].casefold()
        ours = {one.casefold().removeprefix("@") for one in self.domains}
        return self.serves_people_of(account.directory) and bool(domain) and (not ours or domain in ours)


@dataclass(frozen=True, kw_only=True)
class HttpMailboxSettings(MailboxSettings):
    """One that is reached over HTTPS with a key. Raises ValueError for what would send the key in clear."""

    url: str
    """Address of its HTTP service, such as "https://mail.example.org:8080"."""

    key: str = field(repr=False)
    """The key to it. It opens everything there, so let it be used from the portal's address only."""

    ca_file: Path | None = None
    """PEM file of the authority that signed the server's certificate; without it the system's are trusted."""

    timeout: float = 5.0
    """Seconds to wait for an answer."""

    def __post_init__(self) -> None:
        super().__post_init__()
        checked_url("url", self.url)
        if self.timeout <= 0:
            raise ValueError("timeout: must be above zero")


class MailSystem(Capability):
    """A connector that serves whom its settings name. First among the bases: `Capability` serves everybody."""

    settings: MailboxSettings

    def serves(self, account: Account) -> bool:
        return self.settings.serves(account)

    def serves_people_of(self, home: str) -> bool:
        return self.settings.serves_people_of(home)
