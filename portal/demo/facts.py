"""What tests and curious people need to know of a running demo: addresses, logins, secrets. All of it is invented."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal.demo import people, secret_files
from portal.demo.people import DemoPerson


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Where everything listens."""

    portal: str
    ldap: str
    ldap_ca: Path
    inbox: str
    messages: str
    smtp: str
    identity: str
    database: str
    verifier_key: str

    def facts(self) -> dict[str, Any]:
        """The facts file's content."""
        return {
            "portal": self.portal,
            "ldap": {
                "url": self.ldap,
                "base_dn": people.BASE,
                "ca_file": str(self.ldap_ca),
                "service_dn": people.SERVICE_DN,
                "service_password": people.SERVICE_PASSWORD,
            },
            "mail": {"inbox": self.inbox, "messages": self.messages, "smtp": self.smtp},
            "identity": self.identity,  # the provider's own page
            "audit": {
                "checkpoint": f"{self.portal}/audit/checkpoint",
                "verifier_key": self.verifier_key,
                "database": self.database,
            },
            "people": [_about(person) for person in people.PERSONS],
            "guests": {  # a second directory, on the same server
                "directory": people.GUEST_DIRECTORY,
                "base_dn": people.GUEST_PEOPLE,
                "people": [_about(person) for person in people.GUESTS],
            },
        }


def write(path: Path, addresses: Addresses) -> None:
    """Write the facts as JSON, whole or not at all: whoever waits for the file finds it complete."""
    text = json.dumps(addresses.facts(), indent=2, ensure_ascii=False)
    secret_files.write(path, text.encode() + b"\n")


def _about(person: DemoPerson) -> dict[str, Any]:
    return {
        "login": person.login,
        "dn": person.dn,
        "password": person.password,
        "mail": person.mail,
        "recovery_mail": person.recovery_mail,
        "totp_secret": person.totp_secret,
        "recovery_codes": list(person.recovery_codes),
        "states": list(person.states),
        "roles": list(person.roles),
    }
