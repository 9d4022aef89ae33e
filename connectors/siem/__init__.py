"""Receivers of the record's entries: a SIEM or a collector in front of it. One file for each way to reach it."""

from collections.abc import Callable
from datetime import datetime

from connectors.siem.file import File
from connectors.siem.http import HttpCollector
from connectors.siem.receiver import Receiver
from connectors.siem.settings import SiemSettings
from connectors.siem.syslog import Syslog


def receiver(settings: SiemSettings, clock: Callable[[], datetime]) -> Receiver:
    """The connector for a receiver of the settings."""
    if settings.url.startswith("tls:"):
        return Syslog(settings)
    if settings.url.startswith("file:"):
        return File(settings)
    return HttpCollector(settings, clock)
