"""Searching and comparing: what is found, what of it is shown, and how it is cut into pages."""

from ldaptor.protocols import pureldap

from portal.demo.directory import filters, schema
from portal.demo.directory.access import Access
from portal.demo.directory.controls import Page
from portal.demo.directory.entry import Entry
from portal.demo.directory.names import Key
from portal.demo.directory.refusal import Code, Refusal
from portal.demo.directory.schema import AttributeType
from portal.demo.directory.session import Session
from portal.demo.directory.tree import Tree

Shown = list[tuple[str, list[bytes]]]

_LARGEST_ANSWER = 500  # entries, for everybody but the portal


def fits(tree: Tree, access: Access, who: Key | None, entry: Entry, wanted: object) -> bool:
    """Whether an entry, as this person may see it, fits a filter."""

    def values(kind: AttributeType) -> list[bytes] | None:
        return tree.values(entry, kind) if access.may_read(who, entry.key, kind) else None

    return filters.truth(wanted, values) is True


def found(tree: Tree, access: Access, session: Session, request: pureldap.LDAPSearchRequest) -> list[Entry]:
    """All entries that a search finds. Raises Refusal 32, as for a missing base, if nobody is bound."""
    session.free()
    if session.who is None:
        raise Refusal(Code.NO_SUCH_OBJECT)
    base = tree.named(request.baseObject).key
    who = session.who
    return [one for one in tree.within(base, request.scope) if fits(tree, access, who, one, request.filter)]


def limit(session: Session, access: Access, asked: int) -> int | None:
    """How many entries one search may return in all: what was asked for, or less; None for no limit."""
    own = None if session.who == access.service else _LARGEST_ANSWER
    return min(filter(None, (asked, own)), default=None)


def cut(session: Session, entries: list[Entry], page: Page) -> tuple[list[Entry], bytes]:
    """One page and the cookie for the next. Raises Refusal 2 for a cookie that is not the last one given."""
    if page.cookie:
        if page.cookie not in session.pages:
            raise Refusal(Code.PROTOCOL_ERROR, "paged results cookie is invalid")
        entries = session.pages[page.cookie]
    session.pages.clear()
    now, later = entries[: page.size], entries[page.size :]
    if not later or not page.size:
        return now, b""
    cookie = len(later).to_bytes(8, "big")
    session.pages[cookie] = later
    return now, cookie


def shown(
    tree: Tree, access: Access, who: Key | None, entry: Entry, asked: list[bytes], *, types_only: bool = False
) -> Shown:
    """The attributes to send. Those kept by the server come only if asked for by name or with "+"."""
    wanted = {name.decode("utf-8", "replace").lower() for name in asked}
    everything, kept = not wanted or "*" in wanted, "+" in wanted
    out: Shown = []
    for name, kind in schema.TYPES.items():
        chosen = name in wanted or (kept if kind.operational else everything)
        if chosen and access.may_read(who, entry.key, kind) and (values := tree.values(entry, kind)):
            out.append((kind.name, [] if types_only else values))
    return out


def compare(tree: Tree, access: Access, session: Session, request: pureldap.LDAPCompareRequest) -> Code:
    """Whether an entry has a value. Raises Refusal."""
    session.free()
    if session.who is None:
        raise Refusal(Code.NO_SUCH_OBJECT)
    entry = tree.named(request.entry)
    kind = schema.known(request.ava.attributeDesc.value)
    if kind is None:
        raise Refusal(Code.UNDEFINED_ATTRIBUTE_TYPE)
    if not access.may_read(session.who, entry.key, kind):
        raise Refusal(Code.INSUFFICIENT_ACCESS_RIGHTS)
    values = tree.values(entry, kind)
    if not values:
        raise Refusal(Code.NO_SUCH_ATTRIBUTE)
    wanted = pureldap.LDAPFilter_equalityMatch(request.ava.attributeDesc, request.ava.assertionValue)
    return Code.COMPARE_TRUE if filters.truth(wanted, lambda _kind: values) else Code.COMPARE_FALSE
