"""The configuration of a throw-away slapd: access, limits and overlays are read from the manual, word for word."""

import re
from dataclasses import dataclass
from pathlib import Path

BASE = "dc=example,dc=org"
PEOPLE = f"ou=people,{BASE}"
GROUPS = f"ou=groups,{BASE}"
POLICIES = f"ou=policies,{BASE}"
ADMIN_DN = f"cn=admin,{BASE}"
SERVICE_DN = f"cn=sparekey,ou=services,{BASE}"

_MODULES = Path("/usr/lib/ldap")  # Debian and Ubuntu build the monitor database in, others as a module
_MANUALS = Path(__file__).parents[2] / "docs"


def manual(section: str, page: str = "openldap.md") -> str:
    """The lines the manual tells an administrator to add, from the block marked with that name."""
    found = re.search(rf"<!-- {section} -->\n```text\n(.*?)```", (_MANUALS / page).read_text(), re.DOTALL)
    if found is None:
        raise LookupError(f"{page} has no block {section}")
    return found.group(1)


@dataclass(frozen=True, kw_only=True)
class SlapdOptions:
    """What a test may want to be different from the manual."""

    access: str | None = None  # instead of the manual's rules for the service account
    limits: str | None = None
    overlay: str | None = None
    hash: str = "{SSHA}"
    megabytes: int = 1024  # the largest database
    durable: bool = False  # wait for the disk on each change, as a real server does
    certificate_days: int = 90
    copied: bool = False  # copies may follow its changes
    copies: str = ""  # the lines that make it a read-only copy of another
    clock: bool = False  # the portal may ask it for the time, as the manual says
    more: str = ""  # further databases


# Object identifiers below a UUID of ours (X.667): they need no registration.
SCHEMA = """\
objectidentifier Sparekey 2.25.97916792161826656174601331529422353101
attributetype ( Sparekey:1.1 NAME 'mailAlternateAddress' DESC 'Address outside the account'
  EQUALITY caseIgnoreIA5Match SUBSTR caseIgnoreIA5SubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.26{256} )
attributetype ( Sparekey:1.2 NAME 'sshPublicKey' DESC 'Public key, as in authorized_keys'
  EQUALITY octetStringMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 )
objectclass ( Sparekey:2.1 NAME 'sparekeyPerson' SUP top AUXILIARY MAY ( mailAlternateAddress $ sshPublicKey $
  mailForwardingAddress $ mailForwardingKeepCopy $ mailAlias $ mailQuota $ mailQuotaSize $ deliveryMode $
  mailQuotaUsed $ vacationActive $ vacationSubject $ vacationMessage $ vacationStart $ vacationEnd $
  proxyAddresses $ msExchGenericForwardingAddress $ deliverAndRedirect $ altRecipient $
  targetAddress $ publicDelegates $ mDBOverHardQuotaLimit ) )
"""
_MAIL = "".join(  # as mail servers that look into the directory have them: name, rule for equality, syntax
    f"attributetype ( Sparekey:1.{number} NAME '{name}' EQUALITY {rule} SYNTAX 1.3.6.1.4.1.1466.115.121.1.{syntax} )\n"
    for number, name, rule, syntax in (
        (3, "mailForwardingAddress", "caseIgnoreIA5Match", 26),
        (4, "mailForwardingKeepCopy", "booleanMatch", 7),
        (5, "mailAlias", "caseIgnoreIA5Match", 26),
        (6, "mailQuota", "integerMatch", 27),
        (7, "vacationActive", "booleanMatch", 7),
        (8, "vacationSubject", "caseExactMatch", 15),
        (9, "vacationMessage", "caseExactMatch", 15),
        (10, "vacationStart", "generalizedTimeMatch", 24),
        (11, "vacationEnd", "generalizedTimeMatch", 24),
        (12, "mailQuotaSize", "integerMatch", 27),
        (13, "deliveryMode", "caseIgnoreIA5Match", 26),
        (14, "proxyAddresses", "caseExactMatch", 15),
        (15, "msExchGenericForwardingAddress", "caseIgnoreMatch", 15),
        (16, "deliverAndRedirect", "booleanMatch", 7),
        (17, "altRecipient", "distinguishedNameMatch", 12),
        (18, "targetAddress", "caseIgnoreMatch", 15),
        (19, "mDBOverHardQuotaLimit", "integerMatch", 27),
        (20, "mailQuotaUsed", "integerMatch", 27),
        (21, "publicDelegates", "distinguishedNameMatch", 12),
    )
)
_head, _classes = SCHEMA.split("objectclass", 1)
SCHEMA = f"{_head}{_MAIL}objectclass{_classes}"


def configuration(folder: Path, admin_password: str, options: SlapdOptions) -> str:
    """The slapd.conf(5) of a server whose whole state lies in `folder`."""
    schemas = "\n".join(f"include /etc/ldap/schema/{s}.schema" for s in ("core", "cosine", "inetorgperson", "nis"))
    access = manual("access") if options.access is None else options.access
    limits = manual("limits") if options.limits is None else options.limits
    overlay = manual("overlay") if options.overlay is None else options.overlay
    indexes = manual("indexes")
    if "ppolicy" not in overlay:  # which brings the attribute
        indexes = indexes.replace(",pwdEndTime", "")
    needed = ["back_mdb", "argon2", *re.findall(r"^overlay (\w+)$", overlay, re.MULTILINE)]
    needed += ["syncprov"] if options.copied else []
    needed += ["back_monitor"] if options.clock and (_MODULES / "back_monitor.so").exists() else []
    modules = "\n".join(f"moduleload {module}" for module in needed)
    indexes = manual("indexes") if "ppolicy" in needed else manual("indexes").replace(",pwdEndTime", "")
    return f"""\
{schemas}
include {folder}/sparekey.schema
modulepath {_MODULES}
{modules}
password-hash {options.hash}
TLSCACertificateFile {folder}/tls/ca.pem
TLSCertificateFile {folder}/tls/server.pem
TLSCertificateKeyFile {folder}/tls/server.key
localSSF 128
security simple_bind=128
sizelimit 500

database mdb
suffix {BASE}
directory {folder}/db
maxsize {options.megabytes * 1024 * 1024}
{"" if options.durable else "dbnosync"}
rootdn {ADMIN_DN}
rootpw {admin_password}
{indexes}
{limits}
{access}
{manual("own")}
{manual("mail", "mailboxes.md")}
{manual("lists", "mailboxes.md")}
access to * by self read by * none
{overlay}
{"overlay syncprov" if options.copied else ""}
{options.copies}
{manual("clock") if options.clock else ""}
{options.more}
"""
