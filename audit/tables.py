"""The log's tables, for SQLite and PostgreSQL; `metadata.create_all` makes them with their triggers and first row."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, SmallInteger, Table, Text, or_

from audit.triggers import append_only, first_row

metadata = MetaData()
_BIG = BigInteger().with_variant(Integer(), "sqlite")  # so that SQLite makes it the row's own number


def _number(name: str) -> Column[int]:
    return Column(name, _BIG, primary_key=True, autoincrement=False)


head = Table(
    "audit_head",  # one row that PostgreSQL locks; SQLite has a lock of its own and leaves it as it is
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
    Column("time", BigInteger, nullable=False),  # of the last entry, milliseconds since 1970
)
entries = Table(
    "audit_entry",
    metadata,
    _number("idx"),
    Column("leaf", LargeBinary(32), nullable=False),
    Column("body", LargeBinary, nullable=False),  # empty once it was pruned
)
nodes = Table(
    "audit_node",
    metadata,
    Column("level", SmallInteger, primary_key=True, autoincrement=False),
    _number("n"),
    Column("hash", LargeBinary(32), nullable=False),  # the root of full tile n of the level below
    sqlite_with_rowid=False,
)
checkpoints = Table("audit_checkpoint", metadata, _number("size"), Column("note", Text, nullable=False))
cosignatures = Table(
    "audit_cosignature",  # the newest line of each witness under a checkpoint; it is renewed while the log stands still
    metadata,
    _number("size"),
    Column("witness", Text, primary_key=True),
    Column("line", Text, nullable=False),
)
timestamps = Table(
    "audit_timestamp",  # what an authority outside (RFC 3161) has answered about a checkpoint
    metadata,
    _number("size"),
    Column("token", LargeBinary, nullable=False),
)
sealer = Table(
    "audit_sealer",  # one row, from the sealer to those who rely on it; moments in milliseconds since 1970
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("sound", BigInteger, nullable=False),  # when it last found nothing wrong
    Column("whole", BigInteger, nullable=False),  # the same of a look at every entry
    Column("refused", Text, nullable=False),  # why it signs no more, or empty
)

# What follows helps to find and read entries. The first can be made again from the entries, the others cannot.
index = Table(
    "audit_index",
    metadata,
    _number("idx"),
    Column("time", BigInteger, nullable=False),
    Column("type_uid", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("phase", Text, nullable=False),
    Column("outcome", Text),  # None for an intent
    Column("actor", Text, nullable=False),
    Column("subject", Text),
    Column("correlation", Text, nullable=False),
)
Index("audit_index_subject", index.c.subject, index.c.idx)
OTHERS_ACT = or_(index.c.subject.is_(None), index.c.actor != index.c.subject)  # whoever acts for himself is the subject
Index("audit_index_actor", index.c.actor, index.c.idx, sqlite_where=OTHERS_ACT, postgresql_where=OTHERS_ACT)
open_intents = Table(
    "audit_open",  # intents that have no outcome yet
    metadata,
    Column("correlation", Text, primary_key=True),
    Column("idx", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("time", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
private = Table(
    "audit_private",
    metadata,
    _number("idx"),
    Column("k", SmallInteger, primary_key=True, autoincrement=False),  # 0 is the source, which is the actor's
    Column("disclosure", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
pruned = Table(
    "audit_pruned",  # what was taken out because of its age; every line was told by an entry before
    metadata,
    Column("kind", Text, primary_key=True),  # whose personal values; empty: whole bundles of entries
    Column("told", BigInteger, nullable=False),  # entries below this number are to go
    Column("done", BigInteger, nullable=False),  # those below this number have gone
    Column("entry", BigInteger, nullable=False),  # the one that told of it
    sqlite_with_rowid=False,
)
pseudonyms = Table(
    "audit_pseudonym",
    metadata,
    Column("lookup", LargeBinary(32), primary_key=True),
    Column("pseudonym", Text, nullable=False, unique=True),
    Column("account", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

# What finds entries. Nothing here is read by a verifier, all of it but remarks can be made again; see audit.indexing.
indexed = Table(
    "audit_indexed",  # one row: how many entries can be found by their terms
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
)
terms = Table(
    "audit_term",  # what an entry can be found by, as keyed hashes: who, what, how it ended, ticket, address, unit
    metadata,
    Column("term", BigInteger, primary_key=True, autoincrement=False),
    _number("idx"),
    sqlite_with_rowid=False,
)
words = Table(
    "audit_word",  # the same for the words of what people wrote; gone with what they wrote
    metadata,
    Column("term", BigInteger, primary_key=True, autoincrement=False),
    _number("idx"),
    sqlite_with_rowid=False,
)
Index("audit_word_idx", words.c.idx)
people = Table(
    "audit_person",  # what people were called when they were last looked up
    metadata,
    Column("pseudonym", Text, primary_key=True),
    Column("seen", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),  # encrypted: {login, name}
    sqlite_with_rowid=False,
)
names = Table(
    "audit_name",  # the words of their names
    metadata,
    Column("term", BigInteger, primary_key=True, autoincrement=False),
    Column("pseudonym", Text, primary_key=True, index=True),
    sqlite_with_rowid=False,
)
remarks = Table(
    "audit_remark",  # what auditors noted about an entry
    metadata,
    Column("id", _BIG, primary_key=True),
    Column("idx", BigInteger, nullable=False, index=True),
    Column("time", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),  # reviewed or question
    Column("author", Text, nullable=False),  # a pseudonym
    Column("ticket", Integer),  # of a question
    Column("text", LargeBinary, nullable=False),  # encrypted
)

first_row(head)
first_row(indexed)
for _table in (entries, nodes, checkpoints):
    append_only(_table)
