"""Signing in where the portal has no service account: people bind, and what is known of them is what they may read."""

import secrets
from dataclasses import replace
from uuid import NAMESPACE_X500, uuid5

from connectors.account import Account, PasswordCheck, PasswordVerdict
from connectors.errors import AccountAmbiguous, AccountNotFound
from connectors.ldap.dialect import Dialect
from connectors.ldap.entry import dn_key
from connectors.ldap.link import Link
from connectors.ldap.people import LONGEST_CLAIM, People
from connectors.ldap.results import SUCCESS
from connectors.ldap.settings import LdapSettings

_WRONG = PasswordCheck(verdict=PasswordVerdict.WRONG)
_GOT_IN = (PasswordVerdict.RIGHT, PasswordVerdict.EXPIRED, PasswordVerdict.MUST_CHANGE)


class OwnBind:
    """What people bind as, and their account as they may read it themselves."""

    def __init__(self, settings: LdapSettings, dialect: Dialect, people: People) -> None:
        self._settings = settings
        self._dialect = dialect
        self._people = people

    def dn(self, login: str) -> str:
        """What `person_dn` makes of a login, by the rules of RFC 4514 if it is a DN; "" if it can make nothing."""
        template = self._settings.person_dn
        if not login.strip() or "\0" in login or len(login) > LONGEST_CLAIM:
            return ""
        if _is_dn(template):
            return template.replace("{login}", _escaped(login))
        return "" if set(login) & set("@\\/") else template.replace("{login}", login)  # no other realm than the one set

    def searched_dn(self, anybody: Link, claim: str) -> str:
        """The DN of whoever goes by that name, as far as an anonymous search finds it; "" if it does not."""
        try:
            return self._people.dn(anybody, claim)
        except (AccountNotFound, AccountAmbiguous):
            return ""

    def sign_in(self, person: Link, dn: str, login: str, password: str) -> tuple[PasswordCheck, Account | None]:
        """Nobody's name is tried as well: a stranger must not see that there is no such account."""
        reply = person.bind(dn or f"cn={secrets.token_hex(8)}", password)
        unread = self._unread(dn, login)
        check = self._dialect.judge(reply, unread) or self._dialect.judge_by_state(reply, unread.state)
        if not dn or check.verdict not in _GOT_IN:
            return check, None
        if reply.code != SUCCESS:
            return check, unread
        account = self._read(person, unread, password)
        if account is None:
            return _WRONG, None
        return self._dialect.judge(reply, account) or check, account

    def _read(self, person: Link, unread: Account, password: str) -> Account | None:
        """The account by its own entry; as good as unread where the server shows none; None if it is no person's."""
        try:
            dn = unread.dn if _is_dn(unread.dn) else self._proved_dn(person, unread.login, password)
        except (AccountNotFound, AccountAmbiguous):
            return None
        found = person.read(dn, self._people.attributes, self._people.everybody)
        if not found.entries:  # before a change that it demands a server shows nothing
            return None if found.reply.code == SUCCESS else replace(unread, dn=dn)
        account = self._people.account(person, found.entries[0])
        return account if self._dialect.identity(found.entries[0]) else replace(account, id=unread.id)

    def _proved_dn(self, person: Link, login: str, password: str) -> str:
        """Whose entry has that login, if the password is right there too: two names of two people may look alike."""
        dn = self._people.dn(person, login)
        if person.bind(dn, password).code != SUCCESS:
            raise AccountNotFound("the entry with that login is somebody else's")
        return dn

    def _unread(self, dn: str, login: str) -> Account:
        """All that is known before the first look. Its id follows from its name (RFC 9562, 5.5)."""
        name = self._settings.name
        return Account(id=f"{name}:{uuid5(NAMESPACE_X500, dn_key(dn))}", directory=name, dn=dn, login=login, name=login)


def _escaped(value: str) -> str:
    """Every sign that could mean something in a DN as its octets (RFC 4514, 2.4); ldap3's function leaves some out."""
    return "".join(c if c.isalnum() else "".join(f"\\{octet:02x}" for octet in c.encode()) for c in value)


def _is_dn(name: str) -> bool:
    return "=" in name
