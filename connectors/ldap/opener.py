"""Opening an encrypted connection to one of several equal servers, the one that answered last time first."""

import ssl
from collections.abc import Callable
from urllib.parse import urlsplit

from connectors.errors import Outage, Unavailable
from connectors.ldap.link import Link, Lost
from connectors.ldap.opening import dial, encrypt
from connectors.ldap.settings import LdapSettings


class TlsFailed(Lost):
    """The server's encryption or its certificate is not to be trusted."""


def connect(settings: LdapSettings, url: str) -> Link:
    """Return an encrypted connection on which nobody has signed in. Raises Lost; nothing secret has been sent then."""
    wait = settings.connect_timeout
    try:
        wire = dial(url, wait)
    except OSError as error:
        raise Lost(f"{url}: {error}", silent=isinstance(error, TimeoutError)) from error
    link = Link(wire, wait)
    try:
        scheme = urlsplit(url).scheme
        if scheme == "ldap" and (reply := link.start_tls()).code != 0:
            raise TlsFailed(f"{url}: StartTLS refused, result {reply.code} {reply.message}")
        if scheme != "ldapi":
            encrypt(wire, url, settings.ca_file, wait)
    except ssl.SSLError as error:
        link.close()
        raise TlsFailed(f"{url}: {error}") from error
    except OSError as error:
        link.close()
        raise Lost(f"{url}: {error}", silent=isinstance(error, TimeoutError)) from error
    except Lost:
        link.close()
        raise
    link.timeout = settings.receive_timeout
    return link


def opener(settings: LdapSettings) -> Callable[[], Link]:
    """Return a function that connects to the first server that answers. It raises Lost with what each of them said."""
    order = settings.urls

    def open_one() -> Link:
        nonlocal order
        failures: list[Lost] = []
        for url in order:
            try:
                link = connect(settings, url)
            except Lost as lost:
                failures.append(lost)
                continue
            if order[0] != url:  # do not wait for a dead first server again and again
                order = (url, *(other for other in settings.urls if other != url))
            return link
        raise Lost("; ".join(map(str, failures)), silent=any(lost.silent for lost in failures))

    return open_one


def service_opener(settings: LdapSettings) -> Callable[[], Link]:
    """As `opener`, signed in as the service account, if there is one. Raises Unavailable if it may not sign in."""
    open_one = opener(settings)
    if not settings.bind_dn:
        return open_one

    def open_and_bind() -> Link:
        link = open_one()
        reply = link.bind(settings.bind_dn, settings.bind_password)
        if reply.code != 0:
            link.close()
            detail = f"{settings.bind_dn} may not sign in: result {reply.code} {reply.message}".rstrip()
            raise Unavailable(detail, outage=Outage.PORTAL_REFUSED)
        return link

    return open_and_bind
