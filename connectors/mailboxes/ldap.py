"""Mailboxes whose mail server looks into the directory: attributes of the person's own entry."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from connectors.account import Account
from connectors.capabilities import Capability, Examined, Finding
from connectors.errors import AccountNotFound, ConnectorError, Forbidden, Obstacle, Refusal, Refused, Unconfirmed
from connectors.findings import fault
from connectors.ldap.entry import Entry
from connectors.ldap.link import Link
from connectors.ldap.opener import as_service, look
from connectors.ldap.pool import Pool
from connectors.ldap.requests import Change, equals, present
from connectors.ldap.results import SUCCESS, error_for
from connectors.ldap.servers import Servers
from connectors.ldap.settings import LdapSettings
from connectors.mailbox import (
    AutoReply,
    Forward,
    Forwards,
    KeepsAliases,
    Mailbox,
    Quota,
    ReadsMailbox,
    SetsAutoReply,
    SetsQuota,
    Source,
    TellsFullness,
)
from connectors.mailboxes.ldap_doctor import SUBJECT, examine
from connectors.mailboxes.ldap_schemas import SCHEMAS
from connectors.mailboxes.settings import MailboxSettings, MailSystem
from connectors.mailboxes.sieve_script import one_line, plain

_PAGE = 500
_PARTS = {"auto_reply", "forwards", "aliases", "quota", "sharing"}
Values = dict[str, Sequence[str]]


@dataclass(frozen=True, kw_only=True)
class LdapMailboxSettings(MailboxSettings):
    """Mailboxes whose mail server looks into one of the directories."""

    kind: Literal["ldap"] = "ldap"
    """What is spoken: ldap."""

    directory: str
    """Name of the directory, as in [[directories]]; its service account needs the rights docs/mailboxes.md names."""

    schema: str = "vacation"
    """How mailboxes are written there: vacation, qmail, postfix-book, exchange or proxy-addresses."""

    without: tuple[str, ...] = field(default=())
    """What is not to be offered here: auto_reply, forwards, aliases, quota, sharing."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.schema not in SCHEMAS:
            raise ValueError(f"schema: must be one of {', '.join(SCHEMAS)}")
        if unknown := set(self.without) - _PARTS:
            raise ValueError(f"without: {', '.join(sorted(unknown))} is none of {', '.join(sorted(_PARTS))}")

    def serves_people_of(self, home: str) -> bool:
        return home == self.directory and super().serves_people_of(home)


