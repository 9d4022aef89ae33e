"""The inbox page: what it lists, what it makes a link, and what it keeps other sites from."""

from collections.abc import Callable, Iterator
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
import requests
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from portal.demo.inbox import Inbox, Piece, inbox_app, pieces
from portal.demo.mail import Mailbag
from portal.web import assets

PORTAL = "http://127.0.0.1:8080"
PEOPLE = ["alice@nordvik.example"]


@pytest.fixture(scope="session")
def static(tmp_path_factory: pytest.TempPathFactory) -> assets.Assets:
    return assets.build(tmp_path_factory.mktemp("static"))


@pytest.fixture
def bag(tmp_path: Path, clock: Callable[[], datetime]) -> Iterator[Mailbag]:
    made = Mailbag(tmp_path / "mail.db", clock)
    yield made
    made.close()


@pytest.fixture
def client(bag: Mailbag, static: assets.Assets) -> FlaskClient:
    app = inbox_app(bag, bag, portal=PORTAL, static=static, organisation="Nordvik University", people=PEOPLE)
    return app.test_client()


def put(bag: Mailbag, recipient: str, subject: str, text: str = "Hello\n") -> None:
    message = EmailMessage()
    message["Subject"] = subject
    message.set_content(text)
    bag.add(sender="portal@nordvik.example", recipients=[recipient], content=message.as_bytes())


def page(client: FlaskClient, address: str = "/") -> BeautifulSoup:
    answer = client.get(address, base_url="http://127.0.0.1")
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "html5lib")


def test_an_empty_inbox_says_what_to_do(client: FlaskClient) -> None:
    shown = page(client)
    assert "No mail yet" in shown.get_text()
    assert [h1.get_text() for h1 in shown.find_all("h1")] == ["Demo inbox"]


def test_the_newest_mail_is_opened_and_the_others_listed(client: FlaskClient, bag: Mailbag) -> None:
    put(bag, "alice@fjordpost.example", "first")
    put(bag, "bob@fjordpost.example", "second", "the second text\n")
    shown = page(client)
    assert shown.find(id="mail").get_text() == "second"
    assert shown.pre.get_text() == "the second text\n"
    assert [link.b.get_text() for link in shown.select("a.pick")] == ["second", "first"]


def test_an_older_mail_can_be_opened_and_one_persons_mail_picked(client: FlaskClient, bag: Mailbag) -> None:
    for number in range(3):
        put(bag, "alice@fjordpost.example", f"to alice {number}")
    put(bag, "bob@fjordpost.example", "to bob")
    shown = page(client, "/?to=alice@fjordpost.example&mail=1")
    assert shown.find(id="mail").get_text() == "to alice 0"
    assert len(shown.select("a.pick")) == 3
    assert shown.select_one("option[selected]").get_text() == "alice@fjordpost.example"
    assert page(client, "/?mail=nonsense").find(id="mail").get_text() == "to bob"


def test_markup_in_a_mail_stays_text(client: FlaskClient, bag: Mailbag) -> None:
    put(bag, "alice@fjordpost.example", "<b>bold</b>", "<script>alert(1)</script> http://evil.example/x\n")
    shown = page(client)
    assert shown.find("script") is None
    assert shown.find(id="mail").get_text() == "<b>bold</b>"
    assert shown.pre.find("a") is None


def test_only_the_portals_own_addresses_become_links() -> None:
    text = f"Undo: {PORTAL}/undo/Jx3. Not {PORTAL}0/x, nor {PORTAL}.evil.example/, nor http://evil.example/."
    links = [piece.text for piece in pieces(text, PORTAL) if piece.link]
    assert links == [f"{PORTAL}/undo/Jx3"]
    assert "".join(piece.text for piece in pieces(text, PORTAL)) == text
    assert pieces("nothing", PORTAL) == [Piece("nothing")]


def test_the_list_for_programs_has_the_newest_last(client: FlaskClient, bag: Mailbag) -> None:
    put(bag, "alice@fjordpost.example", "første")
    put(bag, "bob@fjordpost.example", "second")
    listed = client.get("/messages.json", base_url="http://127.0.0.1").get_json()
    assert [one["subject"] for one in listed] == ["første", "second"]
    assert (
        listed[0].items()
        >= {
            "from": "portal@nordvik.example",
            "to": "alice@fjordpost.example",
            "text": "Hello\n",
        }.items()
    )


def test_pages_forbid_scripts_and_strange_host_names(client: FlaskClient) -> None:
    answer = client.get("/", base_url="http://127.0.0.1")
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
    assert "<script" not in answer.text
    assert "style=" not in answer.text
    assert client.get("/messages.json", base_url="http://rebound.example").status_code == 400


def test_it_is_served_with_its_stylesheet_and_without_a_word_in_the_terminal(
    bag: Mailbag, static: assets.Assets, capfd: pytest.CaptureFixture[str]
) -> None:
    app = inbox_app(bag, bag, portal=PORTAL, static=static, organisation="Nordvik University", people=PEOPLE)
    with Inbox(app) as inbox:
        shown = BeautifulSoup(requests.get(inbox.url, timeout=5).text, "html5lib")
        sheet = requests.get(inbox.url.rstrip("/") + str(shown.select_one("link[rel=stylesheet]")["href"]), timeout=5)
        assert (sheet.status_code, sheet.headers["Content-Type"].split(";")[0]) == (200, "text/css")
        assert requests.get(inbox.messages_url, timeout=5).json() == []
        assert requests.get(f"{inbox.url}static/names.json", timeout=5).status_code == 404
    assert capfd.readouterr() == ("", "")


def test_somebody_outside_writes_to_one_of_the_people(client: FlaskClient, bag: Mailbag) -> None:
    letter = {"from": "visitor@elsewhere.example", "to": PEOPLE[0], "subject": "Hello", "text": "Are you there?"}
    sent = client.post("/send", data=letter, base_url="http://127.0.0.1")
    assert (sent.status_code, [mail.subject for mail in bag.all()]) == (302, ["Hello"])
    for wrong in ({"to": "somebody@else.example"}, {"from": "nobody"}, {"subject": "a\r\nBcc: b@x.example"}):
        assert client.post("/send", data=letter | wrong, base_url="http://127.0.0.1").status_code == 400
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert client.post("/send", data=letter, headers=foreign, base_url="http://127.0.0.1").status_code == 400
    assert len(bag.all()) == 1
