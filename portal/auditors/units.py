"""To which unit an account belongs, and which units an auditor sees.

The record names accounts by their ids only, so that the units of those read lately are remembered here.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from threading import Lock

from connectors.account import Account
from portal.auditors.settings import AuditUnit

MOST = 20_000  # accounts remembered


class Units:
    def __init__(self, units: Sequence[AuditUnit]) -> None:
        self._units = units
        self._lately: OrderedDict[str, str] = OrderedDict()
        self._lock = Lock()

    def note(self, account: Account) -> None:
        """Remember the unit of an account that was just read: the first that it fits."""
        if not self._units:
            return
        with self._lock:
            self._lately[account.id] = next((unit.name for unit in self._units if _fits(unit, account)), "")
            self._lately.move_to_end(account.id)
            if len(self._lately) > MOST:
                self._lately.popitem(last=False)

    def of(self, account_id: str) -> str:
        """The unit of an account; empty if it has none, or has not been read lately."""
        return self._lately.get(account_id, "")

    def seen_by(self, groups: Iterable[str]) -> tuple[str, ...] | None:
        """The units whose entries somebody in these groups (DNs) sees; None: all entries."""
        mine = {group.lower() for group in groups}
        seen = [unit for unit in self._units if mine & {dn.lower() for dn in unit.auditors}]
        if not self._units or any(unit.everybody for unit in seen):
            return None
        return tuple(unit.name for unit in seen)


def _fits(unit: AuditUnit, account: Account) -> bool:
    dn = account.dn.lower()
    return (
        account.directory in unit.directories
        or account.unit in unit.people
        or any(dn.endswith(f",{base.lower()}") for base in unit.bases)
    )
