"""Rights in Active Directory as an administrator pastes them: for Windows (dsacls) and for Samba (samba-tool)."""

from dataclasses import dataclass
from uuid import UUID

from connectors.ldap.entry import Entry
from connectors.ldap.link import Link
from connectors.ldap.requests import all_of, equals

RESET_PASSWORD = UUID("00299570-246d-11d0-a768-00aa006e0529")
"""The extended right "Reset Password" (MS-ADTS, "Control Access Rights")."""

_USER = "bf967aba-0de6-11d0-a285-00aa003049e2"  # the class


@dataclass(frozen=True, kw_only=True)
class Trustee:
    """The service account, as both kinds of commands name it."""

    login: str
    name: str  # login@domain
    sid: str

    def reset(self, base: str) -> str:
        return self._both(base, "CA;Reset Password;user", f"OA;CIIO;CR;{RESET_PASSWORD};{_USER}")

    def write(self, base: str, attribute: str, guid: str) -> str:
        return self._both(base, f"WP;{attribute};user", f"OA;CIIO;WP;{guid};{_USER}")

    def read(self, base: str) -> str:
        """Everything about people."""
        return self._both(base, "GR;;user", f"OA;CIIO;RPLCRC;;{_USER}")

    def read_policies(self, container: str) -> str:
        windows = f'dsacls "{container}" /I:T /G "{self.name}:GR"'
        return f"{windows}\n{self._samba(container, 'A;CI;RPLCRC;;')}"

    def never_expires(self) -> str:
        return (
            f"Set-ADUser {self.login} -PasswordNeverExpires $true; Clear-ADAccountExpiration {self.login}\n"
            f"samba-tool user setexpiry {self.login} --noexpiry"
        )

    def _both(self, base: str, windows: str, samba: str) -> str:
        return f'dsacls "{base}" /I:S /G "{self.name}:{windows}"\n{self._samba(base, samba)}'

    def _samba(self, base: str, rule: str) -> str:
        return f'samba-tool dsacl set --action=allow --objectdn="{base}" --sddl="({rule};{self.sid})"'


def schema_guid(service: Link, attribute: str) -> str:
    """The id that access rules know an attribute by, "" if there is no such attribute."""
    root = service.read("", ("schemaNamingContext",)).entries
    schema = root[0].text("schemaNamingContext") if root else ""
    wanted = all_of(equals("objectClass", "attributeSchema"), equals("lDAPDisplayName", attribute))
    found = service.search(schema, wanted, ("schemaIDGUID",), limit=1).entries
    octets = bytes(next(iter(found[0].values("schemaIDGUID")), b"")) if found else b""
    return str(UUID(bytes_le=octets)) if len(octets) == 16 else ""


def domain_name(entry: Entry) -> str:
    """The domain's name in DNS, from a DN in it."""
    parts = (part.strip() for part in entry.dn.split(","))
    return ".".join(part[3:] for part in parts if part[:3].lower() == "dc=")
