"""Whose mailboxes lie in an installation: settings that every kind of mail system has."""

from dataclasses import dataclass

from connectors.account import Account


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
