"""The portal's tables. The record has its own, in `audit.tables`; both live in one database and share transactions."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)

metadata = MetaData()
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Moment(TypeDecorator[datetime]):
    """An aware UTC time as whole microseconds since 1970: exact, sortable and the same on every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else (value - EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else EPOCH + timedelta(microseconds=value)


session = Table(
    "session",
    metadata,
    Column("id", String(32), primary_key=True),  # a keyed fingerprint of the cookie, never the cookie
    Column("account_id", String(255), index=True),
    Column("content", LargeBinary, nullable=False),  # sealed
    Column("started", Moment, nullable=False),
    Column("seen", Moment, nullable=False),
    Column("ends", Moment, nullable=False),
    Column("agent", String(200), nullable=False),
    Column("source", String(64), nullable=False),
)

walk = Table(
    "walk",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("purpose", String(20), nullable=False),
    Column("claim", LargeBinary, nullable=False),  # what was typed, sealed: it may be a password
    Column("claim_digest", String(32), nullable=False),
    Column("account_id", String(255), index=True),  # set in the background; "unknown:…" if there is no such account
    Column("candidates", JSON, nullable=False, server_default="[]"),  # one a directory asked; null: has not answered
    Column("proofs", JSON, nullable=False),  # [{factor, factor_id, channel, at}]
    Column("started", Moment, nullable=False),
    Column("ends", Moment, nullable=False),
    Column("closed", Moment),
)

kept_account = Table(
    "kept_account",
    metadata,
    Column("account_id", String(255), primary_key=True),
    Column("login_digest", String(32), nullable=False, index=True),
    Column("content", LargeBinary, nullable=False),  # sealed
    Column("seen", Moment, nullable=False),
)

factor = Table(
    "factor",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("account_id", String(255), nullable=False, index=True),
    Column("kind", String(20), nullable=False),
    Column("name", String(60), nullable=False),
    Column("secret", LargeBinary),  # sealed
    Column("enrolled", Moment, nullable=False),
    Column("confirmed", Moment),  # None: waits for its check code
    Column("disabled", Moment),
    Column("last_used", Moment),
    Column("last_step", BigInteger, nullable=False, server_default="0"),  # TOTP: the newest step ever accepted
)

recovery_code = Table(
    "recovery_code",
    metadata,
    Column("digest", String(32), primary_key=True),
    Column("factor_id", ForeignKey("factor.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("used", Moment),
)

mailed_code = Table(
    "mailed_code",
    metadata,
    Column("walk_id", String(32), primary_key=True),
    Column("account_id", String(255), primary_key=True, index=True),
    Column("digest", String(32), nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("ends", Moment, nullable=False),
    Column("used", Moment),
)

operation = Table(
    "operation",
    metadata,
    Column("id", String(36), primary_key=True),  # the record's correlation uid
    Column("action", String(40), nullable=False),
    Column("actor_id", String(255), nullable=False),
    Column("account_id", String(255), nullable=False, index=True),
    Column("details", JSON, nullable=False),  # never a secret
    Column("before", JSON, nullable=False),  # the account's state just before
    Column("source", String(64), nullable=False),
    Column("session", String(64), nullable=False),
    Column("started", Moment, nullable=False),
    Column("closed", Moment, index=True),
    Column("outcome", String(10)),
    Column("reason", String(40)),
)
Index("operation_of_actor", operation.c.actor_id, operation.c.started)

ticket = Table(
    "ticket",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("open_key", String(64), unique=True),  # the same open wish is the same ticket; empty once closed
    Column("requester_id", String(255), index=True),  # None: nobody proved who asks
    Column("queue", String(40), nullable=False),
    Column("action", String(40), nullable=False),
    Column("reason", String(40), nullable=False),
    Column("content", LargeBinary, nullable=False),  # sealed: {claim, text, steps, facts, details}
    Column("language", String(10), nullable=False),
    Column("status", String(12), nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("account_id", String(255)),  # whose account an approval is about
    Column("stage", Integer),  # of an approval: whose turn it is
    Column("reminds", Moment),  # of an approval: when whoever has not decided is reminded; None: has been
    Column("climbs", Moment),  # of an approval: when it is the next one's turn; None: there is no next one
    Column("lapses", Date),  # the last day of its account, if a bridge could keep it from ending meanwhile
    Column("taken_by", String(255)),
    Column("taken_name", String(120)),
    Column("opened", Moment, nullable=False),
    Column("due", Moment, nullable=False),
    Column("closed", Moment),
    Column("impact", String(8), nullable=False, server_default="one"),
    Column("urgency", String(8), nullable=False, server_default="soon"),
    Column("priority", String(8), nullable=False, server_default="normal"),
    Column("answered", Moment),  # when the person first heard something; from then on `due` is `solve_by`
    Column("solve_by", Moment),  # None: a decision, which has times of its own
    Column("merged_into", Integer, index=True),
    sqlite_autoincrement=True,
)

ticket_note = Table(
    "ticket_note",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("ticket", ForeignKey("ticket.number", ondelete="CASCADE"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("author_id", String(255), nullable=False),
    Column("kind", String(12), nullable=False),  # what happened, a key of portal.tickets.words
    Column("content", LargeBinary, nullable=False),  # sealed: {author, text}
    Column("shown", Boolean, nullable=False),  # to the requester
)

notice_sent = Table(
    "notice_sent",
    metadata,
    Column("kind", String(10), primary_key=True),  # of portal.extending.notices.Kind: what ends
    Column("account_id", String(255), primary_key=True),
    Column("ends_on", Date, primary_key=True),
    Column("mark", Integer, primary_key=True),  # how many days before; a smaller one covers the larger
    Column("sent_on", Date, nullable=False, index=True),
)

paused = Table(  # what an administrator does not let run
    "paused",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("since", Moment, nullable=False),
)

lapse = Table(
    "lapse",
    metadata,
    Column("account_id", String(255), primary_key=True),
    Column("ends_on", Date, nullable=False),  # the last day it was said about
    Column("said", Moment, nullable=False),
)

decider = Table(  # who may decide a ticket by name at its present stage; whole queues are not listed
    "decider",
    metadata,
    Column("ticket", ForeignKey("ticket.number", ondelete="CASCADE"), primary_key=True),
    Column("account_id", String(255), primary_key=True, index=True),
)

bridge = Table(  # a few days more for an account while nobody has decided
    "bridge",
    metadata,
    Column("ticket", ForeignKey("ticket.number", ondelete="CASCADE"), primary_key=True),
    Column("until", Date, primary_key=True),
    Column("account_id", String(255), nullable=False, index=True),
    Column("first_end", Date, nullable=False),  # before any bridge
    Column("state", String(10), nullable=False),  # of portal.duty.bridges.State
    Column("at", Moment, nullable=False),  # when it was claimed
)

ticket_copy = Table(
    "ticket_copy",
    metadata,
    Column("ticket", ForeignKey("ticket.number", ondelete="CASCADE"), primary_key=True),
    Column("system", String(255), nullable=False),  # another one knows nothing of this copy
    Column("key", String(40), nullable=False, unique=True),  # by which the copy is found over there
    Column("reference", JSON),  # {id, number, url} of the copy, once it is known
    Column("state", String(8), nullable=False),  # of portal.tickets.copies.State
    Column("there", String(8), nullable=False, server_default="open"),  # how the copy stood when last heard of
    Column("noted", Integer, nullable=False, server_default="0"),  # the newest note that has been copied
    Column("tried", Moment),  # a try is under way, or nobody knows how it ended
    Column("failing", Moment),  # since when no try has succeeded
    Column("error", Text),
    Column("looks", Integer, nullable=False, server_default="0"),
    Column("next_look", Moment, index=True),  # when to ask how it stands
)

absence = Table(  # who decides for whom while somebody is away
    "absence",
    metadata,
    Column("account_id", String(255), primary_key=True),
    Column("substitute_id", String(255), nullable=False, index=True),
    Column("names", LargeBinary, nullable=False),  # sealed: {substitute}
    Column("first", Date, nullable=False),
    Column("last", Date, nullable=False),
    Column("begun", Moment),  # when the substitute was asked for what waited already
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("kind", String(30), nullable=False),
    Column("content", LargeBinary, nullable=False),  # sealed
    Column("put", Moment, nullable=False),
    Column("due", Moment, nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("done", Moment),
    Column("stuck", Moment),
    Column("error", Text),
)
Index("outbox_waiting", outbox.c.due, sqlite_where=outbox.c.done.is_(None), postgresql_where=outbox.c.done.is_(None))

checkup = Table(  # what the last look over everything found; one row for each thing looked at
    "checkup",
    metadata,
    Column("place", Integer, primary_key=True),
    Column("asked", Moment, nullable=False),
    Column("done", Moment),
    Column("content", LargeBinary, nullable=False),  # sealed: {area, title, findings}
)

limit = Table(
    "limit_counter",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("ends", Moment, nullable=False),
)

watch = Table(
    "watch",
    metadata,
    Column("account_id", String(255), primary_key=True),
    Column("attempt", String(36), nullable=False),  # the change after which it is looked after
    Column("language", String(10), nullable=False),
    Column("started", Moment, nullable=False),
    Column("ends", Moment, nullable=False),
    Column("due", Moment, nullable=False, index=True),
    Column("seen", JSON, nullable=False),  # [[when, how many wrong passwords]], as the number grew
    Column("told", Moment),
)

address_change = Table(
    "address_change",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("account_id", String(255), nullable=False, index=True),
    Column("open_key", String(255), unique=True),  # the account while it waits: one at a time; empty once closed
    Column("content", LargeBinary, nullable=False),  # sealed: {old, new, channels, replaced}
    Column("state", String(12), nullable=False),  # of portal.own_data.address_changes.State
    Column("asked", Moment, nullable=False),
    Column("told", Moment),  # when its owner's mails were handed over; the time runs from here
    Column("due", Moment, nullable=False, index=True),
    Column("tried", Moment),
    Column("closed", Moment),
)

used_link = Table(
    "used_link",
    metadata,
    Column("digest", String(32), primary_key=True),
    Column("used", Moment, nullable=False),
)
