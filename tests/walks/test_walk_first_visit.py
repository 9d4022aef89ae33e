"""What the very first visit costs, counted by the browser itself."""

from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.walks.demo import Demo
from tests.walks.visitor import Visitor

MOST_REQUESTS = 6
MOST_BYTES = 60_000


@pytest.mark.parametrize("path", ["/", "/recover", "/sign-in"])
def test_a_first_visit_is_light(chromium: Browser, demo: Demo, path: str) -> None:
    context = chromium.new_context()
    page = context.new_page()
    network, sizes = context.new_cdp_session(page), []
    network.send("Network.enable")
    finished: Any = lambda event: sizes.append(event["encodedDataLength"])  # noqa: E731
    network.on("Network.loadingFinished", finished)
    page.goto(demo.address + path, wait_until="networkidle")
    context.close()
    assert 1 < len(sizes) <= MOST_REQUESTS
    assert 1000 < sum(sizes) <= MOST_BYTES


@pytest.mark.parametrize(
    "path, status", [("/no-such-page", 404), ("/tickets/1/wrong-key", 404), ("/undo/nonsense", 410), ("/desk", 200)]
)
def test_an_address_that_leads_nowhere_shows_a_way_on(visitor: Visitor, path: str, status: int) -> None:
    visitor.open(path, status=status)
    assert visitor.page.locator("main .btn").count() >= 1
