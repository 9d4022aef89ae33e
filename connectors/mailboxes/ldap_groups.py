"""Mailing lists, and mailboxes used in common, that are groups in a directory: whoever is a member gets the mail."""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from ldap3.core.exceptions import LDAPInvalidFilterError

from connectors.account import Account
from connectors.capabilities import Capability, Examined, Finding
from connectors.errors import ConnectorError, Forbidden, Obstacle, Refusal, Refused, Unconfirmed
from connectors.findings import Sentence, fault, fine, say
from connectors.ldap.entry import Entry, dn_key
from connectors.ldap.link import Link
from connectors.ldap.opener import as_service, look
from connectors.ldap.pool import Pool
from connectors.ldap.requests import Change, Filter, all_of, any_of, contains, equals, written
from connectors.ldap.results import NO_SUCH_ATTRIBUTE, SUCCESS, VALUE_EXISTS, error_for
from connectors.ldap.servers import Servers
from connectors.ldap.settings import LdapSettings
from connectors.mailbox import KeepsLists, MailList, Right, Share, SharedBox, Shares, SharesMailboxes
from connectors.mailboxes.ldap_doctor import grant, refused
from connectors.mailboxes.settings import MailboxSettings, MailSystem

_OBJECT_CLASS_VIOLATION = 65  # a groupOfNames must have a member (RFC 4519, 3.5)
_MOST_BOXES = 200


