"""How full a mailbox is, and who else may use it, by the HTTP interface of Dovecot's doveadm."""

import base64
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from connectors.account import Account
from connectors.capabilities import Capability, Examined, Finding
from connectors.errors import AccountNotFound, ConnectorError, Forbidden, Obstacle, Outage, Unavailable, Unconfirmed
from connectors.findings import fault, fine, say
from connectors.mailbox import (
    Mailbox,
    Quota,
    ReadsMailbox,
    Share,
    SharedBox,
    Shares,
    SharesMailboxes,
    TellsFullness,
)
from connectors.mailboxes.doveadm_acl import BoxSettings, DoveadmAcl
from connectors.mailboxes.settings import HttpMailboxSettings, MailSystem
from connectors.wire import Answer, Lost, Trust, Wire

_NO_USER = 67  # of sysexits.h, as doveadm answers
_KIB = 1024
_MASKS = frozenset("*?")  # doveadm takes a user with these for many users
_LONG = 600.0  # seconds, to look at every mailbox
_NOBODY = "sparekey-looks-whether-this-is-refused"


@dataclass(frozen=True, kw_only=True)
class DoveadmSettings(HttpMailboxSettings):
    """How full mailboxes are, and who shares them, on a Dovecot server, by doveadm_api_key."""

    kind: Literal["doveadm"] = "doveadm"
    """What is spoken: doveadm."""

    shared_prefix: str = ""
    """Prefix of the namespace in which people see others' mailboxes, "shared/"; empty: nothing is shared here."""

    shared: tuple[BoxSettings, ...] = ()
    """Mailboxes that are nobody's own: [[mailboxes.shared]] with address, name and owners."""


class Doveadm(MailSystem, ReadsMailbox, TellsFullness, SharesMailboxes, Examined):
    settings: DoveadmSettings

    def __init__(self, settings: DoveadmSettings) -> None:
        self.settings = settings
        self._url = f"{settings.url.rstrip('/')}/doveadm/v1"
        key = base64.b64encode(settings.key.encode()).decode()
        self._headers = {"Authorization": f"X-Dovecot-API {key}", "Content-Type": "application/json"}
        self._wire = Wire(Trust(settings.ca_file))
        self._acl = DoveadmAcl(self._ask, settings.shared_prefix, settings.shared)

    def offers(self, capability: type[Capability]) -> bool:
        return super().offers(capability) and (capability is not SharesMailboxes or bool(self.settings.shared_prefix))

    def read_mailbox(self, account: Account) -> Mailbox:
        address = account.mail or ""
        rows = self._ask("quotaGet", {"user": address})
        storage = next((row for row in rows if row.get("type") == "STORAGE"), None)
        return Mailbox(address=address, quota=_quota(storage) if storage else None)

    def fullness(self) -> Iterator[tuple[str, Quota]]:
        for row in self._ask("quotaGet", {"allUsers": True}, timeout=_LONG):
            if row.get("type") == "STORAGE":
                yield str(row["username"]), _quota(row)

    def shares(self, account: Account) -> Shares:
        return self._acl.shares(account)

    def shared_boxes(self, account: Account) -> tuple[SharedBox, ...]:
        return self._acl.boxes()

    def share(self, account: Account, share: Share) -> None:
        _must_be_free(account)
        self._acl.share(share)

    def unshare(self, account: Account, box: str, who: str) -> None:
        _must_be_free(account)
        self._acl.unshare(box, who)

    def examine(self) -> Iterator[Finding]:
        subject = say("the service of doveadm")
        try:
            self._must_know("quotaGet")
        except ConnectorError as error:
            yield fault(
                subject,
                error.detail,
                "doveadm_api_key = …\nservice doveadm {\n  inet_listener http {\n    port = 8080\n  }\n}",
                stops=(TellsFullness, SharesMailboxes),
            )
            return
        yield fine(subject, say("tells how full mailboxes are"))
        if self.settings.shared_prefix:
            yield from self._examine_acl()

    def _examine_acl(self) -> Iterator[Finding]:
        subject = say("shared mailboxes")
        try:
            self._must_know("aclGet", mailbox="INBOX")
        except ConnectorError as error:
            yield fault(subject, error.detail, "mail_plugins = $mail_plugins acl", stops=(SharesMailboxes,))
            return
        yield fine(subject, say("are kept by ACLs"))
        for box in self.settings.shared:
            try:
                self._ask("quotaGet", {"user": box.address})
            except ConnectorError as error:
                yield fault(box.address, error.detail, "Correct [[mailboxes.shared]], or make that mailbox.")

    def _must_know(self, command: str, **more: str) -> None:
        """Raises what stands in the way of asking this; that there is no such mailbox is the right answer."""
        with suppress(AccountNotFound):
            self._ask(command, {"user": f"{_NOBODY}@{next(iter(self.settings.domains), 'invalid')}"} | more)

    def _ask(
        self, command: str, parameters: dict[str, Any], *, write: bool = False, timeout: float = 0
    ) -> list[dict[str, Any]]:
        """What doveadm says to a command. Raises AccountNotFound, Unavailable, or Unconfirmed for a write."""
        if set(str(parameters.get("user", ""))) & _MASKS:
            raise AccountNotFound(f"{parameters['user']} would mean more than one")
        body, seconds = json.dumps([[command, parameters, "1"]]).encode(), timeout or self.settings.timeout
        try:
            answer = self._wire.request("POST", self._url, self._headers, seconds, write=write, body=body)
        except Lost as lost:
            raise lost.error(write=write) from lost
        word, said = self._understood(answer, write)
        if word == "error":  # with a good status all the same
            if said.get("exitCode") == _NO_USER and said.get("type") == "exitCode":
                raise AccountNotFound(f"doveadm knows no user {parameters.get('user', '')}")
            raise Unavailable(f"{self.settings.url}: {command} ended with {said.get('exitCode')}")
        return list(said)

    def _understood(self, answer: Answer, write: bool) -> tuple[str, Any]:
        where = self.settings.url
        if answer.status == 401:
            raise Unavailable(f"{where}: the key is refused", outage=Outage.PORTAL_REFUSED)
        if answer.status < 500 and answer.status != 200:
            raise Unavailable(f"{where}: status {answer.status}")
        try:
            [[word, said, _tag]] = answer.json()
        except (ValueError, TypeError):
            raise (Unconfirmed if write else Unavailable)(f"{where}: status {answer.status}, not doveadm's") from None
        return str(word), said


def _must_be_free(account: Account) -> None:
    if account.protected:
        raise Forbidden(f"{account.dn} is protected", obstacle=Obstacle.PROTECTED)


def _quota(row: dict[str, Any]) -> Quota:
    """Numbers come as text, in KiB; a hyphen stands for none."""
    used, limit = (_number(str(row.get(name, ""))) for name in ("value", "limit"))
    return Quota(used=used, limit=limit or None)


def _number(text: str) -> int | None:
    return int(text) * _KIB if text.isdigit() else None
