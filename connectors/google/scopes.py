"""The scopes the portal asks for, each for one thing (https://developers.google.com/identity/protocols/oauth2/scopes).

A delegation names scopes exactly: one that allows more does not stand for one that allows less.
"""

from enum import StrEnum

_PREFIX = "https://www.googleapis.com/auth/"


class Scope(StrEnum):
    READ_USERS = f"{_PREFIX}admin.directory.user.readonly"
    WRITE_USERS = f"{_PREFIX}admin.directory.user"
    SECURITY = f"{_PREFIX}admin.directory.user.security"
    ALIASES = f"{_PREFIX}admin.directory.user.alias"
    GROUPS = f"{_PREFIX}admin.directory.group.readonly"
    MEMBERS = f"{_PREFIX}admin.directory.group.member"
    USAGE = f"{_PREFIX}admin.reports.usage.readonly"
    MAIL = f"{_PREFIX}gmail.settings.basic"
    SHARING = f"{_PREFIX}gmail.settings.sharing"
