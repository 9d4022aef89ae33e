"""How full mailboxes in Exchange Online are: a report on everybody, about two days old.

learn.microsoft.com/graph/api/reportroot-getmailboxusagedetail: it is answered with the address of a file that is good
by itself, for minutes; our token does not go there.
"""

import csv
import time
from collections.abc import Iterator, Mapping

from connectors.encryption import keeps_secrets
from connectors.errors import ConnectorError, Forbidden, Obstacle, Unavailable
from connectors.graph.client import GraphClient
from connectors.mailbox import Quota
from connectors.wire import Lost

_REPORT = "reports/getMailboxUsageDetail(period='D7')"
_WHO, _USED, _LIMIT = "User Principal Name", "Storage Used (Byte)", "Prohibit Send/Receive Quota (Byte)"
_GOOD_SECONDS = 12 * 3600  # it is made anew once a day
_AGAIN_SECONDS = 15 * 60  # after a failure: about 14 reports in 10 minutes are given to an app


class Usage:
    """Read once and kept; safe for threads, which may read it twice."""

    def __init__(self, client: GraphClient) -> None:
        self._client = client
        self._kept: Mapping[str, Quota] = {}
        self._until = float("-inf")

    def of(self, login: str) -> Quota | None:
        """What the newest report says of this user principal name; None where there is none."""
        if time.monotonic() > self._until:
            try:
                self._kept, self._until = dict(self.read()), time.monotonic() + _GOOD_SECONDS
            except ConnectorError:
                self._until = time.monotonic() + _AGAIN_SECONDS
        return self._kept.get(login.casefold())

    def read(self) -> Iterator[tuple[str, Quota]]:
        """Everybody's, by the user principal name in small letters."""
        rows = csv.DictReader(self._file().splitlines())
        if not rows.fieldnames or not {_WHO, _USED, _LIMIT} <= set(rows.fieldnames):
            raise Unavailable("the report of how full mailboxes are lacks its columns")
        for row in rows:
            if "@" not in row[_WHO]:
                why = "reports show no names: Microsoft 365 admin center > Settings > Org settings > Reports"
                raise Forbidden(why, obstacle=Obstacle.UNWILLING)
            if row.get("Is Deleted", "").lower() != "true":
                yield row[_WHO].casefold(), Quota(used=_number(row[_USED]), limit=_number(row[_LIMIT]) or None)

    def _file(self) -> str:
        answer = self._client.api.send("GET", _REPORT, redirects=True)
        address = answer.headers.get("Location", "")
        if answer.status != 302 or not keeps_secrets(address):
            raise Unavailable(f"the report of how full mailboxes are was answered with status {answer.status}")
        try:
            file = self._client.wire.request("GET", address, {}, self._client.access.timeout)
        except Lost as lost:
            raise Unavailable(str(lost)) from lost
        if file.status != 200:
            raise Unavailable(f"the file of the report was answered with status {file.status}")
        return file.body.decode("utf-8-sig", "replace")


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() else None
