"""What callers and their managers get by mail: a code to read aloud, a question, a link to a new password."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.account import Account
from connectors.capabilities import SendsMail
from connectors.errors import Forbidden
from portal.accounts import Accounts
from portal.callers.checks import CallerChecks
from portal.callers.links import PasswordLinks
from portal.database import Database
from portal.factors.mailed_code import new_code
from portal.letters import Letters
from portal.limits import Limits
from portal.outbox import Carrier
from portal.web.links import Links


@dataclass(frozen=True, kw_only=True)
class CallerPost:
    """One method per kind of row. A second run makes a new code or link, and the one before worthless."""

    database: Database
    accounts: Accounts
    checks: CallerChecks
    password_links: PasswordLinks
    limits: Limits
    letters: Letters
    links: Links
    mail: SendsMail
    clock: Callable[[], datetime]

    def carriers(self) -> Mapping[str, Carrier]:
        return {"caller_code": self.caller_code, "vouch": self.vouch, "password_link": self.password_link}

    def caller_code(self, id_: str, content: dict[str, Any]) -> None:
        """The code is in the mail and, as a fingerprint, in the check: whoever asks for it never sees it."""
        code = new_code()
        with self.database.write() as tx:
            check = self.checks.arm(tx, content["check_id"], code)
        if check is None:
            return
        account = self.accounts.read(check.account_id)
        if self.limits.mailed_code(account_id=account.id):
            return
        values = {"code": f"{code[:3]} {code[3:]}", "valid_until": check.ends}
        self._send(id_, account.recovery_mail, "caller_code", account, values)

    def vouch(self, id_: str, content: dict[str, Any]) -> None:
        """Ask whoever answers for the person."""
        with self.database.read() as db:
            check = self.checks.get(db, content["check_id"])
        if check is None or check.manager_id is None:
            return
        manager, person = self.accounts.read(check.manager_id), self.accounts.read(check.account_id)
        values = {
            "person": person.name,
            "staff": check.names["staff"],
            "valid_until": check.ends,
            "vouch_url": self.links.vouch(check.id),
        }
        self._send(id_, [manager.mail or "", *manager.recovery_mail][:1], "vouch", manager, values)

    def password_link(self, id_: str, content: dict[str, Any]) -> None:
        """The link is made when it is mailed, and kept nowhere else."""
        with self.database.write() as tx:
            made = self.password_links.to_mail(tx, content["link_id"])
        if made is None:
            return
        link, token = made
        account = self.accounts.read(link.account_id)
        values = {"name": account.name, "link_url": self.links.new_password(token), "valid_until": link.ends}
        self._send(id_, account.recovery_mail, "password_link", account, values)

    def _send(self, id_: str, to: Iterable[str], template: str, account: Account, values: Mapping[str, Any]) -> None:
        subject, text = self.letters.write(template, account.language, values)
        tag = self.letters.language(account.language)
        for address in filter(None, to):
            message = self.letters.message(
                to=address, subject=subject, text=text, id_=id_, at=self.clock(), language=tag
            )
            with suppress(Forbidden):  # one address that takes no mail any more does not stop the others
                self.mail.send(message)
