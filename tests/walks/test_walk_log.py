"""An auditor with a suspicion: finds the entry, sees what belongs to it, proves it, asks, and keeps the search."""

from tests.walks.demo import Demo
from tests.walks.signing_in import sign_in
from tests.walks.visitor import Visit


def test_an_auditor_finds_the_entry_proves_it_and_asks(demo: Demo, visit: Visit) -> None:
    oskar, audun = demo.person("oskar"), demo.person("audun")
    visit().open("/sign-in").send("Sign in", login=oskar.login, password="not his password", status=422)
    sign_in(visit(), oskar)
    auditor = sign_in(visit(java_script_enabled=False), audun, proof=audun.recovery_codes[3])
    auditor.open("/").follow("Look into the log")
    assert auditor.page.get_by_role("link", name="Log", exact=True).get_attribute("aria-current") == "page"
    auditor.send("Search", person="oskar")
    assert auditor.page.locator("tbody th a.one").first.inner_text() == "Oskar Sjöberg signed in"
    auditor.page.get_by_text("The numbers").click()
    auditor.follow("Somebody did not get in as Oskar Sjöberg")
    assert auditor.page.get_by_text("From 127.0.0.1").count() or auditor.page.get_by_text("127.0.0.1").count()
    auditor.send("Ask the service desk", question="Does he travel?")
    assert auditor.page.get_by_text("Waiting for the service desk").is_visible()
    auditor.send("Mark as reviewed", note="Asked about.")
    with auditor.page.expect_download() as proof:
        auditor.page.get_by_role("link", name="Its proof").click()
    assert proof.value.path().read_text().startswith("c2sp.org/tlog-proof@v1\n")
    auditor.open("/log?person=oskar&review=no").send("Save this search", name="Oskar, not reviewed")
    assert auditor.page.get_by_role("link", name="Oskar, not reviewed").get_attribute("aria-current") == "page"
    small = sign_in(visit(viewport={"width": 320, "height": 640}), audun, proof=audun.recovery_codes[4])
    small.open("/log?person=oskar&result=failure").follow("Somebody did not get in")


def test_the_log_is_closed_to_others(demo: Demo, visit: Visit) -> None:
    desk = sign_in(visit(), demo.person("kirsten"))
    desk.open("/log", status=403)
