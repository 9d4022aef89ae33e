"""What the people behind pseudonyms are called, for whoever reads the record."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from audit import people, pseudonyms
from audit.event import ANONYMOUS, SYSTEM
from audit.people import Known
from audit.reading import milliseconds
from connectors.account import Account
from connectors.errors import AccountNotFound, ConnectorError
from portal.accounts import Accounts
from portal.books import Books

UNKNOWN = "unknown:"  # how the id of an account begins that does not exist: a name that somebody tried
GOOD_FOR = timedelta(days=1)  # how long a name is taken as it was
NOBODY = (SYSTEM, ANONYMOUS)


class Names:
    def __init__(self, books: Books, *, accounts: Accounts) -> None:
        self._books = books
        self._accounts = accounts

    def of(self, who: Iterable[str]) -> Mapping[str, Known]:
        """The names of these people, looked up where they are not known yet."""
        wanted = {one for one in who if one not in NOBODY}
        self._look_up(wanted, since=None)
        with self._books.read() as db:
            return people.known(db, self._books.log.keyring, wanted)

    def learn(self, who: Iterable[str]) -> None:
        """Look up those who are not known, or have not been looked up for long."""
        self._look_up({one for one in who if one not in NOBODY}, since=self._books.clock() - GOOD_FOR)

    def unknown(self, who: Iterable[str]) -> frozenset[str]:
        """Those among these who are no accounts, but names that somebody tried."""
        with self._books.read() as db:
            accounts = {one: self._books.log.account_of(db, one) for one in who if one not in NOBODY}
        return frozenset(one for one, account in accounts.items() if account and account.startswith(UNKNOWN))

    def find(self, text: str) -> list[str]:
        """The pseudonyms of whoever goes by this name, or of the name itself if it was tried and nobody bears it."""
        with self._books.read() as db:
            found = people.called(db, self._books.log.keyring, text)
            if found:
                return found
            tried = f"{UNKNOWN}{self._books.keys.digest('claim', text.strip().lower())}"
            accounts = [tried, *self._in_directories(text)]
            known = [pseudonyms.find(db, self._books.log.keyring, account) for account in accounts]
        return [one for one in known if one]

    def _in_directories(self, text: str) -> list[str]:
        """By whatever else a directory finds people, such as an address."""
        return [look.account.id for look in self._accounts.look(text) if look.account]

    def _look_up(self, who: set[str], *, since: datetime | None) -> None:
        with self._books.read() as db:
            known = people.known(db, self._books.log.keyring, who)
            old = milliseconds(since) if since else 0
            missing = {
                one: self._books.log.account_of(db, one) for one in who if one not in known or known[one].seen < old
            }
        found = self._read({one: account for one, account in missing.items() if account})
        if not found:
            return
        with self._books.write() as tx:  # one commit for all of them: on a busy morning there are many
            for pseudonym, account in found.items():
                people.remember(
                    tx,
                    self._books.log.keyring,
                    pseudonym,
                    login=account.login,
                    name=account.name,
                    seen=self._books.clock(),
                )

    def _read(self, wanted: Mapping[str, str]) -> dict[str, Account]:
        found = {}
        for pseudonym, account_id in wanted.items():
            if account_id.startswith(UNKNOWN):
                continue
            try:
                found[pseudonym] = self._accounts.read(account_id)
            except AccountNotFound:
                continue
            except ConnectorError:
                break  # a directory that does not answer is not asked for each of them; later passes do
        return found
