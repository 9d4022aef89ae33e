"""My own factors and sessions; everything sensitive asks for a fresh proof."""

import re
from collections.abc import Callable
from datetime import timedelta

import pyotp

from tests.portal.site import Browser, Person, Site


def add_totp(site: Site, browser: Browser, code: str = "") -> str:
    """Enrol another authenticator app; returns its secret."""
    browser.open("/account/security/totp")
    secret = "".join(g.get_text() for g in browser.page.select(".groups li"))
    browser.send({"label": "New phone", "code": code or pyotp.TOTP(secret).at(site.clock())})
    return secret


def test_a_new_app_counts_only_after_its_check_code(site: Site) -> None:
    alice, browser = site.person(), site.browser()
    browser.sign_in(alice)
    add_totp(site, browser, code="000000")
    assert browser.status == 422
    assert "New phone" not in browser.open("/account/security").text
    secret = add_totp(site, browser)
    assert "New phone" in browser.text
    other = site.browser().open("/recover").send({"login": alice.login})
    site.work()
    other.send({"factor": "totp"}).send({"code": pyotp.TOTP(secret).at(site.clock())})
    assert other.step == "choose"


def test_the_picture_is_an_svg_for_the_app_and_shown_only_while_it_waits(site: Site) -> None:
    alice, browser = site.person(), site.browser()
    browser.sign_in(alice).open("/account/security/totp")
    picture = browser.client.get("/account/security/totp.svg")
    assert picture.content_type.startswith("image/svg+xml")
    assert b"<svg" in picture.data


def test_somebody_who_proved_long_ago_proves_again_first(site: Site, later: Callable[..., None]) -> None:
    alice, browser = site.person(), site.browser()
    browser.sign_in(alice)
    later(minutes=6)
    assert browser.open("/account/security/totp").step == "choose"
    browser.prove(alice, "password")
    assert browser.path == "/account/security/totp"


def test_a_factor_is_renamed_switched_off_and_on_and_removed(site: Site) -> None:
    alice, browser = site.person(), site.browser()
    browser.sign_in(alice)
    factor = _factor_url(browser, "rename")
    browser.open(factor).send({"label": "Old phone"})
    assert "Old phone" in browser.text
    browser.open(factor.replace("rename", "off")).send()
    assert "Switched off" in browser.text
    assert not _proves(site, alice)
    browser.open(factor.replace("rename", "on")).send()
    assert _proves(site, alice)
    browser.open(factor.replace("rename", "remove")).send()
    assert "Old phone" not in browser.text
    kinds = [k for k, phase, outcome, _ in site.entries(alice) if (phase, outcome) == ("outcome", "success")]
    assert kinds == ["factor_change", "factor_change", "factor_change", "factor_remove"]


def test_nobody_touches_the_factor_of_somebody_else(site: Site) -> None:
    alice, bob = site.person(), site.person()
    theirs = _factor_url(site.browser().sign_in(alice), "remove")
    assert site.browser().sign_in(bob).open(theirs).status == 404


def test_new_recovery_codes_are_shown_once_and_the_old_ones_are_dead(site: Site) -> None:
    alice, browser = site.person(), site.browser()
    old = alice.codes[0]
    browser.sign_in(alice).open("/account/security/codes").send()
    shown = re.findall(r"\b[a-z2-7]{4}(?:-[a-z2-7]{4}){3}\b", browser.text)
    assert len(shown) == 10
    assert shown[0] not in browser.open("/account/security").text
    site.work()
    assert any("an older sheet no longer work" in mail.text for mail in site.mails(f"{alice.login}@"))
    for code, status in ((old, 422), (shown[0], 200)):
        other = site.browser().open("/recover").send({"login": alice.login})
        site.work()
        assert other.send({"factor": "recovery_code"}).send({"code": code}).status == status


def test_own_sessions_are_listed_and_closed(site: Site) -> None:
    alice, here, there = site.person(), site.browser(), site.browser()
    there.sign_in(alice)
    here.sign_in(alice).open("/account/security")
    close = next(i for i, f in enumerate(here.forms) if str(f["action"]).endswith("/close"))
    here.send(form=close)
    assert there.open("/account").path == "/sign-in"
    assert here.open("/account").path == "/account"


def test_all_other_sessions_are_closed_at_once(site: Site) -> None:
    alice, here = site.person(), site.browser()
    others = [site.browser().sign_in(alice) for _ in range(3)]
    here.sign_in(alice).open("/account/security")
    here.send(form=len(here.forms) - 1)
    assert {o.open("/account").path for o in others} == {"/sign-in"}
    assert here.open("/account").path == "/account"


def _factor_url(browser: Browser, doing: str) -> str:
    browser.open("/account/security")
    link = browser.page.select_one(f"a[href$='/{doing}']")
    assert link
    return str(link["href"])


def _proves(site: Site, person: Person) -> bool:
    site.clock.move(timedelta(seconds=90))
    browser = site.browser().open("/recover").send({"login": person.login})
    site.work()
    return browser.send({"factor": "totp"}).send({"code": site.totp(person)}).step == "choose"
