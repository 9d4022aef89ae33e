"""Exchange on premises by the attributes of its entries: forwards, and who may write in a mailbox's name.

Mail leaves by the first that is set of targetAddress (all mail, before it gets to the mailbox), altRecipient (an entry
with addresses of Exchange's) and msExchGenericForwardingAddress (any address); deliverAndRedirect keeps a copy of the
latter two. Microsoft Learn, "Configure email forwarding for a mailbox": ForwardingAddress goes before
ForwardingSmtpAddress; "Grant Send on Behalf": publicDelegates.
"""

from dataclasses import replace

from connectors.account import Account
from connectors.capabilities import Capability
from connectors.errors import Forbidden, Obstacle, Refusal, Refused
from connectors.ldap.entry import Entry, dn_key
from connectors.ldap.link import Link
from connectors.ldap.requests import all_of, any_of, equals, present
from connectors.mailbox import Forward, Right, Share, SharedBox, Shares, SharesMailboxes, Source
from connectors.mailboxes.ldap import LdapMailbox, Values

_ADDRESSES = "proxyAddresses"  # whatever gets mail in Exchange has it
_MAIL = "smtp:"


class ExchangeMailbox(LdapMailbox, SharesMailboxes):
    rights = (Right.SEND,)

    def offers(self, capability: type[Capability]) -> bool:
        left_out = capability is SharesMailboxes and "sharing" in self.settings.without
        return super().offers(capability) and not left_out

    def add_forward(self, account: Account, forward: Forward) -> None:
        schema = self._schema

        def wanted(service: Link, entry: Entry) -> Values:
            if routed := entry.text(schema.routing):
                raise Forbidden(f"{schema.routing} is {routed}", obstacle=Obstacle.ROUTED_ELSEWHERE)
            if not all(one.goes_to(forward.target) for one in self._forwards(service, entry)):
                raise Refused(Refusal.TOO_MANY_FORWARDS, "there is room for one")
            dn = self._found(service, forward.target)
            changes: Values = {
                schema.recipient: [dn] if dn else [],
                schema.forwards: [] if dn else [schema.forward_prefix + forward.target],
            }
            return changes | self._copy(entry, keep=forward.keep_copy)

        self._write(account, wanted)

    def remove_forward(self, account: Account, target: str) -> None:
        schema = self._schema

        def wanted(service: Link, entry: Entry) -> Values:
            there = {one.rule: one for one in self._forwards(service, entry)}
            going = [name for name, one in there.items() if one.goes_to(target)]
            if schema.routing in going:
                raise Forbidden(f"{schema.routing}: only administrators set it", obstacle=Obstacle.ROUTED_ELSEWHERE)
            changes: Values = {name: [] for name in going}
            stay = set(there) - {schema.routing, *going}
            return changes if stay or not going else changes | self._copy(entry, keep=None)

        self._write(account, wanted)

    def shares(self, account: Account) -> Shares:
        def read(service: Link) -> Shares:
            own, given = account.mail or "", self._entry(service, account.dn).texts(self._schema.delegates)
            mine = [Share(box=own, who=self._names(service, dn)[0], right=Right.SEND) for dn in given]
            boxes = [
                entry
                for base in self._directory.people_bases
                for entry in service.search(base, equals(self._schema.delegates, account.dn), self._read).entries
            ]
            others = [Share(box=self._names_in(box)[0], who=own, right=Right.SEND) for box in boxes]
            return Shares(mine=tuple(mine), others=tuple(others))

        return self._pool.run(read)

    def shared_boxes(self, account: Account) -> tuple[SharedBox, ...]:
        """None: that a mailbox is nobody's own is not told here, nor who decides about it."""
        return ()

    def share(self, account: Account, share: Share) -> None:
        def work(service: Link) -> None:
            who = self._mailbox_of(service, account, share.who)
            self._put(service, self._box(service, account, share.box), lambda _service, box: self._with(box, who))

        self._pool.run(work)

    def unshare(self, account: Account, box: str, who: str) -> None:
        def left(service: Link, entry: Entry) -> Values:
            given = entry.texts(self._schema.delegates)
            wanted = who.casefold()
            going = [dn for dn in given if wanted in {one.casefold() for one in self._names(service, dn)}]
            return {self._schema.delegates: [dn for dn in given if dn not in going]}

        self._pool.run(lambda service: self._put(service, self._box(service, account, box), left))

    def _forwards(self, service: Link, entry: Entry) -> tuple[Forward, ...]:
        """Each by the attribute that says so, the one that counts first."""
        schema, keep, source = self._schema, self._keeps_copy(entry), self._source
        found = [
            Forward(target=_address_in(value), keep_copy=False, source=Source.SERVER, rule=schema.routing)
            for value in entry.texts(schema.routing)
        ]
        for dn in entry.texts(schema.recipient):
            target, *others = self._names(service, dn)
            forward = Forward(target=target, aliases=tuple(others), keep_copy=keep, source=source)
            found.append(replace(forward, rule=schema.recipient, overruled=bool(found)))
        for target in self._targets(entry):
            forward = Forward(target=target, keep_copy=keep, source=source, rule=schema.forwards)
            found.append(replace(forward, overruled=bool(found)))
        return tuple(found)

    @property
    def _read(self) -> tuple[str, ...]:
        return (*self._directory.mail_attributes, _ADDRESSES)

    def _names(self, service: Link, dn: str) -> tuple[str, ...]:
        """All addresses of an entry, the one it is shown by first; of one that cannot be read the DN."""
        found = service.read(dn, self._read).entries
        return self._names_in(found[0]) if found else (dn,)

    def _names_in(self, entry: Entry) -> tuple[str, ...]:
        others = (one[len(_MAIL) :] for one in entry.texts(_ADDRESSES) if one.casefold().startswith(_MAIL))
        known: dict[str, str] = {}
        for one in (*entry.texts(*self._directory.mail_attributes), *others):
            known.setdefault(one.casefold(), one)
        return tuple(known.values()) or (entry.dn,)

    def _found(self, service: Link, address: str) -> str:
        """The DN of what gets mail in Exchange by this address; empty where there is none, or more than one."""
        spelt = [equals(_ADDRESSES, prefix + address) for prefix in (_MAIL, _MAIL.upper())]
        named = any_of(*spelt, *(equals(name, address) for name in self._directory.mail_attributes))
        wanted = all_of(present(_ADDRESSES), named)
        found = {
            entry.dn
            for base in self._directory.people_bases
            for entry in service.search(base, wanted, ("1.1",), limit=2).entries
        }
        return found.pop() if len(found) == 1 else ""

    def _mailbox_of(self, service: Link, account: Account, address: str) -> str:
        if address.casefold() == (account.mail or "").casefold():
            return account.dn
        dn = self._found(service, address)
        if not dn:
            raise Refused(Refusal.NO_SUCH_MAILBOX, "no entry gets mail by this address")
        return dn

    def _box(self, service: Link, account: Account, address: str) -> str:
        if account.protected:
            raise Forbidden(f"{account.dn} is protected", obstacle=Obstacle.PROTECTED)
        return self._mailbox_of(service, account, address)

    def _with(self, box: Entry, dn: str) -> Values:
        held = box.texts(self._schema.delegates)
        is_in = dn_key(dn) in {dn_key(one) for one in held}
        return {self._schema.delegates: held if is_in else [*held, dn]}


def _address_in(value: str) -> str:
    """The address in "SMTP:a@b"."""
    return value[len(_MAIL) :] if value.casefold().startswith(_MAIL) else value
