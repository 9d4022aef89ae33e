"""Changing an entry: by a modify request or by the password-modify operation of RFC 3062."""

from dataclasses import dataclass
from enum import IntEnum

from portal.demo.directory import password, schema
from portal.demo.directory.access import Access
from portal.demo.directory.entry import Entry
from portal.demo.directory.refusal import Code, PolicyError, Refusal
from portal.demo.directory.schema import AttributeType
from portal.demo.directory.session import Session
from portal.demo.directory.tree import Tree


class Way(IntEnum):
    """What a modification does with its values (RFC 4511, section 4.6)."""

    ADD = 0
    DELETE = 1
    REPLACE = 2


@dataclass(frozen=True)
class Modification:
    """One change of one attribute."""

    way: Way
    kind: AttributeType
    values: tuple[bytes, ...]

    @classmethod
    def checked(cls, way: int, name: bytes, values: list[bytes]) -> "Modification":
        """Build one from the wire. Raises Refusal 2, 17, 19, 20 or 21 for what no entry could take."""
        shown = name.decode("utf-8", "replace")
        kind = schema.known(name)
        if kind is None:
            raise Refusal(Code.UNDEFINED_ATTRIBUTE_TYPE, f"{shown}: attribute type undefined")
        if way not in tuple(Way) or (way == Way.ADD and not values):
            raise Refusal(Code.PROTOCOL_ERROR, f"{kind.name}: no such kind of change")
        for number, value in enumerate(values):
            if not schema.valid(kind, value):
                raise Refusal(Code.INVALID_ATTRIBUTE_SYNTAX, f"{kind.name}: value #{number} invalid per syntax")
        if len({schema.folded(kind, value) for value in values}) < len(values):
            raise Refusal(Code.ATTRIBUTE_OR_VALUE_EXISTS, f"{kind.name}: value provided more than once")
        if kind.single and len(values) > 1:
            raise Refusal(Code.CONSTRAINT_VIOLATION, f"{kind.name}: multiple values provided")
        if kind.fixed:
            raise Refusal(Code.CONSTRAINT_VIOLATION, f"{kind.name}: no user modification allowed")
        return cls(Way(way), kind, tuple(values))


def modify(tree: Tree, access: Access, session: Session, entry: Entry, changes: list[Modification]) -> None:
    """Carry out all changes or none; on disk when this returns. Raises Refusal."""
    who = session.known("modifications require authentication")
    if session.must_change and (who != entry.key or any(change.kind.name != "userPassword" for change in changes)):
        session.free()
    for change in changes:
        if not access.may_write(who, entry.key, change.kind):
            raise Refusal(Code.INSUFFICIENT_ACCESS_RIGHTS)
    changed = entry.copy()
    secret = [change for change in changes if change.kind.name == "userPassword"]
    if secret:
        _change_password(tree, changed, secret, own=who == entry.key)
    # After the password, so that a pwdReset sent along stays.
    for change in changes:
        if change not in secret:
            _apply(changed, change)
    tree.write(changed, by=session.dn)
    if secret and who == entry.key:
        session.must_change = False


def modify_password(
    tree: Tree, access: Access, session: Session, *, entry: Entry, old: bytes | None, new: bytes | None
) -> None:
    """The password-modify operation. An old password, where given, must fit. Raises Refusal."""
    who = session.known("only authenticated users may change passwords")
    kind = schema.TYPES["userpassword"]
    if not access.may_write(who, entry.key, kind) or (session.must_change and who != entry.key):
        raise Refusal(Code.INSUFFICIENT_ACCESS_RIGHTS)
    if old is not None and not password.known(entry, old):
        raise Refusal(Code.UNWILLING_TO_PERFORM, "unwilling to verify old password")
    changed = entry.copy()
    _require_old(tree, changed, given=old is not None, own=who == entry.key)
    password.set_password(tree, changed, new or b"", own=who == entry.key)
    tree.write(changed, by=session.dn)
    if who == entry.key:
        session.must_change = False


def _change_password(tree: Tree, entry: Entry, changes: list[Modification], *, own: bool) -> None:
    removed = [value for change in changes if change.way is Way.DELETE for value in change.values]
    added = [value for change in changes if change.way is not Way.DELETE for value in change.values]
    if any(not password.known(entry, value) for value in removed):
        if not added:
            raise Refusal(Code.NO_SUCH_ATTRIBUTE, "modify/delete: userPassword: no such value")
        text = "Must supply correct old password to change to new one"
        raise Refusal(Code.UNWILLING_TO_PERFORM, text, policy=PolicyError.MUST_SUPPLY_OLD)
    if not added:
        entry.put("userPassword", [])
        return
    adds_second = not removed and changes[0].way is Way.ADD and entry.values("userPassword")
    if len(added) > 1 or adds_second:
        raise Refusal(Code.CONSTRAINT_VIOLATION, "Password policy only allows one password value")
    _require_old(tree, entry, given=bool(removed), own=own)
    password.set_password(tree, entry, added[0], own=own)


def _require_old(tree: Tree, entry: Entry, *, given: bool, own: bool) -> None:
    if own and not given and tree.policy_for(entry).old_needed:
        text = "Must supply old password to be changed as well as new one"
        raise Refusal(Code.INSUFFICIENT_ACCESS_RIGHTS, text, policy=PolicyError.MUST_SUPPLY_OLD)


def _apply(entry: Entry, change: Modification) -> None:
    kind, own = change.kind, entry.values(change.kind.name)
    match change.way:
        case Way.REPLACE:
            entry.put(kind.name, change.values)
        case Way.ADD:
            _add(entry, kind, own, change.values)
        case Way.DELETE:
            _delete(entry, kind, own, change.values)
    if kind.name == "pwdAccountLockedTime" and not entry.values(kind.name):
        entry.put("pwdFailureTime", [])


def _add(entry: Entry, kind: AttributeType, own: list[bytes], values: tuple[bytes, ...]) -> None:
    for number, value in enumerate(values):
        if entry.holds(kind, value):
            text = f"modify/add: {kind.name}: value #{number} already exists"
            raise Refusal(Code.ATTRIBUTE_OR_VALUE_EXISTS, text)
    if kind.single and own:
        raise Refusal(Code.CONSTRAINT_VIOLATION, f"attribute '{kind.name}' cannot have multiple values")
    entry.put(kind.name, [*own, *values])


def _delete(entry: Entry, kind: AttributeType, own: list[bytes], values: tuple[bytes, ...]) -> None:
    if not own:
        raise Refusal(Code.NO_SUCH_ATTRIBUTE, f"modify/delete: {kind.name}: no such attribute")
    for value in values:
        if not entry.holds(kind, value):
            raise Refusal(Code.NO_SUCH_ATTRIBUTE, f"modify/delete: {kind.name}: no such value")
    gone = {schema.folded(kind, value) for value in values}
    entry.put(kind.name, [value for value in own if schema.folded(kind, value) not in gone] if values else [])
