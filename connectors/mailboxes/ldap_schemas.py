"""How mail servers that look into a directory want mailboxes written there: one table for each schema."""

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.capabilities import Capability
from connectors.ldap.entry import Entry
from connectors.mailbox import Forwards, KeepsAliases, Quota, SetsAutoReply, SetsQuota, SharesMailboxes


@dataclass(frozen=True, kw_only=True)
class MailSchema:
    """Names of attributes; an empty one: there is no such thing in this schema."""

    aliases: str = ""
    alias_prefix: str = ""  # before each address, as in smtp:
    forwards: str = ""
    forward_prefix: str = ""
    keep_copy: str = ""  # TRUE: the mailbox gets a copy
    no_copy: tuple[str, str] = ("", "")  # an attribute and its value that says: no copy
    recipient: str = ""  # the DN of whom mail is sent on to, before `forwards`
    routing: str = ""  # where all mail goes instead, before both; only administrators set it
    delegates: str = ""  # the DNs of those who may write in the mailbox's name
    quota: str = ""
    quota_used: str = ""  # in the same unit; the mail server writes it
    quota_unit: int = 1  # octets
    reply_text: str = ""
    reply_subject: str = ""
    reply_on: str = ""  # TRUE while there is one
    reply_starts: str = ""
    reply_ends: str = ""

    @property
    def attributes(self) -> tuple[str, ...]:
        """All that is read."""
        named = (
            self.aliases, self.forwards, self.keep_copy, self.no_copy[0], self.recipient, self.routing, self.delegates,
            self.quota, self.quota_used,
            self.reply_text, self.reply_subject, self.reply_on, self.reply_starts, self.reply_ends,
        )  # fmt: skip
        return tuple(filter(None, named))

    def quota_in(self, entry: Entry) -> Quota | None:
        """How large the mailbox may grow, and how much of it is used where that is known."""
        limit, used = (entry.number(name) if name else None for name in (self.quota, self.quota_used))
        if not limit:
            return None
        return Quota(used=None if used is None else used * self.quota_unit, limit=limit * self.quota_unit)

    @property
    def needed(self) -> Mapping[str, type[Capability]]:
        """All that is ever changed, and what cannot be done without."""
        reply = (self.reply_text, self.reply_subject, self.reply_on, self.reply_starts, self.reply_ends)
        forwards = (self.forwards, self.recipient, self.keep_copy, self.no_copy[0])
        return {
            **{name: SetsAutoReply for name in reply if name},
            **{name: Forwards for name in forwards if name},
            **({self.aliases: KeepsAliases} if self.aliases else {}),
            **({self.quota: SetsQuota} if self.quota else {}),
            **({self.delegates: SharesMailboxes} if self.delegates else {}),
        }

    def nobodys(self, attribute: str) -> tuple[str, ...]:
        """Values that nobody has all of, as the attribute's syntax wants them: to take them away never succeeds."""
        if attribute in (self.reply_on, self.keep_copy):
            return ("TRUE", "FALSE")
        if attribute in (self.reply_starts, self.reply_ends):
            return ("19700101000000Z",)
        if attribute in (self.recipient, self.delegates):
            return ("cn=sparekey-looks-whether-this-is-refused",)
        return ("-99",) if attribute == self.quota else ("sparekey-looks-whether-this-is-refused",)


EXCHANGE = "exchange"

_QMAIL = MailSchema(
    aliases="mailAlternateAddress",
    forwards="mailForwardingAddress",
    no_copy=("deliveryMode", "nolocal"),
    quota="mailQuotaSize",
)

SCHEMAS: Mapping[str, MailSchema] = {
    "vacation": MailSchema(
        aliases="mailAlias",
        forwards="mailForwardingAddress",
        keep_copy="mailForwardingKeepCopy",
        quota="mailQuota",
        quota_used="mailQuotaUsed",
        quota_unit=1024 * 1024,
        reply_text="vacationMessage",
        reply_subject="vacationSubject",
        reply_on="vacationActive",
        reply_starts="vacationStart",
        reply_ends="vacationEnd",
    ),
    # qmail.schema of qmail-ldap; its auto reply has neither beginning nor end, so it is not used.
    "qmail": _QMAIL,
    # postfix-book.schema: mailQuota is a number of KiB by its description.
    "postfix-book": MailSchema(aliases="mailAlias", quota="mailQuota", quota_unit=1024),
    # Exchange on premises: auto replies lie in the mailbox. proxyAddresses holds other kinds of addresses as well.
    EXCHANGE: MailSchema(
        aliases="proxyAddresses",
        alias_prefix="smtp:",
        forwards="msExchGenericForwardingAddress",
        forward_prefix="smtp:",
        recipient="altRecipient",
        routing="targetAddress",
        delegates="publicDelegates",
        keep_copy="deliverAndRedirect",
        quota="mDBOverHardQuotaLimit",
        quota_unit=1024,
    ),
    # Active Directory without Exchange: only the addresses are there.
    "proxy-addresses": MailSchema(aliases="proxyAddresses", alias_prefix="smtp:"),
}
