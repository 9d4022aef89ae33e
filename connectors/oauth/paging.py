"""Long lists as they come, page by page. Bounded, so that a list that never ends does not hold anybody for ever."""

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.errors import Unavailable
from connectors.oauth.api import NOTHING, Api

MOST_PAGES = 10_000


def by_link(
    api: Api,
    path: str,
    params: Mapping[str, str] = NOTHING,
    *,
    items: str = "value",
    link: str = "@odata.nextLink",
    headers: Mapping[str, str] = NOTHING,
) -> Iterator[Any]:
    """The answer names the address of the next page (OData, so Microsoft Graph)."""
    for _ in range(MOST_PAGES):
        page = api.get(path, params, headers)
        yield from page.get(items, ())
        if not page.get(link):
            return
        path, params = page[link], NOTHING
    raise _endless()


def by_token(
    api: Api,
    path: str,
    params: Mapping[str, str] = NOTHING,
    *,
    items: str,
    next_token: str = "nextPageToken",  # noqa: S107 - names of fields
    token: str = "pageToken",  # noqa: S107
) -> Iterator[Any]:
    """The answer gives a mark that asks for the next page (Google)."""
    asked = dict(params)
    for _ in range(MOST_PAGES):
        page = api.get(path, asked)
        yield from page.get(items, ())
        if not page.get(next_token):
            return
        asked[token] = page[next_token]
    raise _endless()


def by_offset(
    api: Api,
    path: str,
    params: Mapping[str, str] = NOTHING,
    *,
    size: int = 100,
    first: str = "first",
    most: str = "max",
) -> Iterator[Any]:
    """A bare list for each page; the one that is not full is the last (Keycloak)."""
    for page in range(MOST_PAGES):
        listed = api.get(path, {**params, first: str(page * size), most: str(size)})
        yield from listed
        if len(listed) < size:
            return
    raise _endless()


def _endless() -> Unavailable:
    return Unavailable(f"a list of more than {MOST_PAGES} pages")
