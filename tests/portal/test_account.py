"""My account, my history, changing the password with the old one, unlocking."""

from datetime import date, timedelta

from tests.portal.site import NEW, Site
from tests.servers.people import PASSWORD, State

CHANGE = {"password": PASSWORD, "new_password": NEW, "new_password_again": NEW}


def test_the_account_page_tells_the_end_date_and_the_days_left(site: Site) -> None:
    days = (site.clock().date() - date(1970, 1, 1)).days
    alice, browser = site.person(shadowExpire=str(days + 20)), site.browser()
    browser.sign_in(alice)
    assert "ends in 19 days" in browser.text  # shadowExpire names the first day without access
    last = site.clock() + timedelta(days=19)
    assert f"{last.day} {last:%B}" in browser.text


def test_the_history_tells_what_happened_newest_first(site: Site) -> None:
    alice, browser = site.person(), site.browser()
    site.browser().recover(alice).send({"new_password": NEW, "new_password_again": NEW})
    browser.sign_in(alice, NEW).open("/account/history")
    lines = [li.get_text(" ", strip=True) for li in browser.page.select(".line li")]
    assert "Signed in" in lines[0]
    assert "A new password was set" in lines[1]
    assert "127.0.0.1" in lines[0]


def test_a_long_history_has_pages(site: Site) -> None:
    alice, browser = site.person(), site.browser()
    browser.sign_in(alice)
    for _ in range(60):
        browser.open("/account/security")
        site.parts.sign_in._record(alice.account.id, "192.0.2.1", "wrong")
    browser.open("/account/history")
    older = browser.page.select_one("a[href*='before=']")
    assert older
    assert browser.open(str(older["href"])).page.select(".line li")


def test_the_password_is_changed_with_the_old_one(site: Site) -> None:
    alice, browser = site.person(), site.browser()
    browser.sign_in(alice).open("/ask/change-password").send(CHANGE)
    assert browser.result == "done"
    assert site.binds(alice, NEW)
    assert not site.binds(alice, PASSWORD)
    assert browser.open("/account").path == "/account"  # the session that changed it goes on


def test_a_wrong_old_password_is_said_beside_its_field(site: Site) -> None:
    alice, browser = site.person(), site.browser()
    browser.sign_in(alice).open("/ask/change-password").send(CHANGE | {"password": "not-my-password"})
    assert browser.status == 422
    assert browser.page.select_one("#password[aria-invalid=true]")
    assert site.binds(alice, PASSWORD)


def test_what_the_directory_does_not_leave_to_the_person_becomes_a_ticket(site: Site) -> None:
    alice, browser = site.person(state=State.FIXED), site.browser()
    browser.sign_in(alice).open("/ask/change-password").send(CHANGE)
    assert browser.result == "pending"
    assert site.binds(alice, PASSWORD)


def test_a_page_of_an_action_without_a_rule_does_not_exist(site: Site) -> None:
    assert site.browser().open("/ask/extend-everything").status == 404
    assert site.browser().open("/ask/reset-password").status == 404


def test_asking_needs_a_sign_in_and_comes_back(site: Site) -> None:
    alice, browser = site.person(), site.browser()
    browser.open("/ask/anything-else")
    assert browser.path == "/sign-in"
    action = f"/sign-in?next={browser.answer.request.args['next']}"
    token = browser.forms[0].select_one("input[name=csrf_token]")
    assert token
    fields = {"login": alice.login, "password": PASSWORD, "csrf_token": token["value"]}
    assert browser.client.post(action, data=fields).headers["Location"] == "/ask/anything-else"
