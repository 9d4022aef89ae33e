"""Looking people up in whichever directory they live in."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from connectors import Connectors
from connectors.account import Account
from connectors.belonging import Belonging
from connectors.capabilities import FindsAccounts
from connectors.errors import AccountAmbiguous, AccountNotFound, ConnectorError
from portal.kept import Kept
from portal.routing import Place, places

MOST_CHARACTERS = 256


@dataclass(frozen=True)
class Look:
    """What one directory said to a name. No account: nobody there, or more than one, or it could not be asked."""

    place: Place
    account: Account | None = None
    error: ConnectorError | None = None

    @property
    def down(self) -> bool:
        """Nobody knows yet whether somebody goes by that name there."""
        return self.error is not None and not isinstance(self.error, AccountAmbiguous)


class Accounts:
    """Finds accounts over all directories. Changes and records nothing outside."""

    def __init__(
        self,
        connectors: Connectors,
        directories: Mapping[str, Belonging],
        kept: Kept,
        noted: Callable[[Account], None] = lambda account: None,
    ) -> None:
        """`noted` is told of each account that was read."""
        self._connectors = connectors
        self.directories = directories
        self._kept = kept
        self._noted = noted

    def places(self, claim: str) -> int:
        """How many directories a name may belong to."""
        return len(places(claim.strip(), self.directories))

    def look(self, claim: str) -> Iterator[Look]:
        """Ask every directory the name may belong to, one after the other: always as many, whoever exists."""
        for place in places(claim.strip(), self.directories):
            try:
                found = _first(self._find(place.directory, name) for name in place.names)
                if found:
                    self._noted(found)
                yield Look(place, found)
            except ConnectorError as error:
                yield Look(place, error=error)

    def find(self, claim: str) -> Account:
        """The one account a login name or mail address means; raise AccountNotFound, AccountAmbiguous, Unavailable."""
        looks = list(self.look(claim))
        found = [look.account for look in looks if look.account]
        if len(found) > 1:
            raise AccountAmbiguous("in more than one directory")
        if error := next((look.error for look in looks if look.error), None):
            raise error
        if not found:
            raise AccountNotFound("in no directory")
        return found[0]

    def read(self, account_id: str) -> Account:
        """The account as it stands now, or as its owner last showed it; raise AccountNotFound or Unavailable."""
        home = account_id.partition(":")[0]
        directory = self._directory(home)
        if directory:
            account = directory.read(account_id)
            self._noted(account)
            return account
        if home not in self._connectors.directories:
            raise AccountNotFound("its directory is no longer configured")
        kept = self._kept.read(account_id)
        if kept is None:
            raise AccountNotFound("not signed in lately, and its directory shows nobody else anything")
        self._noted(kept)
        return kept

    def keep(self, account: Account) -> Account:
        """Keep what somebody has just shown of an account that cannot be read otherwise."""
        return self._kept.keep(account)

    def _find(self, home: str, name: str) -> Account | None:
        if not name.strip() or len(name) > MOST_CHARACTERS or "\x00" in name:
            return None
        directory = self._directory(home)
        if directory is None:
            return self._kept.find(home, name)
        try:
            return directory.find(name)
        except AccountNotFound:
            return None

    def _directory(self, home: str) -> FindsAccounts | None:
        return dict(self._connectors.all_able_to(FindsAccounts)).get(home)


def _first(found: Iterator[Account | None]) -> Account | None:
    return next((account for account in found if account), None)
