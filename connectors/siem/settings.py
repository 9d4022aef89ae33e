"""What an installation tells about a receiver of the record; the manual is printed from the sentences below."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from connectors.encryption import keeps_secrets


@dataclass(frozen=True, kw_only=True)
class SiemSettings:
    """Where every entry of the record is sent, once and in order. docs/siem.md says how. Raises ValueError."""

    name: str
    """What this receiver is called here; what it was sent already is remembered by this name."""

    url: str
    """Where to: tls://siem.example.org:6514 (syslog), https://siem.example.org/path, or file:///var/log/sparekey.log."""

    format: Literal["ocsf", "cef"] = "ocsf"
    """OCSF as JSON, or ArcSight's Common Event Format for older receivers."""

    personal: bool = True
    """Send account ids, network addresses and reasons too, as far as they were not erased; else only pseudonyms."""

    authorization: str = field(default="", repr=False)
    """HTTP only: what its Authorization header says, such as "Splunk 0123…" or "Bearer …"; best from a file."""

    ca_file: Path | None = None
    """PEM file of the authority that signed its certificate; without it the system's are trusted."""

    batch: int = 200
    """Most entries sent at a time, 1 to 1000."""

    timeout: float = 10.0
    """Seconds to wait for each answer, at most 30."""

    behind_minutes: int = 15
    """From this delay on `portal check` warns."""

    def __post_init__(self) -> None:
        url = urlsplit(self.url)
        if url.scheme not in ("tls", "file") and not keeps_secrets(self.url):
            raise ValueError("url: must begin with tls://, https:// or file:// (http:// only for this very machine)")
        if url.scheme == "tls" and not (url.hostname and url.port and not url.path):
            raise ValueError("url: host and port only, such as tls://siem.example.org:6514")
        if url.scheme == "file" and not (url.path.startswith("/") and not url.netloc):
            raise ValueError("url: a file by its full path, such as file:///var/log/sparekey.log")
        if not 1 <= self.batch <= 1000:
            raise ValueError("batch: 1 to 1000")
        if not 0 < self.timeout <= 30:
            raise ValueError("timeout: above zero and at most 30")
        if not 1 <= len(self.name) <= 60:
            raise ValueError("name: 1 to 60 characters")
