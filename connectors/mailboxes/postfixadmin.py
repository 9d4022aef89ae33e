"""Mailboxes that PostfixAdmin administers, by its database: it has no interface of its own for programs.

What is sent on, and whether a mail is answered, stands in one list of addresses, a mailbox's own row of `alias`: its
own address there keeps a copy, and that of the program `vacation.pl` answers. So each change reads and writes it in
one transaction.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from sqlalchemy import Connection, Table, delete, false, insert, select, update

from connectors.account import Account
from connectors.capabilities import Capability, Examined, Finding
from connectors.errors import (
    AccountNotFound,
    ConnectorError,
    Refusal,
    Refused,
    Unconfirmed,
)
from connectors.findings import fault, fine, say
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
    TellsFullness,
)
from connectors.mailboxes.postfixadmin_database import Database, PostfixAdminSettings
from connectors.mailboxes.postfixadmin_tables import ALIAS, MAILBOX, QUOTA2, VACATION, VACATION_NOTIFICATION
from connectors.mailboxes.settings import MailSystem
from connectors.mailboxes.sieve_changes import address_of
from connectors.mailboxes.sieve_script import one_line, plain

_DAY = 24 * 60 * 60
_ALWAYS = datetime(2000, 1, 1, tzinfo=UTC), datetime(2038, 1, 18, tzinfo=UTC)
"""What PostfixAdmin itself writes where there is no beginning and no end."""
_CHANGED = {
    ALIAS: (Forwards, KeepsAliases, SetsAutoReply),
    MAILBOX: (SetsQuota,),
    VACATION: (SetsAutoReply,),
    VACATION_NOTIFICATION: (SetsAutoReply,),
}


class PostfixAdmin(MailSystem, ReadsMailbox, SetsAutoReply, Forwards, KeepsAliases, SetsQuota, TellsFullness, Examined):
    settings: PostfixAdminSettings
    parted = False
    ends_by_itself = False

    def __init__(self, settings: PostfixAdminSettings, clock: Callable[[], datetime]) -> None:
        self.settings = settings
        self._clock = clock
        self._database = Database(settings)

    def offers(self, capability: type[Capability]) -> bool:
        if capability is SetsAutoReply and not self.settings.vacation_domain:
            return False
        return super().offers(capability)

    def read_mailbox(self, account: Account) -> Mailbox:
        address = address_of(account)
        with self._database.reading() as db:
            return self._mailbox(db, address)

    def set_auto_reply(self, account: Account, reply: AutoReply | None) -> None:
        address = address_of(account)
        with self._database.changing() as db:
            goto = self._goto(db, address)
            answering = self._answering(address)
            left = [one for one in goto if not _same(one, answering)]
            self._write_goto(db, address, [*left, answering] if reply else left)
            # Whoever was answered in an earlier absence gets an answer in this one.
            notified = delete(VACATION_NOTIFICATION).where(VACATION_NOTIFICATION.c.on_vacation == address)
            db.execute(notified)
            db.execute(delete(VACATION).where(VACATION.c.email == address))
            if reply:
                db.execute(insert(VACATION).values(self._vacation(address, reply)))
        if self.read_mailbox(account).auto_reply != (self._as_kept(reply) if reply else None):
            raise Unconfirmed(f"{address}: the auto reply is not what was written")

    def add_forward(self, account: Account, forward: Forward) -> None:
        def changed(address: str, goto: list[str]) -> list[str]:
            own = [address] if forward.keep_copy else []
            others = [one for one in goto if not _same(one, address) and not _same(one, forward.target)]
            return [*own, *others, forward.target]

        self._change_goto(account, changed)

    def remove_forward(self, account: Account, target: str) -> None:
        def changed(address: str, goto: list[str]) -> list[str]:
            left = [one for one in goto if not _same(one, target) or _same(one, address)]
            ends = [one for one in left if not _same(one, self._answering(address))]
            return left if ends else [address, *left]  # or its mail would arrive nowhere

        self._change_goto(account, changed)

    def add_alias(self, account: Account, address: str) -> None:
        mine, now = address_of(account), self._clock()
        with self._database.changing() as db:
            self._goto(db, mine)
            taken = self._row(db, address)
            if taken is None:
                domain = address.rpartition("@")[2]
                values = {"address": address, "goto": mine, "domain": domain, "active": True}
                db.execute(insert(ALIAS).values(**values, created=now, modified=now))
            elif not any(_same(one, mine) for one in taken) or _same(address, mine):
                raise Refused(Refusal.ADDRESS_TAKEN, f"{address} belongs to somebody else")

    def remove_alias(self, account: Account, address: str) -> None:
        mine = address_of(account)
        if _same(address, mine):
            return
        with self._database.changing() as db:
            held = self._row(db, address) or []
            if not any(_same(one, mine) for one in held):
                return
            if others := [one for one in held if not _same(one, mine)]:
                self._write_goto(db, address, others)
            else:
                db.execute(delete(ALIAS).where(ALIAS.c.address == address))

    def set_quota(self, account: Account, octets: int) -> None:
        address = address_of(account)
        with self._database.changing() as db:
            self._goto(db, address)
            db.execute(update(MAILBOX).where(MAILBOX.c.username == address).values(quota=octets))

    def fullness(self) -> Iterator[tuple[str, Quota]]:
        both = MAILBOX.join(QUOTA2, MAILBOX.c.username == QUOTA2.c.username)
        with self._database.reading() as db:
            found = db.execute(select(MAILBOX.c.username, MAILBOX.c.quota, QUOTA2.c.bytes).select_from(both)).all()
        return ((row.username, Quota(used=row.bytes, limit=row.quota or None)) for row in found)

    def examine(self) -> Iterator[Finding]:
        """Ask for each right by a change of no row."""
        subject = say("the database of PostfixAdmin")
        wrong = False
        answers = (VACATION, VACATION_NOTIFICATION) if self.settings.vacation_domain else ()
        for table in (ALIAS, MAILBOX, QUOTA2, *answers):
            stops: tuple[type[Capability], ...] = (ReadsMailbox, Forwards, KeepsAliases, SetsQuota)
            try:
                with self._database.reading() as db:
                    db.execute(select(table).where(false()))
                stops = _CHANGED.get(table, ())
                if stops:
                    self._try_changes(table)
            except ConnectorError as error:
                wrong = True
                yield fault(subject, error.detail, _grant(table), stops=stops)
        if not wrong:
            yield fine(subject, say("has the tables, and lets the portal write what it offers"))

    def _try_changes(self, table: Table) -> None:
        with self._database.changing() as db:
            if table in (ALIAS, MAILBOX):
                db.execute(update(table).where(false()).values({"goto" if table is ALIAS else "quota": None}))
            if table is not MAILBOX:
                db.execute(delete(table).where(false()))

    def _mailbox(self, db: Connection, address: str) -> Mailbox:
        goto, answering = self._goto(db, address, change=False), self._answering(address)
        keep = any(_same(one, address) for one in goto)
        quota = db.execute(select(MAILBOX.c.quota).where(MAILBOX.c.username == address)).scalar_one_or_none()
        used = db.execute(select(QUOTA2.c.bytes).where(QUOTA2.c.username == address)).scalar_one_or_none()
        pointing = select(ALIAS).where(ALIAS.c.goto.contains(address, autoescape=True), ALIAS.c.address != address)
        aliases = [row.address for row in db.execute(pointing) if any(_same(to, address) for to in _split(row.goto))]
        replies = self.settings.vacation_domain and any(_same(one, answering) for one in goto)
        return Mailbox(
            address=address,
            auto_reply=self._reply(db, address) if replies else None,
            forwards=tuple(
                Forward(target=one, keep_copy=keep)
                for one in goto
                if not _same(one, address) and not _same(one, answering)
            ),
            aliases=tuple(sorted(aliases)),
            quota=Quota(used=used, limit=quota or None),
        )

    def _reply(self, db: Connection, address: str) -> AutoReply | None:
        row = db.execute(select(VACATION).where(VACATION.c.email == address, VACATION.c.active)).first()
        if row is None:
            return None
        starts, ends = _aware(row.activefrom), _aware(row.activeuntil)
        return AutoReply(
            subject=row.subject,
            text=row.body,
            starts=starts if starts and starts > _ALWAYS[0] else None,
            ends=ends if ends and ends < _ALWAYS[1] else None,
            days=max(row.interval_time // _DAY, 0),
        )

    def _vacation(self, address: str, reply: AutoReply) -> dict[str, object]:
        kept, now = self._as_kept(reply), self._clock()
        return {
            "email": address,
            "subject": kept.subject,
            "body": kept.text,
            "domain": address.rpartition("@")[2],
            "activefrom": kept.starts or _ALWAYS[0],
            "activeuntil": kept.ends or _ALWAYS[1],
            "interval_time": kept.days * _DAY,
            "created": now,
            "modified": now,
            "active": True,
        }

    def _as_kept(self, reply: AutoReply) -> AutoReply:
        """vacation.pl puts both into a mail as they are."""
        return AutoReply(
            subject=one_line(reply.subject),
            text=plain(reply.text),
            starts=reply.starts,
            ends=reply.ends,
            days=reply.days,
        )

    def _change_goto(self, account: Account, change: Callable[[str, list[str]], list[str]]) -> None:
        address = address_of(account)
        with self._database.changing() as db:
            goto = self._goto(db, address)
            wanted = change(address, goto)
            if wanted != goto:
                self._write_goto(db, address, wanted)

    def _goto(self, db: Connection, address: str, *, change: bool = True) -> list[str]:
        """Where the mailbox's mail goes. Raises AccountNotFound where there is no such mailbox."""
        there = db.execute(select(MAILBOX.c.username).where(MAILBOX.c.username == address)).first()
        goto = self._row(db, address, change=change)
        if there is None or goto is None:
            raise AccountNotFound(f"PostfixAdmin has no mailbox {address}")
        return goto

    def _row(self, db: Connection, address: str, *, change: bool = True) -> list[str] | None:
        """The addresses this one leads to; for a change, nobody else writes them until it is done."""
        asked = select(ALIAS.c.goto).where(ALIAS.c.address == address)
        found = db.execute(asked.with_for_update() if change else asked).scalar_one_or_none()
        return None if found is None else _split(found)

    def _write_goto(self, db: Connection, address: str, goto: list[str]) -> None:
        values = {"goto": ",".join(goto), "modified": self._clock(), "active": True}
        db.execute(update(ALIAS).where(ALIAS.c.address == address).values(values))

    def _answering(self, address: str) -> str:
        return f"{address.replace('@', '#')}@{self.settings.vacation_domain}"


def _grant(table: Table) -> str:
    rights = {QUOTA2: "SELECT", MAILBOX: "SELECT, UPDATE"}.get(table, "SELECT, INSERT, UPDATE, DELETE")
    return f"GRANT {rights} ON {table.name} TO portal;"


def _split(goto: str) -> list[str]:
    return [one.strip() for one in goto.split(",") if one.strip()]


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def _aware(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment
