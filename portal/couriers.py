"""Carries out what the outbox holds: looking people up, mailing codes and notices. Runs in the worker only."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.account import Account
from connectors.capabilities import SendsMail
from connectors.errors import AccountAmbiguous, AccountNotFound, ConnectorError, Forbidden, Unavailable
from portal.accounts import Accounts
from portal.approvals import Approvals
from portal.callers.post import CallerPost
from portal.database import Database
from portal.doctor.checkup import Checkup
from portal.duty.bridges import Bridges
from portal.evidence.exporting import Exporting
from portal.factors import FACTORS
from portal.factors.mailed_code import new_code
from portal.hooks import Hooks
from portal.keys import Keys
from portal.letters import Letters
from portal.limits import Limits
from portal.mail_in.threads import ANSWERED, let_answer
from portal.outbox import Carrier
from portal.own_data.address_changes import AddressChanges
from portal.passwords.spreading import Spreading
from portal.post import Post, addresses, masked
from portal.record.anchors import Anchors
from portal.record.timestamps import Timestamps
from portal.settings.installation import Settings
from portal.sign_in.walks import Walk, Walks
from portal.tables import mailed_code
from portal.tickets.copying import Copying
from portal.tickets.mails import TicketMails
from portal.tickets.words import told_subject
from portal.web.links import Links
from portal.web.pages import in_language

MOMENTS = ("at", "due", "changed", "starts", "ends", "back", "waits_until")  # values of a letter that are times
CLAIM_IS_ADDRESS = {"new_address": "code_for_address", "forward": "code_for_forward"}  # where the code itself goes


@dataclass(frozen=True, kw_only=True)
class Couriers:
    """One method per kind of row. Each may run twice for the same row and must then do no harm."""

    database: Database
    keys: Keys
    accounts: Accounts
    walks: Walks
    address_changes: AddressChanges
    limits: Limits
    letters: Letters
    links: Links
    mail: SendsMail
    hooks: Hooks
    anchors: Anchors
    timestamps: Timestamps | None
    approvals: Approvals
    ticket_mails: TicketMails
    post: Post
    bridges: Bridges
    spreading: Spreading
    checkup: Checkup
    exporting: Exporting
    callers: CallerPost
    copying: Copying
    settings: Settings
    clock: Callable[[], datetime]

    def carriers(self) -> Mapping[str, Carrier]:
        return {
            "resolve": self.resolve,
            "mailed_code": self.mailed_code,
            "login_name": self.login_name,
            "address_waits": self.address_waits,
            "address_ended": self.address_ended,
            "notice": self.notice,
            "concerned": self.concerned,
            "letter": self.letter,
            "ticket_opened": self.ticket_mails.opened,
            "ticket_message": self.ticket_mails.message,
            "ticket_assigned": self.ticket_mails.assigned,
            "apply": self.approvals.apply,
            "keep_account": self.bridges.keep,
            "approval_wanted": self.ticket_mails.approval_wanted,
            "hook": self.hooks.carry_out,
            "spreading": self.spreading.look,
            "checkup": self.checkup.look,
            "export": self.exporting.carry,
            "ticket_copy": self.copying.carry,
            "anchor": self.anchors.carry,
            **({"timestamp": self.timestamps.carry} if self.timestamps else {}),
            **self.callers.carriers(),
        }

    def resolve(self, id_: str, content: dict[str, Any]) -> None:
        """Find out whose walk it may be. Nobody: it goes on all the same and proves nothing."""
        walk = self.walks.get(content["walk_id"])
        if walk and walk.waiting:
            self._resolve(walk)

    def _resolve(self, walk: Walk) -> None:
        """Note what each directory says as soon as it does; raise Unavailable where one has yet to answer."""
        looks = self.accounts.look(walk.claim)
        candidates = list(walk.candidates) or [None] * self.accounts.places(walk.claim)
        missing: ConnectorError | None = None
        for place, look in enumerate(looks):
            if look.down:
                missing = look.error
            elif candidates[place] is None:
                candidates[place] = look.account.id if look.account else f"unknown:{walk.claim_digest}"
                self.walks.resolve(walk.id, candidates)
        if missing:
            raise missing

    def mailed_code(self, id_: str, content: dict[str, Any]) -> None:
        """Make a code for each account it may be, and mail it to the recovery addresses of that one."""
        walk = self.walks.get(content["walk_id"])
        if walk and not walk.subjects:
            with suppress(ConnectorError):
                self._resolve(walk)
            walk = self.walks.get(content["walk_id"])
        if walk is None:
            return
        if not walk.subjects:
            raise Unavailable("no directory has answered yet")
        for owner in walk.subjects:
            self._mail_code(id_, walk, owner)

    def _mail_code(self, id_: str, walk: Walk, owner: str) -> None:
        """The code is in the mail and nowhere else; for nobody there is one too, which nobody gets."""
        account = self._account(owner)
        code = new_code()
        ends = self.clock() + timedelta(minutes=self.settings.recovery.code_minutes)
        row = {
            "walk_id": walk.id,
            "account_id": owner,
            "digest": self.keys.digest(f"mailed-code/{walk.id}", code),
            "tries": 0,
            "ends": ends,
            "used": None,
        }
        with self.database.write() as tx:
            statement = self.database.insert(mailed_code).values(row)
            tx.execute(statement.on_conflict_do_update(index_elements=["walk_id", "account_id"], set_=row))
        if account and walk.purpose in CLAIM_IS_ADDRESS:
            self._code_for_address(id_, walk, account, code, ends)
            return
        if account is None or not account.recovery_mail or self.limits.mailed_code(account_id=account.id):
            return
        values = {"code": f"{code[:3]} {code[3:]}", "valid_until": ends, "undo_url": self.post.undo(account, walk.id)}
        if len(walk.subjects) > 1:  # the same person may get one code for each account
            belonging = self.accounts.directories[account.directory].label
            words = in_language(belonging or account.directory, self.letters.language(account.language))
            values["whose"] = f"{account.login} ({words})"
        for address in account.recovery_mail:
            self._send(id_, address, "code", account.language, values)

    def _code_for_address(self, id_: str, walk: Walk, account: Account, code: str, ends: datetime) -> None:
        """To the address itself that is to be proved; neither one person nor one address is mailed flat."""
        if any(self.limits.mailed_code(account_id=f"new:{name}") for name in (account.id, walk.claim_digest)):
            return
        values = {"code": f"{code[:3]} {code[3:]}", "valid_until": ends, "name": account.name}
        self._send(id_, walk.claim, CLAIM_IS_ADDRESS[walk.purpose], account.language, values)

    def address_waits(self, id_: str, content: dict[str, Any]) -> None:
        """Tell the owner, at every address there is so far, what waits and how to stop it; the time runs from then."""
        with self.database.read() as db:
            change = self.address_changes.get(db, content["change_id"])
        if change is None or change.state != "waiting":
            return
        account = self.accounts.read(change.account_id)
        values = {
            "old": masked(change.old),
            "new": masked(change.new),
            "due": self.clock() + timedelta(hours=self.settings.recovery.cooling_hours),
            "replaced": change.replaced,
            "cancel_url": self.links.cancel_address(change.id),
        }
        for address in addresses(account):
            with suppress(Forbidden):  # an address that takes no mail any more is why people change it
                self._send(id_, address, "address_waits", account.language, values)
        with self.database.write() as tx:
            self.address_changes.told(tx, change.id)

    def address_ended(self, id_: str, content: dict[str, Any]) -> None:
        """Tell the owner that a change does not come into force."""
        with self.database.read() as db:
            change = self.address_changes.get(db, content["change_id"])
        if change is None:
            return
        account = self.accounts.read(change.account_id)
        values = {"stopped": change.state == "cancelled", "old": masked(change.old), "new": masked(change.new)}
        self.post(id_, addresses(account), "address_kept", account.language, values)

    def login_name(self, id_: str, content: dict[str, Any]) -> None:
        """Tell the user name of each account that has this address, at the addresses on file."""
        for look in self.accounts.look(content["address"]):
            if look.down and look.error:
                raise look.error
            account = look.account
            if account is None or self.limits.mailed_code(account_id=account.id):
                continue
            for address in addresses(account):
                self._send(id_, address, "login_name", account.language, {"login": account.login, "name": account.name})

    def notice(self, id_: str, content: dict[str, Any]) -> None:
        """Turn one piece of news into one letter for each address its owner has now."""
        account = self.accounts.read(content["account_id"])
        with self.database.write() as tx:
            self.post.news(tx, id_, account, content)

    def concerned(self, id_: str, content: dict[str, Any]) -> None:
        """One letter to somebody else, at the address that was named; what is nobody's reads none."""
        values = content["values"]
        with suppress(AccountNotFound, AccountAmbiguous):
            account = self.accounts.find(values["reader"])
            self.post(id_, [values["reader"]], content["template"], account.language, values)

    def letter(self, id_: str, content: dict[str, Any]) -> None:
        """Send one letter to one address."""
        values = dict(content["values"])
        values |= {moment: datetime.fromisoformat(values[moment]) for moment in MOMENTS if values.get(moment)}
        if kind := values.get("factor"):
            values["factor_title"] = FACTORS[kind].title
        for one in (values, *values.get("tickets", ())):
            if "subject" in one:
                one["subject"] = one["subject"] or told_subject(one["action"], one["reason"])
        self._send(id_, content["to"], content["template"], content["language"], values)

    def _account(self, account_id: str) -> Account | None:
        if account_id.startswith("unknown:"):
            return None
        try:
            return self.accounts.read(account_id)
        except AccountNotFound:
            return None

    def _send(self, id_: str, to: str, template: str, language: str | None, values: Mapping[str, Any]) -> None:
        subject, text = self.letters.write(template, language, values)
        tag = self.letters.language(language)
        message = self.letters.message(to=to, subject=subject, text=text, id_=id_, at=self.clock(), language=tag)
        if self.settings.mail_in.address and template in ANSWERED:
            let_answer(message, self.keys, self.settings.mail_in, int(values["number"]))
        self.mail.send(message)