class LdapMailbox(MailSystem, ReadsMailbox, SetsAutoReply, Forwards, KeepsAliases, SetsQuota, TellsFullness, Examined):
    """Has connections of its own, as the directory's service account."""

    settings: LdapMailboxSettings
    parted = False
    ends_by_itself = False

    def __init__(self, settings: LdapMailboxSettings, directory: LdapSettings) -> None:
        self.settings = settings
        self._directory = directory
        self._schema = SCHEMAS[settings.schema]
        servers = Servers(directory.urls, lambda url: look(directory, url))
        self._pool = Pool(servers, as_service(directory), size=directory.pool_size, wait=directory.connect_timeout)

    def offers(self, capability: type[Capability]) -> bool:
        schema, without = self._schema, self.settings.without
        missing = {
            SetsAutoReply: not schema.reply_text or "auto_reply" in without,
            Forwards: not schema.forwards or "forwards" in without,
            KeepsAliases: not schema.aliases or "aliases" in without,
            SetsQuota: not schema.quota or "quota" in without,
            TellsFullness: not schema.quota_used,
        }
        return super().offers(capability) and not missing.get(capability, False)

    def read_mailbox(self, account: Account) -> Mailbox:
        return self._pool.run(lambda service: self._mailbox(service, account))

    def set_auto_reply(self, account: Account, reply: AutoReply | None) -> None:
        schema = self._schema
        wanted: Values = {name: [] for name in (schema.reply_text, schema.reply_subject, schema.reply_on) if name}
        wanted |= {schema.reply_starts: [], schema.reply_ends: []}
        if reply:
            wanted[schema.reply_text] = [plain(reply.text)]
            wanted[schema.reply_subject] = [one_line(reply.subject)] if one_line(reply.subject) else []
            wanted[schema.reply_on] = ["TRUE"]
            wanted[schema.reply_starts] = [_time(reply.starts)] if reply.starts else []
            wanted[schema.reply_ends] = [_time(reply.ends)] if reply.ends else []
        self._write(account, lambda _service, _entry: wanted)

    def add_forward(self, account: Account, forward: Forward) -> None:
        schema = self._schema

        def wanted(_service: Link, entry: Entry) -> Values:
            others = [one for one in self._targets(entry) if one.casefold() != forward.target.casefold()]
            changes: Values = {schema.forwards: [schema.forward_prefix + one for one in (*others, forward.target)]}
            return changes | self._copy(entry, keep=forward.keep_copy)

        self._write(account, wanted)

    def remove_forward(self, account: Account, target: str) -> None:
        schema = self._schema

        def wanted(_service: Link, entry: Entry) -> Values:
            left = [one for one in self._targets(entry) if one.casefold() != target.casefold()]
            changes: Values = {schema.forwards: [schema.forward_prefix + one for one in left]}
            return changes if left else changes | self._copy(entry, keep=None)

        self._write(account, wanted)

    def add_alias(self, account: Account, address: str) -> None:
        schema = self._schema

        def wanted(service: Link, entry: Entry) -> Values:
            held = entry.texts(schema.aliases)
            if _in(held, schema.alias_prefix + address):
                return {}
            if self._owned(service, address, account):
                raise Refused(Refusal.ADDRESS_TAKEN, "another entry has it")
            return {schema.aliases: [*held, schema.alias_prefix + address]}

        self._write(account, wanted)

    def remove_alias(self, account: Account, address: str) -> None:
        schema = self._schema

        def wanted(_service: Link, entry: Entry) -> Values:
            # Only what is spelt as an alias: the primary address is SMTP: in capitals, and stays.
            return {schema.aliases: [v for v in entry.texts(schema.aliases) if not self._is(v, address)]}

        self._write(account, wanted)

    def set_quota(self, account: Account, octets: int) -> None:
        self._write(account, lambda _s, _e: {self._schema.quota: [str(octets // self._schema.quota_unit)]})

    def fullness(self) -> Iterator[tuple[str, Quota]]:
        for base in self._directory.people_bases:
            yield from self._pool.run(lambda service, base=base: self._full(service, base))  # type: ignore[misc]

    def examine(self) -> Iterator[Finding]:
        """Whether the directory knows the attributes, and lets the service account write what is offered."""
        try:
            with self._pool.lend() as service:
                yield from examine(service, self._directory, self._schema, self._lasting())
        except ConnectorError as error:
            stops = tuple(dict.fromkeys(self._lasting().values()))
            yield fault(SUBJECT, error.detail, "The directory's own findings say why.", stops=stops)

    def _lasting(self) -> dict[str, type[Capability]]:
        """What is written for that which is offered, and for what."""
        needed = self._schema.needed
        return {name: capability for name, capability in needed.items() if self.offers(capability)}

    def _mailbox(self, service: Link, account: Account) -> Mailbox:
        entry, schema = self._entry(service, account.dn), self._schema
        prefix = schema.alias_prefix
        aliases = entry.texts(schema.aliases) if schema.aliases else ()
        return Mailbox(
            address=account.mail or "",
            auto_reply=self._reply(entry),
            forwards=self._forwards(service, entry),
            aliases=tuple(one.removeprefix(prefix) for one in aliases if one.startswith(prefix)),
            quota=schema.quota_in(entry),
        )

    def _forwards(self, _service: Link, entry: Entry) -> tuple[Forward, ...]:
        keep, source = self._keeps_copy(entry), self._source
        return tuple(Forward(target=target, keep_copy=keep, source=source) for target in self._targets(entry))

    @property
    def _source(self) -> Source:
        """Whose a forward is: what cannot be ended here is the server's."""
        return Source.PORTAL if self.offers(Forwards) else Source.SERVER

    def _keeps_copy(self, entry: Entry) -> bool:
        if self._schema.keep_copy:
            return entry.flag(self._schema.keep_copy)
        attribute, value = self._schema.no_copy
        return value not in entry.texts(attribute)

    def _full(self, service: Link, base: str) -> list[tuple[str, Quota]]:
        """Of everybody whose entry says how much is used; pages come one after another on one connection."""
        names, schema = self._directory.mail_attributes, self._schema
        told: list[tuple[str, Quota]] = []
        cookie, more = b"", True
        while more:
            read = (*names, schema.quota, schema.quota_used)
            found = service.search(base, present(schema.quota_used), read, page=(_PAGE, cookie))
            asked = ((entry.text(*names), schema.quota_in(entry)) for entry in found.entries)
            told += [(address, quota) for address, quota in asked if address and quota]
            cookie, more = found.cookie, bool(found.cookie)
        return told

    def _reply(self, entry: Entry) -> AutoReply | None:
        schema = self._schema
        if not schema.reply_text or not entry.flag(schema.reply_on):
            return None
        return AutoReply(
            subject=entry.text(schema.reply_subject),
            text=entry.text(schema.reply_text),
            starts=entry.moment(schema.reply_starts),
            ends=entry.moment(schema.reply_ends),
        )

    def _copy(self, entry: Entry, *, keep: bool | None) -> Values:
        """What says whether the mailbox gets a copy; None: nothing is sent on, so nothing need be said."""
        schema = self._schema
        if schema.keep_copy:
            return {schema.keep_copy: [] if keep is None else [str(keep).upper()]}
        attribute, value = schema.no_copy
        held = [one for one in entry.texts(attribute) if one != value]
        return {attribute: held if keep in (True, None) else [*held, value]} if attribute else {}

    def _targets(self, entry: Entry) -> list[str]:
        held = entry.texts(self._schema.forwards) if self._schema.forwards else ()
        return [one[len(self._schema.forward_prefix) :] for one in held]

    def _is(self, value: str, address: str) -> bool:
        prefix = self._schema.alias_prefix
        return value.startswith(prefix) and value[len(prefix) :].casefold() == address.casefold()

    def _owned(self, service: Link, address: str, account: Account) -> bool:
        """Whether an entry other than this has the address already, as its own or as an alias."""
        names = [(name, address) for name in self._directory.mail_attributes]
        names.append((self._schema.aliases, self._schema.alias_prefix + address))
        return any(
            entry.dn.casefold() != account.dn.casefold()
            for base in self._directory.people_bases
            for name, value in names
            for entry in service.search(base, equals(name, value), ("1.1",), limit=2).entries
        )

    def _entry(self, service: Link, dn: str) -> Entry:
        found = service.read(dn, self._schema.attributes).entries
        if not found:
            raise AccountNotFound(dn)
        return found[0]

    def _write(self, account: Account, change: Callable[[Link, Entry], Values]) -> None:
        """Change the person's own entry."""
        if account.protected:
            raise Forbidden(f"{account.dn} is protected", obstacle=Obstacle.PROTECTED)
        self._pool.run(lambda service: self._put(service, account.dn, change))

    def _put(self, service: Link, dn: str, change: Callable[[Link, Entry], Values]) -> None:
        """Put these values in place of what there is, and read back. What is so already is not written."""
        entry = self._entry(service, dn)
        wanted = {n: v for n, v in change(service, entry).items() if n and sorted(entry.texts(n)) != sorted(v)}
        if not wanted:
            return
        changes = {name: [(Change.REPLACE, [one.encode() for one in v])] for name, v in wanted.items()}
        reply = service.modify(dn, changes)
        if reply.code != SUCCESS:
            raise error_for(reply)
        now = self._entry(service, dn)
        if any(sorted(now.texts(name)) != sorted(values) for name, values in wanted.items()):
            raise Unconfirmed(f"{dn}: not what was written")


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%SZ")


def _in(values: Sequence[str], value: str) -> bool:
    return value.casefold() in {one.casefold() for one in values}
