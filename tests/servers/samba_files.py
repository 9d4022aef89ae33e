"""The configuration of a throw-away Samba, and the names in it; what the portal may do is read from the manual."""

import re
from pathlib import Path

REALM, DOMAIN = "AD.EXAMPLE.ORG", "EXAMPLE"
BASE = "DC=ad,DC=example,DC=org"
PEOPLE = f"OU=People,{BASE}"
GROUPS = f"OU=Groups,{BASE}"
SERVICE_DN = f"CN=Sparekey,OU=Services,{BASE}"
ADMIN_DN = f"CN=Administrator,CN=Users,{BASE}"

_USER = "bf967aba-0de6-11d0-a285-00aa003049e2"
OWN_DATA = [  # the right to write otherMailbox, mobile and url
    f"(OA;CIIO;WP;{attribute};{_USER};$SID)"
    for attribute in (
        "0296c123-40da-11d1-a9c0-0000f80367c1",
        "f0f8ffa3-1191-11d0-a060-00aa006c33ed",
        "9a9a0221-4a5b-11d1-a9c3-0000f80367c1",
    )
]

_MANUAL = Path(__file__).parents[2] / "docs" / "active-directory.md"


def manual(section: str) -> str:
    """The lines the manual tells an administrator to use, from the block marked with that name."""
    found = re.search(rf"<!-- {section} -->\n```\w+\n(.*?)```", _MANUAL.read_text(), re.DOTALL)
    if found is None:
        raise LookupError(f"{_MANUAL} has no block {section}")
    return found.group(1)


def grants() -> list[tuple[str, str]]:
    """Each object the manual gives rights on, and the rights as SDDL with $SID in the place of the account's."""
    rights: dict[str, str] = {}
    for dn, sddl in re.findall(r'^grant "(.*?)" "(.*?)"$', manual("samba"), re.MULTILINE):
        rights[dn] = rights.get(dn, "") + sddl
    return list(rights.items())


# What Exchange adds to Active Directory's schema, as far as it is used here: syntax, its number in OM, link, one value.
_TEXT, _YES_OR_NO, _NUMBER, _DN = ("2.5.5.12", 64), ("2.5.5.8", 1), ("2.5.5.9", 2), ("2.5.5.1", 127)
_EXCHANGE: dict[str, tuple[tuple[str, int], int, bool]] = {
    "msExchGenericForwardingAddress": (_TEXT, 0, True),
    "targetAddress": (_TEXT, 0, True),
    "deliverAndRedirect": (_YES_OR_NO, 0, True),
    "altRecipient": (_DN, 126, True),
    "publicDelegates": (_DN, 14, False),
    "mDBOverHardQuotaLimit": (_NUMBER, 0, True),
}
_EXAMPLES = "1.3.6.1.4.1.32473.1"  # numbers for documentation (RFC 5612); Active Directory takes no long ones
_DN_CLASS = "KwwCh3McAIVK"  # what the schema wants beside a DN's syntax, in base 64 (MS-ADTS, 3.1.1.2.2.2)


def exchange_schema() -> tuple[str, str]:
    """Two changes as LDIF: new attributes, and that whatever gets mail may have them."""
    schema = f"CN=Schema,CN=Configuration,{BASE}"
    added = ""
    for number, (name, ((syntax, om), link, single)) in enumerate(_EXCHANGE.items(), 1):
        more = f"linkID: {link}\noMObjectClass:: {_DN_CLASS}\n" if link else ""
        added += f"""\
dn: CN={name},{schema}
changetype: add
objectClass: attributeSchema
lDAPDisplayName: {name}
attributeID: {_EXAMPLES}.{number}
attributeSyntax: {syntax}
oMSyntax: {om}
isSingleValued: {str(single).upper()}
{more}
"""
    may = "".join(f"mayContain: {name}\n" for name in _EXCHANGE)
    return added, f"dn: CN=Mail-Recipient,{schema}\nchangetype: modify\nadd: mayContain\n{may}"


def configuration(folder: Path, address: str) -> str:
    """The smb.conf(5) of a domain controller whose whole state lies in `folder`.

    Samba lets the old password in for an hour after a change unless told not to, as Windows does.
    """
    return f"""\
[global]
    server role = active directory domain controller
    server services = ldap
    realm = {REALM}
    workgroup = {DOMAIN}
    netbios name = DC1
    interfaces = {address}/8
    bind interfaces only = yes
    private dir = {folder}/private
    state directory = {folder}/state
    cache directory = {folder}/cache
    lock directory = {folder}
    binddns dir = {folder}/bind-dns
    pid directory = {folder}/run
    ncalrpc dir = {folder}/run/ncalrpc
    log file = {folder}/samba.log
    logging = file
    old password allowed period = 0
    tls cafile = {folder}/tls/ca.pem
    tls certfile = {folder}/tls/server.pem
    tls keyfile = {folder}/tls/server.key
"""
