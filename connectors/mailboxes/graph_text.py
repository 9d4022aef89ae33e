"""An auto reply as Exchange holds it: HTML made from plain text, and plain text made from whatever HTML is there."""

import html
from html.parser import HTMLParser

from connectors.mailboxes.sieve_script import plain

_SILENT = frozenset({"head", "style", "script", "title"})
_BLOCKS = frozenset({"p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "blockquote"})


def to_html(text: str) -> str:
    """What somebody typed can only ever be text in it."""
    return "<br>".join(html.escape(line) for line in plain(text).split("\n"))


def to_text(markup: str) -> str:
    """What a person would read of it."""
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    lines = ("".join(line).split() for line in reader.lines)
    return "\n".join(" ".join(words) for words in lines).strip()


def same_text(one: str, other: str) -> bool:
    """Exchange wraps what it is given, and writes entities and blank lines in its own way."""
    return "".join(to_text(one).split()) == "".join(to_text(other).split())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[list[str]] = [[]]
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in _SILENT
        if tag == "br" or (tag in _BLOCKS and any(self.lines[-1])):
            self.lines.append([])

    def handle_endtag(self, tag: str) -> None:
        self._silent = max(0, self._silent - (tag in _SILENT))
        if tag in _BLOCKS and any(self.lines[-1]):
            self.lines.append([])

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.lines[-1].append(data)
