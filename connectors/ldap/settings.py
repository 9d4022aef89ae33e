"""What an installation tells about one LDAP directory; the manual is printed from the sentences below each field."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from connectors.belonging import Belonging


@dataclass(frozen=True, kw_only=True)
class LdapSettings(Belonging):
    """One LDAP directory. Raises ValueError for what could never work or would send passwords in clear."""

    end_attributes: ClassVar[tuple[str, ...]] = ("shadowExpire", "pwdEndTime")
    schemes: ClassVar[tuple[str, ...]] = ("ldap", "ldaps", "ldapi")

    name: str
    """The installation's name for this directory; it begins the id of every account found in it."""

    kind: str = "openldap"
    """Which server it is: openldap."""

    urls: tuple[str, ...]
    """Servers with the same entries, nearest first: ldap://host (with StartTLS), ldaps://host or ldapi://%2Fpath."""

    ca_file: Path | None = None
    """PEM file of the authority that signed the server's certificate; without it the system's are trusted."""

    starttls: bool = True
    """Encrypt ldap:// connections by StartTLS before anything else; an ldap:// address without it is refused."""

    bind_dn: str = ""
    """DN of the service account the portal reads and resets with; without one people only change what they know."""

    bind_password: str = field(default="", repr=False)
    """Password of the service account."""

    person_dn: str = ""
    """Without a service account: what people bind as, "uid={login},ou=people,dc=example,dc=org" or
    "{login}@example.org"; left out, their DN is searched for anonymously."""

    people_bases: tuple[str, ...]
    """DNs below which people are looked for."""

    person_filter: str = "(objectClass=person)"
    """LDAP filter that every person's entry matches and nothing else does."""

    login_attribute: str = "uid"
    """Attribute with the name a person signs in with."""

    mail_attributes: tuple[str, ...] = ("mail",)
    """Attributes with a person's own mail addresses; the first value is the one written to."""

    recovery_mail_attributes: tuple[str, ...] = ("mailAlternateAddress",)
    """Attributes with addresses outside the account, to which a code may go when the account cannot be used."""

    own_mail_attribute: str = ""
    """The one of these that people may change themselves, as in mailAlternateAddress; empty: not offered."""

    phone_attribute: str = ""
    """Attribute with the telephone number people may change themselves, as in mobile; empty: not offered."""

    ssh_key_attribute: str = ""
    """Attribute with people's public SSH keys, as in sshPublicKey; empty: not offered."""

    language_attribute: str = "preferredLanguage"
    """Attribute with the person's language, as in nb or en-GB."""

    unit_attribute: str = "departmentNumber"
    """Attribute with the part of the organisation a person belongs to."""

    kind_attribute: str = "employeeType"
    """Attribute that tells an employee from a contractor or a guest."""

    sponsor_attribute: str = "manager"
    """Attribute with the DN of whoever answers for the account."""

    end_attribute: str = "shadowExpire"
    """Where OpenLDAP keeps the end of an account that has none yet: shadowExpire, or pwdEndTime, which it obeys."""

    time_zone: str = "UTC"
    """The zone in which the last day of an account ends."""

    groups_base: str | None = None
    """DN below which groups are looked for; needed for nested groups, and where entries carry no memberOf."""

    protected_groups: tuple[str, ...] = ()
    """DNs of groups whose members, nested ones too, the portal never changes."""

    protected_dns: tuple[str, ...] = ()
    """DNs of entries the portal never changes."""

    default_policy_dn: str | None = None
    """DN of the password policy of everybody without one of their own; without it the directory is searched for it."""

    connect_timeout: float = 2.0
    """Seconds to wait for a connection and its encryption."""

    receive_timeout: float = 5.0
    """Seconds to wait for the answer to one operation."""

    pool_size: int = 8
    """How many connections are kept for the service account, and as many again for checking people's passwords."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.name or ":" in self.name:
            raise ValueError("name: give the directory a name without a colon")
        if not self.urls or not self.people_bases:
            raise ValueError("urls, people_bases: at least one of each is needed")
        for url in self.urls:
            self._check_url(url)
        if self.end_attribute not in self.end_attributes:
            raise ValueError(f"end_attribute: must be one of {', '.join(self.end_attributes)}")
        if self.own_mail_attribute and self.own_mail_attribute not in self.recovery_mail_attributes:
            raise ValueError("own_mail_attribute: must be one of recovery_mail_attributes")
        try:
            ZoneInfo(self.time_zone)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"time_zone: {self.time_zone} is no time zone such as Europe/Oslo") from None
        if bool(self.bind_dn) != bool(self.bind_password):
            raise ValueError("bind_dn, bind_password: the service account must sign in with a password")
        if self.person_dn and (self.bind_dn or self.person_dn.count("{login}") != 1):
            raise ValueError("person_dn: holds {login} once, and only where there is no service account")
        if not (self.person_filter.startswith("(") and self.person_filter.endswith(")")):
            raise ValueError("person_filter: an LDAP filter stands in parentheses")
        if min(self.connect_timeout, self.receive_timeout, self.pool_size) <= 0:
            raise ValueError("connect_timeout, receive_timeout, pool_size: must be above zero")

    @property
    def longest_change(self) -> float:
        """Seconds after which no change can still be under way."""
        # A place in the pool, two servers that are dialled in vain, a sign-in; and two answers.
        return 4 * self.connect_timeout + 2 * self.receive_timeout

    def _check_url(self, url: str) -> None:
        scheme = urlsplit(url).scheme
        if scheme not in self.schemes:
            raise ValueError(f"urls: {url} does not begin with {'://, '.join(self.schemes)}://")
        if scheme == "ldap" and not self.starttls:
            raise ValueError(f"urls: {url} without starttls would send passwords in clear; use starttls or ldaps://")