@dataclass(frozen=True, kw_only=True)
class LdapGroupsSettings(MailboxSettings):
    """Mailing lists and shared mailboxes that are groups in one of the directories."""

    kind: Literal["groups"] = "groups"
    """What is spoken: groups."""

    directory: str
    """Name of the directory, as in [[directories]]; its service account may write the members of these groups."""

    base: str
    """DN below which they are. Keep groups that give rights elsewhere out of it."""

    lists: str = "(mail=*)"
    """LDAP filter that every mailing list matches and nothing else does; empty: there are none."""

    open_lists: str = ""
    """LDAP filter of those that everybody may join; the others are asked for first."""

    boxes: str = ""
    """LDAP filter of the groups whose members use a mailbox in common; empty: there are none."""

    owner_attribute: str = "owner"
    """Attribute that names who decides; managedBy in Active Directory."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("lists", "open_lists", "boxes"):
            if text := getattr(self, name):
                try:
                    written(text)
                except (LDAPInvalidFilterError, IndexError) as error:
                    raise ValueError(f"{name}: {error or 'not an LDAP filter'}") from error

    def serves_people_of(self, home: str) -> bool:
        return home == self.directory and super().serves_people_of(home)


class LdapGroups(MailSystem, KeepsLists, SharesMailboxes, Examined):
    """Has connections of its own, as the directory's service account."""

    settings: LdapGroupsSettings
    rights = (Right.WORK,)  # what membership gives is settled on the mail server
    own = False

    def __init__(self, settings: LdapGroupsSettings, directory: LdapSettings) -> None:
        self.settings = settings
        self._directory = directory
        self._attributes = ("cn", "mail", "description", "member", settings.owner_attribute)
        servers = Servers(directory.urls, lambda url: look(directory, url))
        self._pool = Pool(servers, as_service(directory), size=directory.pool_size, wait=directory.connect_timeout)

    def offers(self, capability: type[Capability]) -> bool:
        missing = {KeepsLists: not self.settings.lists, SharesMailboxes: not self.settings.boxes}
        return super().offers(capability) and not missing.get(capability, False)

    def lists_of(self, account: Account) -> tuple[MailList, ...]:
        mine = all_of(written(self.settings.lists), equals("member", account.dn))
        return self._pool.run(lambda service: self._lists(service, mine, account, 0))

    def find_lists(self, account: Account, words: str, limit: int) -> tuple[MailList, ...]:
        wanted = written(self.settings.lists)
        if words:
            wanted = all_of(wanted, any_of(contains("cn", words), contains("mail", words)))
        return self._pool.run(lambda service: self._lists(service, wanted, account, limit))

    def read_list(self, account: Account, list_id: str) -> MailList:
        def read(service: Link) -> MailList:
            entry = self._group(service, list_id, self.settings.lists)
            return self._list(entry, account, self._open(service, [entry]), self._owners(service, entry))

        return self._pool.run(read)

    def join_list(self, account: Account, list_id: str) -> None:
        self._change(account, list_id, self.settings.lists, account.dn, member=True)

    def leave_list(self, account: Account, list_id: str) -> None:
        self._change(account, list_id, self.settings.lists, account.dn, member=False)

    def shares(self, account: Account) -> Shares:
        def read(service: Link) -> Shares:
            used = self._find(service, self.settings.boxes, equals("member", account.dn))
            owned = self._find(service, self.settings.boxes, equals(self.settings.owner_attribute, account.dn))
            mine = [Share(box=_address(box), who=who, right=Right.WORK) for box in owned
                    for who in self._addresses(service, box.texts("member"))]  # fmt: skip
            others = [Share(box=_address(box), who=account.mail or "", right=Right.WORK) for box in used]
            return Shares(mine=tuple(mine), others=tuple(others))

        return self._pool.run(read)

    def shared_boxes(self, account: Account) -> tuple[SharedBox, ...]:
        def read(service: Link) -> tuple[SharedBox, ...]:
            boxes = [
                SharedBox(address=_address(box), name=box.text("cn"), owners=self._owners(service, box))
                for box in self._find(service, self.settings.boxes)
            ]
            return tuple(sorted(boxes, key=lambda box: box.name.casefold()))

        return self._pool.run(read)

    def share(self, account: Account, share: Share) -> None:
        dn, person = self._box_and_person(account, share.box, share.who)
        self._change(account, dn, self.settings.boxes, person, member=True)

    def unshare(self, account: Account, box: str, who: str) -> None:
        dn, person = self._box_and_person(account, box, who)
        self._change(account, dn, self.settings.boxes, person, member=False)

    def examine(self) -> Iterator[Finding]:
        """How many there are, and the right to write the members of one of them."""
        for text, subject, stops in (
            (self.settings.lists, say("mailing lists"), (KeepsLists,)),
            (self.settings.boxes, say("shared boxes"), (SharesMailboxes,)),
        ):
            if not text:
                continue
            try:
                with self._pool.lend() as service:
                    yield from self._examined(service, text, subject, stops)
            except ConnectorError as error:
                yield fault(subject, error.detail, "The directory's own findings say why.", stops=stops)

    def _examined(
        self, service: Link, text: str, subject: Sentence, stops: tuple[type[Capability], ...]
    ) -> Iterator[Finding]:
        base, found = self.settings.base, self._find(service, text)
        if not found:
            yield fault(subject, say("none is found"), f'Look whether base = "{base}" and the filter {text} are right.')
            return
        yield fine(subject, say("%(count)s found", count=str(len(found))))
        nobody = f"cn={secrets.token_hex(8)},{base}"
        if refused(service, found[0].dn, {"member": (nobody,)}):
            remedy = grant(self._directory, base, ("member",), "group")
            yield fault(
                subject, say("%(base)s: may not write %(names)s", base=base, names="member"), remedy, stops=stops
            )

    def _lists(self, service: Link, wanted: Filter, account: Account, limit: int) -> tuple[MailList, ...]:
        found = service.search(self.settings.base, wanted, self._attributes, limit=limit).entries
        open_ones = self._open(service, found)
        lists = [self._list(entry, account, open_ones, ()) for entry in found]
        return tuple(sorted(lists, key=lambda one: one.name.casefold()))

    def _list(self, entry: Entry, account: Account, open_ones: frozenset[str], owners: tuple[str, ...]) -> MailList:
        return MailList(
            id=entry.dn,
            address=_address(entry),
            name=entry.text("cn"),
            about=entry.text("description"),
            joinable=dn_key(entry.dn) in open_ones,
            owners=owners,
            member=dn_key(account.dn) in {dn_key(dn) for dn in entry.texts("member")},
        )

    def _open(self, service: Link, entries: Sequence[Entry]) -> frozenset[str]:
        """Those of these that everybody may join."""
        if not self.settings.open_lists or not entries:
            return frozenset()
        wanted = written(self.settings.open_lists)
        if len(entries) == 1:
            found = service.read(entries[0].dn, ("1.1",), wanted).entries
        else:
            found = service.search(self.settings.base, wanted, ("1.1",)).entries
        return frozenset(dn_key(entry.dn) for entry in found)

    def _owners(self, service: Link, entry: Entry) -> tuple[str, ...]:
        return self._addresses(service, entry.texts(self.settings.owner_attribute))

    def _addresses(self, service: Link, dns: Sequence[str]) -> tuple[str, ...]:
        names = self._directory.mail_attributes
        read = (service.read(dn, names).entries for dn in dns)
        return tuple(address for found in read if found and (address := found[0].text(*names)))

    def _find(self, service: Link, text: str, *more: Filter) -> Sequence[Entry]:
        wanted = all_of(written(text), *more) if more else written(text)
        return service.search(self.settings.base, wanted, self._attributes, limit=_MOST_BOXES).entries

    def _group(self, service: Link, dn: str, text: str) -> Entry:
        """One of those the settings mean: nobody gets into another group by naming it."""
        below = dn_key(dn).endswith(f",{dn_key(self.settings.base)}")
        found = service.read(dn, self._attributes, written(text)).entries if below else ()
        if not found:
            raise Refused(Refusal.NO_SUCH_LIST, f"{dn} is none of the groups in {self.settings.base}")
        return found[0]

    def _box_and_person(self, account: Account, box: str, who: str) -> tuple[str, str]:
        def find(service: Link) -> tuple[str, str]:
            boxes = self._find(service, self.settings.boxes, equals("mail", box))
            person = account.dn if who.casefold() == (account.mail or "").casefold() else self._person(service, who)
            if len(boxes) != 1 or not person:
                raise Refused(Refusal.NO_SUCH_MAILBOX, f"{box} or {who} is nobody's address, or more than one's")
            return boxes[0].dn, person

        return self._pool.run(find)

    def _person(self, service: Link, address: str) -> str:
        wanted = any_of(*(equals(name, address) for name in self._directory.mail_attributes))
        bases = self._directory.people_bases
        found = [entry for base in bases for entry in service.search(base, wanted, ("1.1",), limit=2).entries]
        return found[0].dn if len(found) == 1 else ""

    def _change(self, account: Account, dn: str, text: str, person: str, *, member: bool) -> None:
        """Put somebody into a group, or take them out, and read back. What is so already is not written."""
        if account.protected:
            raise Forbidden(f"{account.dn} is protected", obstacle=Obstacle.PROTECTED)

        def is_in(service: Link) -> bool:
            return dn_key(person) in {dn_key(one) for one in self._group(service, dn, text).texts("member")}

        def work(service: Link) -> None:
            if is_in(service) == member:
                return
            kind = Change.ADD if member else Change.DELETE
            reply = service.modify(dn, {"member": [(kind, [person.encode()])]})
            if not member and reply.code == _OBJECT_CLASS_VIOLATION:
                raise Refused(Refusal.LAST_MEMBER, reply.detail)
            if reply.code not in (SUCCESS, VALUE_EXISTS if member else NO_SUCH_ATTRIBUTE):
                raise error_for(reply)
            if is_in(service) != member:
                raise Unconfirmed(f"{dn}: not what was written")

        self._pool.run(work)


def _address(entry: Entry) -> str:
    return entry.text("mail")
