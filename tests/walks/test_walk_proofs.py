"""One's own ways to prove it, passwords and sessions: added, renamed, switched, removed, ended."""

import pyotp

from tests.walks.demo import Demo
from tests.walks.signing_in import prove_again, sign_in
from tests.walks.visitor import Visit, Visitor

NEW = "Amber castle whistle 15"
NEWER = "Paper garden thunder 60"


def test_an_authenticator_app_is_added_renamed_switched_off_and_removed(demo: Demo, visitor: Visitor) -> None:
    ida = demo.person("ida")
    box = demo.mailbox(ida.recovery_mail)
    sign_in(visitor, ida).open("/account/security").follow("Authenticator app Six digits")
    prove_again(visitor, ida)
    visitor.page.get_by_text("No camera?").click()
    secret = "".join(visitor.page.locator(".groups li").all_text_contents())
    assert visitor.page.locator("img.qr").evaluate("picture => picture.complete && picture.naturalWidth > 0")
    visitor.send("Add this app", label="Fairphone", code="000000", status=422)
    assert "".join(visitor.page.locator(".groups li").all_text_contents()) == secret
    visitor.send("Add this app", label="Fairphone", code=pyotp.TOTP(secret).now())
    assert visitor.path == "/account/security"
    assert "Fairphone" in visitor.text
    box.next(".")
    visitor.follow("Rename Authenticator app: Fairphone").send("Save the name", label="Fairphone 5")
    visitor.follow("Switch off Authenticator app: Fairphone 5").send("Switch it off")
    assert "Switched off" in visitor.text
    visitor.follow("Switch on Authenticator app: Fairphone 5").send("Switch it on")
    assert "Switched off" not in visitor.text
    visitor.follow("Remove Authenticator app: Fairphone 5")
    assert visitor.heading == "Remove “Fairphone 5”?"
    visitor.send("Remove it")
    assert "Fairphone" not in visitor.text


def test_new_recovery_codes_are_shown_once_and_the_old_ones_end(demo: Demo, visitor: Visitor) -> None:
    leila = demo.person("leila")
    sign_in(visitor, leila).open("/account/security").follow("Recovery codes Ten codes")
    prove_again(visitor, leila).send("Make new codes")
    codes = visitor.page.locator("ol.mono li").all_inner_texts()
    assert len(set(codes)) == 10
    visitor.page.emulate_media(media="print")
    assert visitor.page.get_by_text(codes[9]).is_visible()
    assert not visitor.page.get_by_role("link", name="I have put them away").is_visible()
    visitor.page.emulate_media(media="screen")
    visitor.follow("I have put them away")
    assert not any(code in visitor.text for code in codes)
    visitor.open("/recover").send("Continue", login="leila").choose("recovery_code")
    visitor.send("Continue", code=leila.recovery_codes[0], status=422)
    visitor.send("Continue", code=codes[0])
    assert visitor.heading == "Prove it in one more way"


def test_sessions_are_listed_and_closed_from_another_browser(demo: Demo, visit: Visit) -> None:
    jonas, here, there, third = demo.person("jonas"), visit(), visit(), visit()
    for visitor in (there, third, here):
        sign_in(visitor, jonas)
    here.open("/account/security")
    assert here.page.get_by_text("This one").count() == 1
    here.press(here.page.get_by_role("button", name="Sign out Chrome on Linux"))
    here.press(here.page.get_by_role("button", name="Sign out everywhere else"))
    assert here.page.get_by_role("button", name="Sign out everywhere else").count() == 0
    for gone in (there, third):
        gone.open("/account")
        assert gone.path == "/sign-in"
    here.open("/account")
    assert here.path == "/account"


def test_changing_the_password_ends_all_other_sessions(demo: Demo, visit: Visit) -> None:
    siobhan, here, there = demo.person("siobhan"), visit(), visit()
    sign_in(there, siobhan)
    sign_in(here, siobhan).follow("Change password")
    assert here.path == "/ask/change-password"
    old = siobhan.password
    here.send("Save the new password", password="not it", new_password=NEW, new_password_again=NEW, status=422)
    assert here.errors[0].startswith("The password you have now was not right.")
    here.send("Save the new password", password=old, new_password="short", new_password_again="short", status=422)
    here.send("Save the new password", password=old, new_password=old, new_password_again=old, status=422)
    assert demo.binds(siobhan, old)
    here.send("Save the new password", password=old, new_password=NEW, new_password_again=NEW)
    assert here.mark("result") == "done"
    assert demo.binds(siobhan, NEW)
    assert not demo.binds(siobhan, old)
    there.open("/account")
    assert there.path == "/sign-in"
    here.open("/ask/change-password")
    here.send("Save the new password", password=NEW, new_password=NEWER, new_password_again=NEWER)
    here.open("/ask/change-password")
    here.send("Save the new password", password=NEWER, new_password=NEW, new_password_again=NEW, status=422)
    assert here.errors[0].startswith("You have used this password before.")
