"""Signing in: with a second factor where the role wants it, through a forced change where the directory wants it."""

import pytest

from tests.walks.demo import Demo
from tests.walks.signing_in import sign_in
from tests.walks.visitor import Visit, Visitor

NEW = "Silver window marble 26"


def test_a_wrong_password_is_not_explained_and_the_right_one_opens_the_account(demo: Demo, visitor: Visitor) -> None:
    aase = demo.person("aase")
    visitor.open("/").follow("See my account")
    assert visitor.path == "/sign-in"
    visitor.send("Sign in", login="aase", password="not it", status=422)
    said = visitor.errors
    visitor.send("Sign in", login="nobody-at-all", password="not it", status=422)
    assert visitor.errors == said
    assert visitor.page.locator("[name=login]").input_value() == "nobody-at-all"
    visitor.send("Sign in", login="aase", password=aase.password)
    assert (visitor.path, visitor.heading) == ("/account", "Your account")
    assert "Ødegård, Åse" in visitor.text


def test_a_locked_account_is_not_told_at_sign_in_but_there_is_a_way_on(demo: Demo, visitor: Visitor) -> None:
    nils = demo.person("nils")
    visitor.open("/sign-in").send("Sign in", login="nils", password=nils.password, status=422)
    assert "locked" not in visitor.errors[0]
    visitor.follow("I cannot get in")
    assert visitor.path == "/recover"


@pytest.mark.parametrize("login", ["erik", "eva", "mats"])
def test_a_password_that_counts_no_longer_is_changed_on_the_way_in(demo: Demo, visitor: Visitor, login: str) -> None:
    person = demo.person(login)
    visitor.open("/sign-in").send("Sign in", login=login, password=person.password)
    assert (visitor.path, visitor.heading) == ("/sign-in/expired", "Choose a new password")
    old = {"password": person.password}
    visitor.send("Save the new password", **old, new_password="short", new_password_again="short", status=422)
    visitor.send("Save the new password", password="not it", new_password=NEW, new_password_again=NEW, status=422)
    assert visitor.errors[0].startswith("The password you have now was not right.")
    visitor.send("Save the new password", **old, new_password=NEW, new_password_again=NEW)
    assert visitor.path == "/account"
    assert demo.binds(person, NEW)
    assert not demo.binds(person, person.password)


def test_a_role_is_given_only_after_a_second_factor(demo: Demo, visitor: Visitor) -> None:
    astrid = demo.person("astrid")
    visitor.open("/sign-in").send("Sign in", login="astrid", password=astrid.password)
    assert visitor.heading == "Prove it is you"
    visitor.open("/account")
    assert visitor.path == "/sign-in"
    visitor.send("Sign in", login="astrid", password=astrid.password)
    assert visitor.page.locator("[name=factor]:checked").input_value() == "totp"
    visitor.choose("totp").send("Continue", code="000000", status=422)
    visitor.send("Continue", code=astrid.totp())
    assert visitor.path == "/account"


def test_after_signing_out_the_account_needs_a_sign_in_again(demo: Demo, visitor: Visitor) -> None:
    sign_in(visitor, demo.person("aase"))
    visitor.page.locator(".menu summary").click()
    visitor.send("Sign out")
    assert visitor.heading == "You are signed out"
    visitor.open("/account")
    assert visitor.path == "/sign-in"


def test_a_sign_in_leads_to_where_somebody_wanted_to_go(demo: Demo, visit: Visit) -> None:
    aase, visitor = demo.person("aase"), visit()
    visitor.open("/account/history")
    visitor.send("Sign in", login="aase", password=aase.password)
    assert visitor.path == "/account/history"
