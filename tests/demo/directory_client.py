"""A thin client over ldap3 for the tests of the embedded directory: TLS verified, the policy control asked for."""

import ssl
from dataclasses import dataclass
from typing import Any

from ldap3 import BASE, NONE, SUBTREE, Connection, Server, Tls

from portal.demo.directory.embedded import EmbeddedDirectory

POLICY = "1.3.6.1.4.1.42.2.27.8.5.1"
CONTROLS = [(POLICY, False, None)]


@dataclass(frozen=True)
class Answer:
    """An LDAP result: code, text, the raw policy control as hex (None: not sent), and what was found."""

    code: int
    text: str
    policy: str | None
    found: list[dict[str, Any]]


def _answer(connection: Connection) -> Answer:
    result = connection.result
    control = (result.get("controls") or {}).get(POLICY)
    response = connection.response if isinstance(connection.response, list) else []  # True where nothing can be found
    found = [one for one in response if one.get("type") == "searchResEntry"]
    return Answer(result["result"], result["message"], control["value"].hex() if control else None, found)


class Client:
    """One connection with StartTLS, bound or not."""

    def __init__(self, directory: EmbeddedDirectory, *, tls: bool = True) -> None:
        check = Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=str(directory.ca_file))
        server = Server(directory.url, get_info=NONE, tls=check, connect_timeout=5)
        self.connection = Connection(server, receive_timeout=5)
        self.connection.open(read_server_info=False)
        if tls:
            self.connection.start_tls(read_server_info=False)

    def bind(self, dn: str, password: str) -> Answer:
        self.connection.user, self.connection.password = dn, password
        self.connection.authentication = "SIMPLE"
        self.connection.bind(controls=CONTROLS)
        return _answer(self.connection)

    def search(self, base: str, text: str, *attributes: str, scope: str = SUBTREE, **more: Any) -> Answer:
        self.connection.search(base, text, scope, attributes=list(attributes) or ["1.1"], **more)
        return _answer(self.connection)

    def read(self, dn: str, *attributes: str) -> dict[str, list[str]]:
        found = self.search(dn, "(objectClass=*)", *attributes, scope=BASE).found
        return {name: values for name, values in found[0]["attributes"].items() if values} if found else {}

    def modify(self, dn: str, changes: dict[str, Any], controls: list[Any] | None = None) -> Answer:
        self.connection.modify(dn, changes, controls=controls or CONTROLS)
        return _answer(self.connection)

    def replace(self, dn: str, **values: list[str]) -> Answer:
        return self.modify(dn, {name: [("MODIFY_REPLACE", new)] for name, new in values.items()})

    def set_password(self, dn: str | None, old: str | None, new: str | None) -> Answer:
        self.connection.extend.standard.modify_password(dn, old, new, controls=CONTROLS)
        return _answer(self.connection)

    def add(self, dn: str) -> Answer:
        self.connection.add(dn, ["inetOrgPerson"], {"cn": "x", "sn": "x"})
        return _answer(self.connection)

    def delete(self, dn: str) -> Answer:
        self.connection.delete(dn)
        return _answer(self.connection)

    def compare(self, dn: str, attribute: str, value: str) -> Answer:
        self.connection.compare(dn, attribute, value)
        return _answer(self.connection)

    def extended(self, oid: str) -> Answer:
        self.connection.extended(oid)
        return _answer(self.connection)

    def who_am_i(self) -> str | None:
        return self.connection.extend.standard.who_am_i() or None
