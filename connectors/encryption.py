"""When a secret may go over a connection: encrypted to a server that has proved its name, or within this machine."""

import ssl
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit


def verified(ca_file: Path | None) -> ssl.SSLContext:
    """TLS that checks the server's certificate and name; without a file the system's authorities are trusted.

    Raises OSError for a file that cannot be read as certificates.
    """
    context = ssl.create_default_context(cafile=ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # RFC 9325 3.1.1
    return context


def keeps_secrets(url: str) -> bool:
    """Whether an address begins with https://, or with http:// and stays on this machine."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and on_this_machine(host)))


def on_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
