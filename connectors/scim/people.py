"""Finding people of a SCIM server, and reading an account out of a User (RFC 7643, 4.1 and 4.3)."""

import json
from contextlib import suppress
from datetime import datetime
from typing import Any

from connectors.account import Account, AccountState
from connectors.errors import AccountAmbiguous, AccountNotFound, Forbidden, Obstacle, Unavailable
from connectors.scim.client import Fields, Person, ScimClient
from connectors.scim.settings import ScimSettings

_LONGEST = 255
_SEEN = 10  # of those that fit a filter: one is right, and two are too many
_ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


class People:
    """The people of one server."""

    def __init__(self, settings: ScimSettings, client: ScimClient) -> None:
        self._settings = settings
        self._client = client
        self._protected_groups = frozenset(name.casefold() for name in settings.protected_groups)
        self._protected_users = frozenset(name.casefold() for name in settings.protected_users)

    def find(self, claim: str) -> Account:
        """The one account with this user name or address. Raises AccountNotFound or AccountAmbiguous."""
        if not claim or len(claim) > _LONGEST or not claim.isprintable():
            raise AccountNotFound("no usable name")
        wanted = claim.casefold()
        found = {user.get("id"): user for user in self._listed("userName", claim) if _login(user).casefold() == wanted}
        if "@" in claim:
            with suppress(Forbidden):  # many a server filters by user name alone
                for user in self._listed("emails.value", claim):
                    if wanted in (mail.casefold() for mail in _values(user, "emails")):
                        found[user.get("id")] = user
        if len(found) > 1:
            raise AccountAmbiguous("more than one account")
        if not found:
            raise AccountNotFound("no such account")
        return self.account(next(iter(found.values())))

    def read(self, account_id: str) -> Account:
        return self.account(self._client.get(Person, self.id_of(account_id)))

    def id_of(self, account_id: str) -> str:
        """The server's own id of an account of ours."""
        directory, _, identity = account_id.partition(":")
        usable = identity.isprintable() and identity.strip(".") and len(identity) <= _LONGEST
        if directory != self._settings.name or not usable:
            raise AccountNotFound(f"{account_id} is no account of {self._settings.name}")
        return identity

    def account(self, user: Fields) -> Account:
        """Raises Unavailable for what is no user."""
        s, login, name = self._settings, _login(user), user.get("name") or {}
        if not user.get("id") or not login:
            raise Unavailable("the answer is no user")
        private = s.recovery_mail_type
        given, family = _text(name, "givenName"), _text(name, "familyName")
        groups = frozenset(text.casefold() for key in ("display", "value") for text in _values(user, "groups", key))
        return Account(
            id=f"{s.name}:{user['id']}",
            directory=s.name,
            dn=login,
            login=login,
            name=_text(user, "displayName") or _text(name, "formatted") or f"{given} {family}".strip() or login,
            given_name=given,
            mail=_mail(user, private),
            recovery_mail=tuple(e["value"] for e in _mails(user) if private and e.get("type") == private),
            phone=next(iter(_values(user, "phoneNumbers")), ""),
            language=_text(user, "preferredLanguage") or _text(user, "locale") or None,
            unit=_text(user.get(_ENTERPRISE) or {}, "department"),
            kind=_text(user, "userType"),
            created_at=_moment(_text(user.get("meta") or {}, "created")),
            groups=groups,
            protected=login.casefold() in self._protected_users or not self._protected_groups.isdisjoint(groups),
            state=AccountState(disabled=str(user.get("active", True)).lower() == "false", revision=_revision(user)),
        )

    def _listed(self, attribute: str, value: str) -> list[Fields]:
        """The value is written as JSON writes it (RFC 7644, 3.4.2.2), so that it cannot be a part of the filter."""
        condition = f"{attribute} eq {json.dumps(value, ensure_ascii=False)}"
        listed = self._client.get(Person, None, {"filter": condition, "count": _SEEN})
        if int(listed.get("totalResults") or 0) > _SEEN:
            raise Forbidden("the server does not filter by what it is asked for", obstacle=Obstacle.UNSUPPORTED)
        return [user for user in listed.get("Resources") or () if isinstance(user, dict)]


def _login(user: Fields) -> str:
    return _text(user, "userName")


def _text(fields: Fields, name: str) -> str:
    return str(fields.get(name) or "")


def _values(user: Fields, name: str, key: str = "value") -> list[str]:
    """Of an attribute with several values, each of which has more to it (RFC 7643, 2.4)."""
    return [str(one[key]) for one in user.get(name) or () if isinstance(one, dict) and one.get(key)]


def _mails(user: Fields) -> list[dict[str, Any]]:
    return [one for one in user.get("emails") or () if isinstance(one, dict) and one.get("value")]


def _mail(user: Fields, private: str) -> str | None:
    """The one that is named the first, then any that is not a private one."""
    own = [one for one in _mails(user) if not private or one.get("type") != private]
    return next((str(one["value"]) for one in own if one.get("primary")), str(own[0]["value"]) if own else None)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None


def _revision(user: Fields) -> str:
    """Differs after every write, where the server tells a version or a time; with neither nothing can be told."""
    meta = user.get("meta") or {}
    return _text(meta, "version") or _text(meta, "lastModified")
