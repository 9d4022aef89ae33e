"""Somebody with a browser. Every page they come to is looked over, and what is wrong with it is kept in `problems`."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Locator, Request, Response

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
]
PATIENCE = 15_000  # milliseconds
LEVELS = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
CHANGING = re.compile(r'value="[^"]*"|\d+|/(undo|tickets)/[^"\s]*')  # what differs between two looks at the same page
OWN_WORD = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")  # mailed_code: a name of ours, not a word
_looked_over: set[tuple[str, int, str]] = set()


class Visitor:
    """A browser context with one page.

    `language` is the one chosen on the page; None: as the browser or the directory has it. `options` are Playwright's:
    viewport, locale, color_scheme, ...
    """

    def __init__(self, browser: Browser, address: str, *, language: str | None = "en", **options: Any) -> None:
        options.setdefault("viewport", {"width": 1100, "height": 800})
        options.setdefault("locale", "en-GB")
        self.address = address
        self.problems: list[tuple[str, ...]] = []
        self.scripts = options.get("java_script_enabled", True)
        self._looks = (options["viewport"]["width"], options.get("color_scheme", "light"))
        self._context = browser.new_context(**options)
        if language:
            self._context.add_cookies([{"name": "language", "value": language, "url": address}])
        self._context.set_default_timeout(PATIENCE)
        self.page = self._context.new_page()
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self._wrong("script", str(error)))
        self.page.on("request", self._asked)

    # Going somewhere

    def open(self, path: str, *, status: int = 200) -> "Visitor":
        """Open a path of the portal, or an absolute address from a mail."""
        answer = self.page.goto(path if path.startswith("http") else self.address + path)
        return self._arrived(answer, status)

    def follow(self, link: str, *, status: int = 200) -> "Visitor":
        """Press the link that begins with these words."""
        return self.press(self.page.get_by_role("link", name=re.compile(f"^{re.escape(link)}")), status=status)

    def send(self, button: str, *, status: int = 200, **fields: str | bool) -> "Visitor":
        """Fill the fields by their names and press the button with these words."""
        for name, value in fields.items():
            field = self.page.locator(f"main [name={name}]")
            if isinstance(value, bool):
                field.set_checked(value)
            else:
                field.fill(value)
        return self.press(self.page.get_by_role("button", name=button, exact=True), status=status)

    def choose(self, factor: str, button: str = "Continue") -> "Visitor":
        """Choose a proof by its name and go on."""
        self.page.locator(f"[name=factor][value={factor}]").check()
        return self.press(self.page.get_by_role("button", name=button))

    def press(self, what: Locator, *, status: int = 200) -> "Visitor":
        """Press something that leads to another page."""
        with self.page.expect_navigation() as going:
            what.first.click()
        return self._arrived(going.value, status)

    def key(self, name: str, *, status: int = 200) -> "Visitor":
        """Press a key that leads to another page."""
        with self.page.expect_navigation() as going:
            self.page.keyboard.press(name)
        return self._arrived(going.value, status)

    def tab_to(self, what: Locator, *, most: int = 60) -> "Visitor":
        """Go there with the tab key alone, as somebody without a mouse does."""
        for _ in range(most):
            if what.evaluate("element => element === document.activeElement"):
                return self
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{what} cannot be reached by keyboard")

    def leave(self) -> None:
        self._context.close()

    # What the page says

    @property
    def heading(self) -> str:
        return " ".join(self.page.locator("h1").inner_text().split())

    @property
    def text(self) -> str:
        """The words of the page's main part."""
        return " ".join(self.page.locator("main").inner_text().split())

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.address).partition("?")[0]

    @property
    def errors(self) -> list[str]:
        """What the page says is wrong, field by field."""
        return [" ".join(one.split()) for one in self.page.locator(".invalid-feedback").all_inner_texts()]

    def mark(self, name: str) -> str | None:
        """An attribute of the main part: step, factor, result, ticket, attempt."""
        return self.page.locator("main").get_attribute(f"data-{name}")

    # Looking it over

    def _arrived(self, answer: Response | None, status: int) -> "Visitor":
        self.page.wait_for_load_state("load")
        if answer is None or answer.status != status:
            self._wrong("status", str(answer and answer.status), self.text[:300])
        if " ".join(self.page.title().split()) != self.heading:
            self._wrong("title", self.page.title(), self.heading)
        if self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            self._wrong("wider than the window")
        if own := OWN_WORD.findall(self.page.evaluate(PLAIN_WORDS)):
            self._wrong("names of ours instead of words", *own)
        self._look_over()
        return self

    def _look_over(self) -> None:
        """Axe, once for each page that looks different. It needs scripts, so those without are seen by others."""
        shape = (CHANGING.sub("", self.page.content()), *self._looks)
        if not self.scripts or shape in _looked_over:
            return
        _looked_over.add(shape)
        for broken in Axe().run(self.page, options=LEVELS).response["violations"]:
            self._wrong("axe", broken["id"], *(str(node["target"]) for node in broken["nodes"]))

    def _heard(self, line: ConsoleMessage) -> None:
        told_status = line.text.startswith("Failed to load resource") and line.location["url"] == self.page.url
        if line.type in ("error", "warning") and not told_status:  # the status of the page itself is checked above
            self._wrong("console", line.text)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.address, "data:")):
            self._wrong("asks another host", request.url)

    def _wrong(self, *what: str) -> None:
        self.problems.append((self.page.url.removeprefix(self.address), *what))


Visit = Callable[..., Visitor]

# The words of the page but those in the type of machines, where coordinators and auditors are shown codes on purpose.
PLAIN_WORDS = """() => {
  const copy = document.querySelector("main").cloneNode(true);
  copy.querySelectorAll(".mono, input, textarea").forEach((part) => part.remove());
  return copy.textContent;
}"""
