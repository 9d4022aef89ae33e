"""The way back in, in a browser, against the directory: what counts is who it lets in afterwards."""

import pytest

from tests.walks.demo import Demo, Person
from tests.walks.visitor import Visitor

NEW = "Blue harbour lantern 47"


def come_as(visitor: Visitor, login: str) -> Visitor:
    visitor.open("/recover")
    return visitor.send("Continue", login=login)


def prove_by_paper_and_mail(demo: Demo, visitor: Visitor, person: Person, number: int = 0) -> None:
    box = demo.mailbox(person.recovery_mail)
    come_as(visitor, person.login).choose("recovery_code").send("Continue", code=person.recovery_codes[number])
    visitor.choose("mailed_code").send("Continue", code=box.code())


def choose_new_password(visitor: Visitor) -> None:
    assert (visitor.mark("step"), visitor.heading) == ("ask", "Choose a new password")
    visitor.send("Save the new password", new_password=NEW, new_password_again=NEW)
    assert (visitor.mark("step"), visitor.mark("result")) == ("result", "done")
    assert visitor.heading == "Your password is changed"


def test_a_code_by_mail_and_one_on_paper_open_the_way_to_a_new_password(demo: Demo, visitor: Visitor) -> None:
    alice = demo.person("alice")
    box = demo.mailbox(alice.recovery_mail)
    visitor.open("/").follow("I forgot my password")
    assert visitor.mark("step") == "identify"
    visitor.send("Continue", login="alice")
    assert visitor.mark("step") == "choose"
    visitor.choose("mailed_code")
    assert (visitor.mark("step"), visitor.mark("factor")) == ("prove", "mailed_code")
    visitor.send("Continue", code=box.code())
    assert visitor.heading == "Prove it in one more way"
    assert visitor.page.locator("[name=factor][value=mailed_code]").count() == 0
    visitor.choose("recovery_code").send("Continue", code=alice.recovery_codes[0].upper())
    choose_new_password(visitor)
    assert demo.binds(alice, NEW)
    assert not demo.binds(alice, alice.password)
    notice = box.next("Your password was changed")
    assert f"Attempt: {visitor.mark('attempt')}" in notice["text"]
    assert NEW not in notice["text"]


def test_the_masked_address_is_shown_only_after_another_proof(demo: Demo, visitor: Visitor) -> None:
    bjorn = demo.person("bjorn")
    box = demo.mailbox(bjorn.recovery_mail)
    come_as(visitor, "bjorn@nordvik.example").choose("mailed_code")
    assert "fjordpost" not in visitor.page.content()
    assert box.code()
    visitor.follow("Prove it another way").choose("totp").send("Continue", code=bjorn.totp())
    visitor.choose("mailed_code")
    assert "b•••@fjordpost.example" in visitor.text
    visitor.send("Continue", code=box.code())
    choose_new_password(visitor)
    assert demo.binds(bjorn, NEW)
    assert not demo.binds(bjorn, bjorn.password)


def test_somebody_locked_out_can_unlock_and_keep_the_password(demo: Demo, visitor: Visitor) -> None:
    lars = demo.person("lars")
    assert not demo.binds(lars, lars.password)
    box = demo.mailbox(lars.mail)
    visitor.open("/").follow("My account is locked")
    prove_by_paper_and_mail(demo, visitor, lars)
    assert "locked" in visitor.text
    visitor.send("Only unlock, keep my password")
    assert (visitor.mark("result"), visitor.heading) == ("done", "Your account is unlocked")
    assert demo.binds(lars, lars.password)
    assert f"{visitor.mark('attempt')}" in box.next(".")["text"]


def test_a_new_password_unlocks_the_account_in_the_same_step(demo: Demo, visitor: Visitor) -> None:
    linnea = demo.person("linnea")
    prove_by_paper_and_mail(demo, visitor, linnea)
    choose_new_password(visitor)
    assert "Your account is unlocked too." in visitor.text
    assert demo.binds(linnea, NEW)


def test_wrong_codes_are_counted_and_say_nothing_else(demo: Demo, visitor: Visitor) -> None:
    hedda = demo.person("hedda")
    come_as(visitor, "hedda").choose("totp")
    for left in (9, 8):
        visitor.send("Continue", code="000000", status=422)
        assert visitor.errors == [
            f"That code is wrong or too old. Check the newest one. You have {left} tries left.",
        ]
        assert visitor.page.locator("[name=code]").input_value() == ""
    visitor.send("Continue", code="", status=422)
    assert visitor.errors == ["Type the code."]
    visitor.send("Continue", code=hedda.totp())
    assert visitor.heading == "Prove it in one more way"


def test_a_new_code_makes_the_old_one_useless_and_each_works_once(demo: Demo, visitor: Visitor) -> None:
    yusuf = demo.person("yusuf")
    box = demo.mailbox(yusuf.recovery_mail)
    come_as(visitor, "yusuf").choose("mailed_code")
    old = box.code()
    visitor.page.get_by_text("No code arrived").click()
    visitor.send("Send a new code")
    new = box.code()
    visitor.send("Continue", code=old, status=422)
    visitor.send("Continue", code=new.replace(" ", ""))
    assert visitor.heading == "Prove it in one more way"
    visitor.open("/recover/prove/mailed_code")
    assert visitor.mark("step") == "choose", "a channel that counts already cannot be proved again"


def test_what_a_new_password_needs_is_said_beside_it_and_nothing_is_lost(demo: Demo, visitor: Visitor) -> None:
    oskar = demo.person("oskar")
    prove_by_paper_and_mail(demo, visitor, oskar)
    visitor.page.locator("[name=new_password]").press_sequentially("short")
    assert visitor.page.locator(".rules li.no").count() >= 1, "the rules tick while somebody types"
    visitor.page.locator("[name=new_password]").fill(NEW)
    assert visitor.page.locator(".rules li.no").count() == 0
    visitor.send("Save the new password", new_password="short", new_password_again="short", status=422)
    assert visitor.page.locator(".rules li.no").count() >= 1
    visitor.send("Save the new password", new_password=NEW, new_password_again=NEW + "x", status=422)
    assert visitor.errors == ["The two are not the same. Type both again."]
    own = oskar.password
    visitor.send("Save the new password", new_password=own, new_password_again=own, status=422)
    assert visitor.page.locator("[name=new_password]").input_value() == ""
    assert demo.binds(oskar, own)
    choose_new_password(visitor)
    assert demo.binds(oskar, NEW)


def test_a_forgotten_user_name_comes_by_mail_and_the_page_tells_nothing(demo: Demo, visitor: Visitor) -> None:
    aase = demo.person("aase")
    box = demo.mailbox(aase.recovery_mail)
    visitor.open("/recover").follow("I do not know my user name")
    visitor.send("Send my user name", address="nobody@nowhere.example")
    for_nobody = visitor.text
    visitor.open("/recover/login-name").send("Send my user name", address=str(aase.recovery_mail))
    assert visitor.text == for_nobody
    assert "aase" in box.next(".")["text"]


@pytest.mark.parametrize("login", ["nobody-at-all", "dina"])
def test_strangers_see_the_same_whoever_they_name(visitor: Visitor, login: str) -> None:
    come_as(visitor, login)
    offered = visitor.page.locator("[name=factor]").evaluate_all("fields => fields.map((field) => field.value)")
    assert offered == ["mailed_code", "totp", "recovery_code"]
    visitor.choose("mailed_code")
    assert "If the account has a private address, a code is on its way there." in visitor.text
