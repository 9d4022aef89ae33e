"""Looking people up in whichever directory they live in."""

from connectors import Connectors
from connectors.account import Account
from connectors.capabilities import FindsAccounts
from connectors.errors import AccountAmbiguous, AccountNotFound

MOST_CHARACTERS = 256


class Accounts:
    """Finds accounts over all directories. Reading only: nothing here changes or records anything."""

    def __init__(self, connectors: Connectors) -> None:
        self._connectors = connectors

    def find(self, claim: str) -> Account:
        """The account a login name or mail address means; raise AccountNotFound, AccountAmbiguous or Unavailable."""
        if not claim.strip() or len(claim) > MOST_CHARACTERS or "\x00" in claim:
            raise AccountNotFound("not a name")
        found = [account for _, directory in self._directories() if (account := _found(directory, claim.strip()))]
        if len(found) > 1:
            raise AccountAmbiguous("in more than one directory")
        if not found:
            raise AccountNotFound("in no directory")
        return found[0]

    def read(self, account_id: str) -> Account:
        """The account as it stands now; raise AccountNotFound or Unavailable."""
        home = account_id.partition(":")[0]
        for name, directory in self._directories():
            if name == home:
                return directory.read(account_id)
        raise AccountNotFound("its directory is no longer configured")

    def _directories(self) -> list[tuple[str, FindsAccounts]]:
        return self._connectors.all_able_to(FindsAccounts)


def _found(directory: FindsAccounts, claim: str) -> Account | None:
    try:
        return directory.find(claim)
    except AccountNotFound:
        return None
