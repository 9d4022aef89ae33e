"""Finding people's entries, and reading an account out of one."""

from collections.abc import Iterator

from ldap3.core.exceptions import LDAPExceptionError

from connectors.account import Account
from connectors.errors import AccountAmbiguous, AccountNotFound, Unavailable
from connectors.ldap import own_data
from connectors.ldap.dialect import Dialect
from connectors.ldap.entry import Entry, dn_key
from connectors.ldap.link import Link
from connectors.ldap.requests import Filter, all_of, any_of, equals, written
from connectors.ldap.results import INSUFFICIENT_ACCESS, NO_SUCH_OBJECT, SIZE_LIMIT_EXCEEDED, SUCCESS, error_for
from connectors.ldap.settings import LdapSettings

LONGEST_CLAIM = 256
"""Characters; no login or mail address is longer, and the server need not be troubled with the rest."""

_PAGE = 500


class People:
    """The entries of one directory's people, read on a connection of the service account."""

    def __init__(self, settings: LdapSettings, dialect: Dialect) -> None:
        self._settings = settings
        self._dialect = dialect
        self._protected = frozenset(map(dn_key, settings.protected_dns))
        self._protected_groups = frozenset(map(dn_key, settings.protected_groups))
        try:
            self.everybody = written(settings.person_filter)
        except LDAPExceptionError as error:
            raise ValueError(f"person_filter: {error}") from error
        s = settings
        self.attributes = tuple(
            dict.fromkeys(
                (s.login_attribute, *s.mail_attributes, *s.recovery_mail_attributes, *own_data.attributes(s),
                 s.language_attribute, s.unit_attribute, s.kind_attribute, s.sponsor_attribute, "displayName", "cn",
                 "givenName", "memberOf", "createTimestamp", *dialect.attributes)
            )
        )  # fmt: skip

    def find(self, service: Link, claim: str) -> Account:
        """The one account with this login or address, private ones too. Raises AccountNotFound or AccountAmbiguous."""
        return self.account(service, self._one(service, self._named(claim)))

    def dn(self, service: Link, claim: str) -> str:
        """The DN of that account, for whoever may see no more of it."""
        return self._only(service, self._named(claim)).dn

    def _named(self, claim: str) -> Filter:
        if not claim.strip() or "\0" in claim or len(claim) > LONGEST_CLAIM:
            raise AccountNotFound("no usable name")
        try:
            claim.encode()
        except UnicodeEncodeError:
            raise AccountNotFound("no usable name") from None
        s = self._settings
        names = dict.fromkeys(
            (s.login_attribute, *self._dialect.names, *s.mail_attributes, *s.recovery_mail_attributes)
        )
        return any_of(*(equals(name, claim) for name in names))

    def read(self, service: Link, account_id: str) -> Account:
        return self.account(service, self.entry(service, account_id))

    def entry(self, service: Link, account_id: str) -> Entry:
        """The entry as it stands now, by the account's id. Raises AccountNotFound."""
        directory, _, identity = account_id.partition(":")
        wanted = self._dialect.identity_filter(identity)
        if directory != self._settings.name or wanted is None:
            raise AccountNotFound(f"{account_id} is no account of {self._settings.name}")
        return self._one(service, wanted)

    def at(self, service: Link, dn: str) -> Account | None:
        """The person at this DN; None if there is nobody, no person, or nothing we may see. Raises Unavailable."""
        found = service.read(dn, self.attributes, self.everybody)
        if found.reply.code != SUCCESS and isinstance(error := error_for(found.reply), Unavailable):
            raise error
        entry = next(iter(found.entries), None)
        return self.account(service, entry) if entry and self._dialect.identity(entry) else None

    def listed(self, service: Link, wanted: Filter) -> Iterator[Account]:
        """Everybody who matches, page by page, without their groups. Raises Unavailable if the list is cut short."""
        seen: set[str] = set()  # only where bases lie within one another
        for base in self._settings.people_bases:
            cookie, more = b"", True
            while more:
                found = service.search(base, all_of(self.everybody, wanted), self.attributes, page=(_PAGE, cookie))
                if found.reply.code == SIZE_LIMIT_EXCEEDED:
                    raise Unavailable(f"{base}: the server stops the list at its size limit")
                if found.reply.code not in (SUCCESS, NO_SUCH_OBJECT):
                    raise error_for(found.reply)
                for entry in found.entries:
                    if len(self._settings.people_bases) == 1 or dn_key(entry.dn) not in seen:
                        seen.add(dn_key(entry.dn))
                        yield self._account(service, entry)
                cookie, more = found.cookie, bool(found.cookie)

    def account(self, service: Link, entry: Entry) -> Account:
        entry = self._dialect.whole(service, entry)
        groups = self._dialect.groups(service, entry)
        protected = (
            dn_key(entry.dn) in self._protected
            or not self._protected_groups.isdisjoint(groups)
            or self._dialect.protected(entry)
        )
        return self._account(service, entry, groups, protected=protected)

    def _account(
        self, service: Link, entry: Entry, groups: frozenset[str] = frozenset(), *, protected: bool = False
    ) -> Account:
        s, d = self._settings, self._dialect
        return Account(
            id=f"{s.name}:{d.identity(entry)}",
            directory=s.name,
            dn=entry.dn,
            login=entry.text(s.login_attribute),
            name=entry.text("displayName", "cn"),
            given_name=entry.text("givenName"),
            mail=entry.text(*s.mail_attributes) or None,
            recovery_mail=entry.texts(*s.recovery_mail_attributes),
            own_mail=entry.texts(s.own_mail_attribute),
            phone=entry.text(s.phone_attribute),
            ssh_keys=entry.texts(s.ssh_key_attribute),
            language=entry.text(s.language_attribute) or None,
            unit=entry.text(s.unit_attribute),
            kind=entry.text(s.kind_attribute),
            sponsor=entry.text(s.sponsor_attribute) or None,
            groups=groups,
            protected=protected,
            created_at=entry.moment("createTimestamp"),
            policy=d.policy_dn(entry),
            state=d.state(service, entry),
        )

    def _one(self, service: Link, wanted: Filter) -> Entry:
        entry = self._only(service, wanted)
        if not self._dialect.identity(entry):
            raise AccountNotFound("an entry without an id")
        return entry

    def _only(self, service: Link, wanted: Filter) -> Entry:
        """Exactly one entry below all bases together; a limit of two is enough to know that there are more.

        A base that is missing or closed to us holds nobody: were it an error, only unknown names would meet it.
        """
        entries: dict[str, Entry] = {}
        closed = []
        for base in self._settings.people_bases:
            found = service.search(base, all_of(self.everybody, wanted), self.attributes, limit=2)
            if found.reply.code == INSUFFICIENT_ACCESS:
                closed.append(found.reply)
            elif found.reply.code not in (SUCCESS, SIZE_LIMIT_EXCEEDED, NO_SUCH_OBJECT):
                raise error_for(found.reply)
            entries.update((dn_key(entry.dn), entry) for entry in found.entries)  # bases may lie within one another
        if len(closed) == len(self._settings.people_bases):
            raise error_for(closed[0])
        if len(entries) > 1:
            raise AccountAmbiguous("more than one entry")
        if not entries:
            raise AccountNotFound("no such entry")
        return next(iter(entries.values()))
