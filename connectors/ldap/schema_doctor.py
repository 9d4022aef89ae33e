"""Whether the attributes that the settings name exist, whether people's entries may have them, and what is indexed."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from connectors.capabilities import Finding
from connectors.findings import fault, fine, say, warning
from connectors.ldap import own_data
from connectors.ldap.dialect import Dialect
from connectors.ldap.entry import Entry
from connectors.ldap.link import Link

FEW = 1000  # people among whom a search without an index is over in a moment

# Descriptions of the schema (RFC 4512, 4.1): NAME 'a' or NAME ( 'a' 'b' ); MAY x or MAY ( x $ y ).
_NAME = re.compile(r"\bNAME\s+(?:'([^']+)'|\(([^)]*)\))")
_LISTS = re.compile(r"\b(SUP|MUST|MAY|AUX)\s+(?:\(([^)]*)\)|([\w.;-]+))")


@dataclass(frozen=True)
class Schema:
    """All names in lower case."""

    attributes: Mapping[str, frozenset[str]]  # each name with all names of the same attribute
    classes: Mapping[str, tuple[frozenset[str], frozenset[str]]]  # what a class allows, and classes it takes in
    auxiliary: Mapping[str, frozenset[str]]  # classes that may be added, and what they allow

    def allows(self, classes: Sequence[str], attribute: str) -> bool:
        names = self.attributes.get(attribute.lower(), frozenset({attribute.lower()}))
        seen: set[str] = set()
        left = [name.lower() for name in classes]
        while left:
            name = left.pop()
            if name in seen:
                continue
            seen.add(name)
            allowed, more = self.classes.get(name, (frozenset(), frozenset()))
            if names & allowed:
                return True
            left += more
        return False

    def class_with(self, attribute: str) -> str:
        """The name of a class that would bring the attribute."""
        names = self.attributes.get(attribute.lower(), frozenset())
        return next((name for name, allowed in self.auxiliary.items() if names & allowed), "")


def examine(dialect: Dialect, service: Link, samples: Sequence[Entry], count: int) -> Iterator[Finding]:
    """`count`: how many people were seen; among few, reading every entry costs nothing."""
    schema = _read(service)
    if schema is None:
        yield fine(say("schema"), say("cannot be read, so the attributes' names are not checked"))
        return
    settings = dialect.settings
    for setting, attribute in _named(dialect):
        if attribute.lower() in schema.attributes:
            continue
        message = say("%(setting)s: the server knows no attribute %(name)s", setting=setting, name=attribute)
        needed = setting in ("login_attribute", "own_mail_attribute", "phone_attribute", "ssh_key_attribute")
        remedy = f"{setting}: name one it knows, leave it out, or load the schema that brings {attribute}."
        yield fault(say("schema"), message, remedy) if needed else warning(say("schema"), message, remedy)
    for attribute in (*own_data.attributes(settings), *dialect.written_if_allowed):
        if attribute.lower() in schema.attributes:
            yield from _allowed(schema, service, samples, attribute)
    yield from _indexes(dialect, service, count)


def _named(dialect: Dialect) -> Iterator[tuple[str, str]]:
    s = dialect.settings
    single = ("login_attribute", "own_mail_attribute", "phone_attribute", "ssh_key_attribute", "language_attribute",
              "unit_attribute", "kind_attribute", "sponsor_attribute")  # fmt: skip
    yield from ((setting, name) for setting in single if (name := getattr(s, setting)))
    for setting in ("mail_attributes", "recovery_mail_attributes"):
        yield from ((setting, name) for name in getattr(s, setting))


def _allowed(schema: Schema, service: Link, samples: Sequence[Entry], attribute: str) -> Iterator[Finding]:
    """Without the object class a first value is refused, though every right is there."""
    lacking = 0
    for sample in samples:
        entries = service.read(sample.dn, ("objectClass",)).entries
        lacking += bool(entries and not schema.allows(entries[0].texts("objectClass"), attribute))
    if not lacking:
        return
    message = say(
        "%(count)s of %(all)s people looked at have no object class that allows %(name)s",
        count=lacking, all=len(samples), name=attribute,
    )  # fmt: skip
    brings = schema.class_with(attribute) or "A-CLASS-WITH-IT"
    remedy = f"# for each of them\ndn: PERSON\nchangetype: modify\nadd: objectClass\nobjectClass: {brings}"
    # Whom it is offered to in vain: everybody, or only some of many kinds of people.
    found = fault if lacking == len(samples) else warning
    yield found(say("object class"), message, remedy)


def _indexes(dialect: Dialect, service: Link, count: int) -> Iterator[Finding]:
    s = dialect.settings
    wanted = dict.fromkeys(
        (s.login_attribute, *dialect.names, *s.mail_attributes, *s.recovery_mail_attributes, *dialect.identities)
    )
    indexed = dialect.indexed(service, tuple(wanted))
    if indexed is None:
        message = say("which attributes have one cannot be seen from here")
        yield fine(say("index"), message, dialect.look_at_indexes(tuple(wanted)))
        return
    if missing := [name for name in wanted if name.lower() not in indexed]:
        message = say("none for %(names)s: each look-up reads every entry", names=", ".join(missing))
        yield (warning if count > FEW else fine)(say("index"), message, dialect.add_indexes(missing))
    else:
        yield fine(say("index"), say("there is one for everything people are found by"))


def _read(service: Link) -> Schema | None:
    root = service.read("", ("subschemaSubentry",)).entries
    dn = root[0].text("subschemaSubentry") if root else ""
    entries = service.read(dn, ("attributeTypes", "objectClasses", "dITContentRules")).entries if dn else ()
    if not entries or not entries[0].values("attributeTypes"):
        return None
    attributes = {
        name: frozenset(names)
        for text in entries[0].texts("attributeTypes")
        for names in [_names(text)]
        for name in names
    }
    classes: dict[str, tuple[frozenset[str], frozenset[str]]] = {}
    auxiliary: dict[str, frozenset[str]] = {}
    for text in entries[0].texts("objectClasses", "dITContentRules"):
        lists: dict[str, set[str]] = {}
        for kind, several, one in _LISTS.findall(text):
            lists.setdefault(kind, set()).update(name.strip().lower() for name in (several or one).split("$"))
        allowed = frozenset(lists.get("MUST", set()) | lists.get("MAY", set()))
        takes_in = frozenset(lists.get("SUP", set()) | lists.get("AUX", set()))
        spelled = _NAME.search(text)
        for name in _names(text):
            before = classes.get(name, (frozenset(), frozenset()))
            classes[name] = before[0] | allowed, before[1] | takes_in
        if " AUXILIARY " in text and spelled:
            auxiliary[spelled.group(1) or spelled.group(2).split("'")[1]] = allowed
    return Schema(attributes, classes, auxiliary)


def _names(description: str) -> list[str]:
    found = _NAME.search(description)
    return re.findall(r"[^\s']+", (found.group(1) or found.group(2)).lower()) if found else []
