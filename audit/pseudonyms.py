"""Which account is behind which pseudonym: kept beside the log, so that erasing a row forgets the person."""

from sqlalchemy import Connection, bindparam, delete, insert, select

from audit.keyring import Keyring
from audit.statements import Statement
from audit.tables import head, pseudonyms

_FIND = select(pseudonyms.c.pseudonym).where(pseudonyms.c.lookup == bindparam("key"))
_FIND_TO_APPEND = Statement(_FIND)
_MAKE = Statement(insert(pseudonyms))
_WHO = select(pseudonyms.c.lookup, pseudonyms.c.account).where(pseudonyms.c.pseudonym == bindparam("name"))
_LOCK = select(head.c.id).where(head.c.id == 1).with_for_update()


def find(tx: Connection, keyring: Keyring, account: str) -> str | None:
    """The pseudonym of an account, if it has one."""
    return tx.execute(_FIND, {"key": keyring.lookup(account)}).scalar_one_or_none()


def find_or_make(tx: Connection, keyring: Keyring, account: str, random: bytes) -> str:
    """The pseudonym of an account, made from 16 random bytes if there is none; a new one holds the log's lock."""
    lookup = keyring.lookup(account)
    if row := _FIND_TO_APPEND.one(tx, {"key": lookup}):
        return str(row[0])
    tx.execute(_LOCK)  # two transactions must not make one each
    if row := _FIND_TO_APPEND.one(tx, {"key": lookup}):
        return str(row[0])
    made = "p_" + random.hex()
    _MAKE.run(tx, {"lookup": lookup, "pseudonym": made, "account": keyring.encrypt(account, place=lookup)})
    return made


def account_of(tx: Connection, keyring: Keyring, pseudonym: str) -> str | None:
    """The account behind a pseudonym, or None if there is none or it was erased."""
    row = tx.execute(_WHO, {"name": pseudonym}).one_or_none()
    return None if row is None else keyring.decrypt(bytes(row[1]), place=bytes(row[0]))


def forget(tx: Connection, pseudonym: str) -> None:
    """Delete the only way from this pseudonym to an account."""
    tx.execute(delete(pseudonyms).where(pseudonyms.c.pseudonym == pseudonym))
