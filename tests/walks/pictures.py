"""Draws the pictures of the README from a demo of its own: python tests/walks/pictures.py FOLDER"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from playwright.sync_api import Browser, sync_playwright

from tests.walks.demo import Demo, start_demo
from tests.walks.signing_in import sign_in
from tests.walks.visitor import ARGUMENTS, CHROMIUM, Visitor

WINDOW = {"width": 1000, "height": 640}
WISHES = {
    "siobhan": ("A mailbox for our reading group", "Six of us read it, from January on."),
    "leila": ("My new surname", "I married in August; the registry has it already."),
    "xiaolong": ("My card does not open the practice room", "Room 3.14, since Monday."),
}


def way_back_in(browser: Browser, demo: Demo, file: Path) -> None:
    """The last step: the rules of a new password, half of them met while somebody types."""
    alice, visitor = demo.person("alice"), Visitor(browser, demo.address, viewport=WINDOW)
    box = demo.mailbox(alice.recovery_mail)
    visitor.open("/recover").send("Continue", login="alice").choose("mailed_code").send("Continue", code=box.code())
    visitor.choose("recovery_code").send("Continue", code=alice.recovery_codes[0])
    visitor.page.locator("[name=new_password]").fill("blue harbour lantern")
    visitor.page.screenshot(path=file, animations="disabled")
    visitor.leave()


def queue(browser: Browser, demo: Demo, file: Path) -> None:
    """The desk with a few tickets, one of them taken."""
    visitor = Visitor(browser, demo.address)
    visitor.open("/recover").send("Continue", login="nora").follow("I have none of these")
    visitor.send("Open a ticket", text="My phone fell into the fjord. I am in room 12 until four.")
    visitor.leave()
    for login, (subject, text) in WISHES.items():
        visitor = sign_in(Visitor(browser, demo.address), demo.person(login)).open("/ask/anything-else")
        visitor.send("Send", subject=subject, text=text)
        visitor.leave()
    carol = demo.person("carol")
    desk = sign_in(Visitor(browser, demo.address, viewport=WINDOW), carol, proof=carol.recovery_codes[0]).open("/desk")
    desk.press(desk.page.locator("tbody a").first).send("Take this ticket")
    desk.open("/desk").page.screenshot(path=file, animations="disabled")
    desk.leave()


def draw(folder: Path) -> None:
    """Write both pictures, as PNG."""
    folder.mkdir(parents=True, exist_ok=True)
    demo = start_demo()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            way_back_in(browser, demo, folder / "recover.png")
            queue(browser, demo, folder / "desk.png")
            browser.close()
    finally:
        demo.stop()


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
