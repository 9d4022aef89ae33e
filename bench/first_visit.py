"""Row 14: what a browser that has never been here fetches to show the first page."""

from collections.abc import Iterator
from html.parser import HTMLParser
from http.client import HTTPConnection

from bench.measure import Row

_MUST_REQUESTS, _MUST_BYTES = 6, 60_000
_FETCHED = {"script": "src", "img": "src", "use": "href"}


class _Wanted(HTMLParser):
    """Collects what a page makes a browser fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.paths: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        path = named.get(_FETCHED.get(tag, ""))
        if tag == "link" and set((named.get("rel") or "").split()) & {"stylesheet", "icon", "preload", "manifest"}:
            path = named.get("href")
        if path and path.startswith("/"):
            self.paths.append(path.partition("#")[0])


def rows(port: int) -> Iterator[Row]:
    """Headers and packed bodies, as they come over the wire."""
    wanted = _Wanted()
    wanted.feed(_fetch(port, "/", packed=False)[1].decode())
    size = _fetch(port, "/")[0]
    others = {path: _fetch(port, path)[0] for path in dict.fromkeys(wanted.paths)}
    requests, total = 1 + len(others), size + sum(others.values())
    yield Row(
        number="14",
        what="first visit: requests and bytes",
        value=f"{requests}, {total / 1000:.1f} kB",
        must="<= 6, <= 60 kB",
        stretch="<= 3, <= 20 kB",
        reached=requests <= _MUST_REQUESTS and total <= _MUST_BYTES,
        note=", ".join(f"{path} {count}" for path, count in {"/": size, **others}.items()),
    )


def _fetch(port: int, path: str, *, packed: bool = True) -> tuple[int, bytes]:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers={"Accept-Encoding": "br, gzip" if packed else "identity"})
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status}")
        head = sum(len(name) + len(value) + 4 for name, value in answer.getheaders()) + len("HTTP/1.1 200 OK\r\n\r\n")
        return head + len(body), body
    finally:
        connection.close()
