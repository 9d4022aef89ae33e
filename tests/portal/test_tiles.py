"""The record as it is fetched from outside: hashes for everybody, what was done and by whom only for auditors."""

from werkzeug.test import TestResponse

from tests.portal.site import Browser, Site

ENTRIES, HASHES = "entries", "0"


def fetch(browser: Browser, kind: str) -> TestResponse:
    """The first tile of the newest checkpoint."""
    signed = browser.client.get("/audit/checkpoint").text.split("\n")[1]
    return browser.client.get(f"/audit/tile/{kind}/000.p/{signed}")


def test_hashes_are_for_everybody_and_entries_for_auditors_only(site: Site) -> None:
    alice, audun = site.person(), site.person(groups=("auditors",))
    owner = site.browser().sign_in(alice)
    auditor = site.browser().sign_in(audun).prove(audun, "totp")
    site.work()
    assert fetch(site.browser(), HASHES).status_code == 200
    assert fetch(site.browser(), ENTRIES).status_code == 403
    assert fetch(owner, ENTRIES).status_code == 403
    assert fetch(auditor, ENTRIES).status_code == 200


def test_no_cache_on_the_way_keeps_the_entries(site: Site) -> None:
    audun = site.person(groups=("auditors",))
    auditor = site.browser().sign_in(audun).prove(audun, "totp")
    site.work()
    kept = [fetch(auditor, kind).headers["Cache-Control"] for kind in (ENTRIES, HASHES)]
    assert kept == ["no-store", "public, max-age=31536000, immutable"]
