"""What `portal check` looks at where mailboxes are attributes: the directory's schema, and the right to write each.

Rights are tried out by taking away values that nobody has, which changes nothing: only without the right is the answer
insufficientAccessRights. Active Directory tells by itself.
"""

from collections.abc import Iterator, Mapping, Sequence

from connectors.capabilities import Capability, Finding
from connectors.findings import fault, fine, say
from connectors.ldap import ds389_doctor, openldap_doctor
from connectors.ldap.link import Link
from connectors.ldap.requests import Change, present
from connectors.ldap.results import INSUFFICIENT_ACCESS
from connectors.ldap.settings import LdapSettings
from connectors.mailboxes.ldap_schemas import MailSchema

SUBJECT = say("attributes for mail")
_TOLD = "allowedAttributesEffective"  # of Active Directory: what whoever asks may write to this entry


def examine(
    service: Link, directory: LdapSettings, schema: MailSchema, needed: Mapping[str, type[Capability]]
) -> Iterator[Finding]:
    """`needed`: the attributes that are written for what is offered. Yields findings; changes nothing."""
    known = _known(service)
    lacking = [name for name in needed if name.lower() not in known]
    if known and lacking:
        message = say("the directory's schema lacks %(names)s", names=", ".join(lacking))
        stops = tuple({needed[name]: None for name in lacking})
        yield fault(SUBJECT, message, "schema: another one is right, or its schema file is not loaded.", stops=stops)
        return
    if known:
        yield fine(SUBJECT, say("are in the directory's schema"))
    else:
        yield fine(SUBJECT, say("cannot be looked up: the server shows no schema"))
    for base in directory.people_bases:
        yield from _rights(service, directory, schema, base, needed)


def _rights(
    service: Link, directory: LdapSettings, schema: MailSchema, base: str, needed: Mapping[str, type[Capability]]
) -> Iterator[Finding]:
    samples = service.search(base, present(directory.mail_attributes[0]), ("1.1",), limit=1).entries
    if not samples:
        return
    subject, dn = say("right to write attributes for mail"), samples[0].dn
    refused = _refused(service, dn, schema, needed)
    if not refused:
        yield fine(subject, say("%(base)s: may write what is offered", base=base))
        return
    message = say("%(base)s: may not write %(names)s", base=base, names=", ".join(refused))
    stops = tuple({needed[name]: None for name in refused})
    yield fault(subject, message, grant(directory, base, refused), base=base, stops=stops)


def grant(directory: LdapSettings, base: str, names: Sequence[str], kind: str = "user") -> str:
    """What gives the service account the right to write these attributes of the people, or groups, below there."""
    match directory.kind:
        case "openldap":
            return openldap_doctor.grant(directory, base, names, "write")
        case "389ds":
            return ds389_doctor.grant(directory, base, names, "write")
    return "\n".join(f"dsacls {base} /I:S /G {directory.bind_dn}:RPWP;{name};{kind}" for name in names)


def _refused(service: Link, dn: str, schema: MailSchema, names: Mapping[str, object]) -> Sequence[str]:
    return refused(service, dn, {name: schema.nobodys(name) for name in names})


def refused(service: Link, dn: str, nobodys: Mapping[str, Sequence[str]]) -> Sequence[str]:
    """Which of these attributes may not be written there; with each come values that nobody has."""
    told = {name.lower() for entry in service.read(dn, (_TOLD,)).entries for name in entry.texts(_TOLD)}
    if told:
        return [name for name in nobodys if name.lower() not in told]
    return [name for name, values in nobodys.items() if _tried(service, dn, name, values) == INSUFFICIENT_ACCESS]


def _tried(service: Link, dn: str, name: str, values: Sequence[str]) -> int:
    """One modification with all of them, which fails as a whole at the one that is not there (RFC 4511, 4.6)."""
    return service.modify(dn, {name: [(Change.DELETE, [value.encode()]) for value in values]}).code


def _known(service: Link) -> set[str]:
    """Names of all attributes of the schema, in small letters; empty where it cannot be read."""
    root = service.read("", ("subschemaSubentry",)).entries
    where = root[0].text("subschemaSubentry") if root else ""
    schema = service.read(where, ("attributeTypes",)).entries if where else ()
    text = " ".join(schema[0].texts("attributeTypes")) if schema else ""
    return {word.strip("'").lower() for word in text.split()}
