"""A Google Workspace for tests, and connectors to it."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from connectors.account import Account
from connectors.google import GoogleDirectory, GoogleSettings
from connectors.mailboxes.gmail import Gmail
from connectors.mailboxes.gmail_settings import GmailSettings
from connectors.mailboxes.google_groups import GoogleGroups, GoogleGroupsSettings
from tests.connectors.token_lab import now, tokens
from tests.standins.google import ADMIN, GoogleStandin


def account_of(address: str) -> Account:
    """Somebody of a directory of ours, as far as a mailbox at Google is concerned."""
    return Account(id=f"main:{address}", directory="main", dn=f"uid={address}", login="x", name="X", mail=address)


def google_settings(google: GoogleStandin, **settings: Any) -> GoogleSettings:
    given = {"key": google.key_file(), "admin": ADMIN, "url": google.url, "timeout": 2.0} | settings
    return GoogleSettings(name="workspace", **given)


def google_directory(google: GoogleStandin, folder: Path, **settings: Any) -> GoogleDirectory:
    return GoogleDirectory(google_settings(google, **settings), now, tokens(folder))


def gmail_settings(google: GoogleStandin, **settings: Any) -> GmailSettings:
    given = {"key": google.key_file(), "admin": ADMIN, "url": google.url, "admin_url": google.url, "timeout": 2.0}
    return GmailSettings(name="gmail", **given | settings)


def google_groups(google: GoogleStandin, folder: Path, **settings: Any) -> GoogleGroups:
    given = {"key": google.key_file(), "admin": ADMIN, "url": google.url, "timeout": 2.0} | settings
    return GoogleGroups(GoogleGroupsSettings(name="lists", **given), now, tokens(folder))


def gmail(google: GoogleStandin, folder: Path, *, clock: Callable[[], datetime] = now, **settings: Any) -> Gmail:
    return Gmail(gmail_settings(google, **settings), clock, tokens(folder))
