"""A real slapd that takes changes, a real read-only copy of it, and the line between them."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from connectors.ldap import LdapDirectory, LdapSettings
from tests.connectors.ldap_settings import settings_for
from tests.servers.people import dn_of
from tests.servers.proxy import Proxy
from tests.servers.running import wait_until
from tests.servers.slapd import Slapd, new_copy, slapd
from tests.servers.slapd_files import SlapdOptions


@dataclass
class Pair:
    main: Slapd
    copy: Slapd
    between: Proxy
    referred_to: Proxy  # where the copy's referrals lead
    ca_file: Path

    def settings(self, *servers: Slapd) -> LdapSettings:
        urls = tuple(server.url for server in servers)
        return replace(settings_for(self.main), urls=urls, ca_file=self.ca_file, connect_timeout=0.5)

    def directory(self, *servers: Slapd) -> LdapDirectory:
        return LdapDirectory(self.settings(*servers), lambda: datetime.now(UTC))

    def person(self) -> str:
        """Somebody whom the copy knows as well."""
        login = self.main.person()
        wait_until(lambda: self.copy.holds(dn_of(login)), seconds=10, what="the copy")
        return login

    def part(self) -> None:
        """From now on the copy learns nothing."""
        self.between.blackhole()

    def join(self) -> None:
        """The copy catches up."""
        self.between.blackhole(on=False)
        self.between.cut()


@contextmanager
def a_pair(*, refers: bool = True) -> Iterator[Pair]:
    with ExitStack() as stack:
        main = stack.enter_context(slapd(SlapdOptions(copied=True)))
        between = stack.enter_context(Proxy(main.port))
        referred_to = stack.enter_context(Proxy(main.port))
        url = f"ldap://127.0.0.1:{referred_to.port}"
        copy = new_copy(main, port=between.port, refers_to=url if refers else "")
        stack.callback(copy.remove)
        both = Path(main.folder) / "both.pem"
        both.write_text(main.ca_file.read_text() + copy.ca_file.read_text())
        yield Pair(main, copy, between, referred_to, both)
