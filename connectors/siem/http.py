"""Entries posted to an HTTPS collector, many at a time, one JSON object (or one CEF line) a line."""

from collections.abc import Callable, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from connectors.errors import Forbidden
from connectors.http import Http
from connectors.siem.receiver import Line, Receiver
from connectors.siem.settings import SiemSettings


class HttpCollector(Receiver):
    """Anything but 2xx means that nothing was taken in; a batch that is too large for it is halved."""

    def __init__(self, settings: SiemSettings, clock: Callable[[], datetime]) -> None:
        kind = "application/x-ndjson" if settings.format == "ocsf" else "text/plain; charset=utf-8"
        headers = {"Authorization": settings.authorization} if settings.authorization else {}
        self._http = Http(settings, headers, clock)
        self._type = {"Content-Type": kind}
        self.where = urlsplit(settings.url).netloc

    def deliver(self, lines: Sequence[Line]) -> None:
        try:
            self._post("".join(f"{line.text}\n" for line in lines))
        except Forbidden as error:
            if not error.detail.startswith("413") or len(lines) == 1:
                raise
            half = len(lines) // 2
            self.deliver(lines[:half])
            self.deliver(lines[half:])

    def reach(self) -> None:
        self._post("")

    def _post(self, text: str) -> None:
        if self._http.write("POST", "", text.encode(), self._type).status == 404:
            raise Forbidden("404: nothing takes entries at this address")
