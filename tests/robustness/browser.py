"""A browser without scripts, over HTTP: it opens pages, fills in forms, and keeps what it was shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from bs4 import BeautifulSoup, Tag

from tests.servers.deployment import Deployment, Person


@dataclass
class Page:
    """One answer, and the page in it."""

    response: requests.Response

    def __post_init__(self) -> None:
        self.tree = BeautifulSoup(self.response.text, "html.parser")

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def path(self) -> str:
        return urlsplit(self.response.url).path

    @property
    def main(self) -> Tag:
        found = self.tree.find("main")
        assert isinstance(found, Tag), (
            f"{self.status} at {self.response.url}: no page, but {self.response.text[:200]!r}"
        )
        return found

    @property
    def text(self) -> str:
        return self.main.get_text(" ", strip=True)

    @property
    def seconds(self) -> float:
        return self.response.elapsed.total_seconds()

    def about(self, name: str) -> str | None:
        """What the page says of itself: step, factor, result, ticket or attempt."""
        found = self.main.get(f"data-{name}")
        return str(found) if found else None

    def forms(self) -> list[Tag]:
        """The forms of the page's main part that change something."""
        return [form for form in self.main.find_all("form") if form.get("method") == "post"]

    def filled(self, fields: Mapping[str, Any], *, action: str = "") -> tuple[str, dict[str, Any]]:
        """Where to send which values: the form that has these fields, or that goes to `action`."""
        for form in self.forms():
            goes_to = str(form.get("action") or self.path)
            names = {str(i["name"]) for i in form.select("[name]")}
            if (goes_to == action) if action else fields.keys() <= names:
                hidden = {str(i["name"]): i.get("value", "") for i in form.select("input[type=hidden]")}
                return urljoin(self.response.url, goes_to), hidden | dict(fields)
        raise AssertionError(f"{self.path} has no form with {sorted(fields)} {action}: {self.text[:300]}")


class Browser:
    """One person at one device. `page` is what is shown now."""

    def __init__(self, url: str, *, patience: float = 20) -> None:
        self.url = url
        self.patience = patience
        self.http = requests.Session()
        self.page: Page

    def open(self, path: str, **more: Any) -> Page:
        self.page = Page(self.http.get(urljoin(self.url, path), timeout=self.patience, **more))
        return self.page

    def send(self, fields: Mapping[str, Any] | None = None, *, action: str = "", **more: Any) -> Page:
        """Fill in the form that has these fields, or that goes to `action`, and send it."""
        address, values = self.page.filled(fields or {}, action=action)
        self.page = Page(self.http.post(address, data=values, timeout=self.patience, **more))
        return self.page

    def token(self) -> str:
        """The CSRF token of the page shown."""
        field = self.page.tree.find("input", attrs={"name": "csrf_token"})
        assert isinstance(field, Tag)
        return str(field["value"])

    def post(self, path: str, fields: Any = None, *, token: str = "", follow: bool = True, **more: Any) -> Page:
        """Send fields to an address without a form, with the CSRF token of the page shown (or this one)."""
        if fields is None or isinstance(fields, Mapping):
            fields = {"csrf_token": token or self.token(), **(fields or {})}
        answer = self.http.post(
            urljoin(self.url, path), data=fields, timeout=self.patience, allow_redirects=follow, **more
        )
        return Page(answer)

    def cookie(self) -> str:
        return str(self.http.cookies.get("sparekey") or "")

    def sign_in(self, person: Person) -> Page:
        """With the password, and the phone where the role wants it."""
        self.open("/sign-in")
        page = self.send({"login": person.login, "password": person.password})
        if page.path == "/sign-in/prove":
            self.send({"factor": "totp"})
            page = self.send({"code": person.totp()})
        return page

    def identify(self, claim: str) -> Page:
        self.open("/recover")
        return self.send({"login": claim})

    def prove(self, factor: str, code: str) -> Page:
        self.send({"factor": factor})
        return self.send({"code": code})

    def recover(self, person: Person) -> Page:
        """Walk to the page with the new password, by phone and paper."""
        self.identify(person.login)
        self.prove("totp", person.totp())
        return self.prove("recovery_code", person.codes.pop())

    def choose(self, password: str) -> Page:
        return self.send({"new_password": password, "new_password_again": password})


def browser(made: Deployment) -> Browser:
    return Browser(made.url)
