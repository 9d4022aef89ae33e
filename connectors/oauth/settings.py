"""What the settings of every system have that is reached over HTTPS with a token."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from connectors.encryption import keeps_secrets


def checked_url(name: str, url: str) -> str:
    """The address without a slash at its end. Raises ValueError for one that would send a token in clear."""
    parts = urlsplit(url)
    if not keeps_secrets(url) or parts.query or parts.username:
        raise ValueError(f"{name}: {url} must begin with https:// and be an address such as https://api.example.org")
    return url.rstrip("/")


@dataclass(frozen=True, kw_only=True)
class ApiSettings:
    """How a system is reached. Raises ValueError."""

    ca_file: Path | None = None
    """PEM file of the authority that signed the servers' certificates; without it the system's are trusted."""

    connect_timeout: float = 2.0
    """Seconds to wait for a connection and its encryption."""

    timeout: float = 8.0
    """Seconds to wait for one answer, tries again and fetching a token included."""

    pool_size: int = 8
    """How many connections are kept."""

    def __post_init__(self) -> None:
        if min(self.connect_timeout, self.timeout, self.pool_size) <= 0:
            raise ValueError("connect_timeout, timeout, pool_size: must be above zero")
