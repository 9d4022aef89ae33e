"""Two people of one name, one at the university and one among the guests: what they know tells who is meant."""

from tests.walks.demo import Demo
from tests.walks.visitor import Visitor

NEW = "Copper lantern meadow 41"


def test_a_guest_gets_in_under_a_name_that_somebody_at_the_university_has(demo: Demo, visitor: Visitor) -> None:
    guest = demo.guest("hedda")
    visitor.open("/sign-in").send("Sign in", login="hedda", password=guest.password)
    assert visitor.path == "/account"
    assert "Hedda Gabler" in visitor.text


def test_the_way_back_in_changes_the_account_that_was_proved(demo: Demo, visitor: Visitor) -> None:
    guest = demo.guest("viktor")
    visitor.open("/recover").send("Continue", login="viktor").choose("totp").send("Continue", code=guest.totp())
    visitor.choose("recovery_code").send("Continue", code=guest.recovery_codes[0])
    assert visitor.path == "/recover/password"
    visitor.send("Save the new password", new_password=NEW, new_password_again=NEW)
    assert demo.binds(guest, NEW)
