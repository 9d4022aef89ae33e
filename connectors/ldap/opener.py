"""Opening an encrypted connection to one server, and signing in on it as the service account."""

import ssl
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from connectors.errors import Outage
from connectors.ldap.link import Link, Lost
from connectors.ldap.opening import dial, encrypt
from connectors.ldap.results import PASSING
from connectors.ldap.settings import LdapSettings


class TlsFailed(Lost):
    """The server's encryption or its certificate is not to be trusted."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail, outage=Outage.PORTAL_REFUSED)


def connect(settings: LdapSettings, url: str) -> Link:
    """Return an encrypted connection on which nobody has signed in. Raises Lost; nothing secret has been sent then."""
    wait, start = settings.connect_timeout, time.monotonic()
    try:
        wire = dial(url, wait)
    except OSError as error:
        raise _lost(url, error, slow=time.monotonic() - start > wait / 2) from error
    link = Link(wire, _left(wait, start), url)
    try:
        scheme = urlsplit(url).scheme
        if scheme == "ldap" and (reply := link.start_tls()).code != 0:
            raise TlsFailed(f"{url}: StartTLS refused, result {reply.code} {reply.message}")
        if scheme != "ldapi":
            encrypt(wire, url, settings.ca_file, _left(wait, start))
    except ssl.SSLError as error:
        link.close()
        raise TlsFailed(f"{url}: {error}") from error
    except OSError as error:
        link.close()
        raise _lost(url, error) from error
    except Lost:
        link.close()
        raise
    link.timeout = settings.receive_timeout
    return link


def as_service(settings: LdapSettings) -> Callable[[str], Link]:
    """Return a function that connects to a server and signs in as the service account, if any. It raises Lost."""
    if not settings.bind_dn:
        return as_nobody(settings)

    def enter(url: str) -> Link:
        link = connect(settings, url)
        link.timeout = settings.connect_timeout
        reply = link.bind(settings.bind_dn, settings.bind_password)
        if reply.code != 0:
            link.close()
            detail = f"{url}: {settings.bind_dn} may not sign in: result {reply.code} {reply.message}".rstrip()
            raise Lost(detail, outage=Outage.DOWN if reply.code in PASSING else Outage.PORTAL_REFUSED)
        link.timeout = settings.receive_timeout
        return link

    return enter


def as_nobody(settings: LdapSettings) -> Callable[[str], Link]:
    """Return a function that connects to a server, for a person to sign in there. It raises Lost."""
    return lambda url: connect(settings, url)


def look(settings: LdapSettings, url: str) -> None:
    """See whether a server answers, whatever it answers: nobody signs in. Raises Lost."""
    link = connect(settings, url)
    link.timeout = settings.connect_timeout
    try:
        link.read("", ())
    finally:
        link.close()


def _left(wait: float, start: float) -> float:
    """All the steps of opening a connection share one time limit; 0 would mean to wait for ever."""
    return max(wait - (time.monotonic() - start), 0.01)


def _lost(url: str, error: OSError, *, slow: bool = False) -> Lost:
    """An unreachable network or a name that is not found is no time-out, but may have cost as much."""
    return Lost(f"{url}: {error}", silent=slow or isinstance(error, TimeoutError))
