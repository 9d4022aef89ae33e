"""What people change about themselves: private addresses, telephone, SSH keys."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.walks.demo import Demo
from tests.walks.signing_in import prove_again, sign_in
from tests.walks.visitor import Visit, Visitor

NARROW = {"viewport": {"width": 320, "height": 640}}


def new_pair(folder: Path) -> tuple[str, str]:
    """The public and the private half of a new SSH key."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "laptop", "-f", folder / "key"], check=True)
    return (folder / "key.pub").read_text(), (folder / "key").read_text()


def test_an_ssh_key_is_added_and_removed(demo: Demo, visitor: Visitor, tmp_path: Path) -> None:
    signe, (public, private) = demo.person("signe"), new_pair(tmp_path)
    box = demo.mailbox(signe.recovery_mail)
    sign_in(visitor, signe).follow("See or change SSH keys")
    assert "No keys yet" in visitor.text
    visitor.follow("Add a key")
    visitor.send("Add this key", key=private, status=422)
    assert "Do not use that private key any more" in visitor.text
    assert visitor.page.locator("main [name=key]").input_value() == ""
    visitor.send("Add this key", key=public)
    assert visitor.path == "/account/keys"
    assert "You have 1 key" in visitor.text and "SHA256:" in visitor.text
    assert "SHA256:" in box.next("An SSH key was added")["text"]
    visitor.follow("Remove laptop").send("Remove it")
    assert "No keys yet" in visitor.text
    box.next("An SSH key was removed")


@pytest.mark.parametrize(
    "login, options",
    [("einar", NARROW | {"color_scheme": "dark"}), ("frida", NARROW | {"java_script_enabled": False})],
    ids=["narrow and dark", "narrow without scripts"],
)
def test_an_address_is_replaced_and_the_owner_stops_it_from_the_mail(
    demo: Demo, visit: Visit, login: str, options: dict[str, object]
) -> None:
    person, visitor, new = demo.person(login), visit(**options), f"{login}.new@fjordpost.example"
    old_box, new_box = demo.mailbox(person.recovery_mail), demo.mailbox(new)
    prove_again(sign_in(visitor, person).follow("See or change addresses"), person)
    visitor.follow("Replace").send("Send the code", address=person.mail, status=422)
    assert visitor.errors[0].startswith("That mailbox opens with the password")
    visitor.send("Send the code", address=new)
    code = new_box.code()
    visitor.send("Continue", code="000 000", status=422).send("Continue", code=code)
    assert visitor.path == "/account/contact"
    assert f"{new} takes the place of {person.recovery_mail}" in visitor.text
    letter = old_box.next("about to change")["text"]
    assert new not in letter
    owner = visit(**options).open(re.findall(r"http\S+/undo/address/\S+", letter)[0])
    owner.send("Stop this change")
    assert (owner.mark("result"), owner.heading) == ("done", "The change is stopped")
    old_box.next("stay as they are")
    visitor.open("/account/contact")
    assert "A change is waiting" not in visitor.text and new not in visitor.text
    visitor.follow("Change the number").send("Save", phone="+47 55 50 10 10")
    assert "+47 55 50 10 10" in visitor.text
    old_box.next("telephone number was changed")
