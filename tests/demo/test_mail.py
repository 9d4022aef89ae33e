"""The mail sink: what is sent to it is kept, readable, and still there after a restart."""

import smtplib
from collections.abc import Callable, Iterator
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from portal.demo import mail
from portal.demo.mail import Mailbag, MailSink


@pytest.fixture
def bag(tmp_path: Path, clock: Callable[[], datetime]) -> Iterator[Mailbag]:
    made = Mailbag(tmp_path / "mail.db", clock)
    yield made
    made.close()


def message(subject: str = "News", text: str = "Hello\n") -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "portal@nordvik.example", "alice@nordvik.example", subject
    made.set_content(text)
    return made


def send(sink: MailSink, what: EmailMessage, *recipients: str) -> None:
    with smtplib.SMTP("127.0.0.1", sink.port, timeout=5) as server:
        server.send_message(what, to_addrs=recipients or None)


def test_a_message_arrives_with_its_letters_intact(bag: Mailbag, clock: Callable[[], datetime]) -> None:
    with MailSink(bag) as sink:
        send(sink, message("684 210 er koden din, Bjørn", "Hei Bjørn,\n\n李小龙 – ok\n"))
    (kept,) = bag.all()
    assert (kept.sender, kept.recipient) == ("portal@nordvik.example", "alice@nordvik.example")
    assert (kept.subject, kept.text) == ("684 210 er koden din, Bjørn", "Hei Bjørn,\n\n李小龙 – ok\n")
    assert kept.received == clock()


def test_each_recipient_gets_a_copy_and_the_newest_stands_last(bag: Mailbag) -> None:
    with MailSink(bag) as sink:
        send(sink, message("one"), "alice@nordvik.example", "bob@nordvik.example")
        send(sink, message("two"))
    listed = [(one["to"], one["subject"]) for one in (kept.as_json() for kept in bag.all())]
    assert listed == [
        ("alice@nordvik.example", "one"),
        ("bob@nordvik.example", "one"),
        ("alice@nordvik.example", "two"),
    ]


def test_of_text_and_html_the_text_is_kept(bag: Mailbag) -> None:
    both = message(text="plain words\n")
    both.add_alternative("<p>marked words</p>", subtype="html")
    with MailSink(bag) as sink:
        send(sink, both)
    assert bag.all()[0].text == "plain words\n"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", ""),
        (
            b"Content-Type: text/plain; charset=nonsense\r\n\r\ngr\xc3\xbc\xff",
            "grü\N{REPLACEMENT CHARACTER}",
        ),
        (b"Content-Type: application/pdf\r\n\r\n%PDF", ""),
        (b"\x00\xff\x00", "\x00\N{REPLACEMENT CHARACTER}\x00"),
    ],
)
def test_a_broken_message_can_still_be_shown(content: bytes, text: str) -> None:
    assert mail.read(content) == ("", text)


def test_mail_is_there_again_after_a_restart(tmp_path: Path, clock: Callable[[], datetime]) -> None:
    first = Mailbag(tmp_path / "mail.db", clock)
    first.add(sender="a@b", recipients=["alice@nordvik.example"], content=message().as_bytes())
    first.close()
    second = Mailbag(tmp_path / "mail.db", clock)
    assert [one.subject for one in second.all()] == ["News"]
    second.close()


def test_only_the_newest_thousand_are_kept(bag: Mailbag) -> None:
    everybody = [f"person{number}@nordvik.example" for number in range(mail.KEPT + 5)]
    bag.add(sender="a@b", recipients=everybody, content=message().as_bytes())
    kept = bag.all()
    assert (len(kept), kept[0].recipient) == (mail.KEPT, "person5@nordvik.example")


def test_a_taken_port_is_told(bag: Mailbag) -> None:
    with MailSink(bag) as sink, pytest.raises(OSError, match="address already in use"), MailSink(bag, sink.port):
        pass


def test_a_client_that_hangs_does_not_keep_the_sink_from_stopping(bag: Mailbag) -> None:
    with MailSink(bag) as sink:
        open_one = smtplib.SMTP("127.0.0.1", sink.port, timeout=5)
        open_one.ehlo()
    with pytest.raises(smtplib.SMTPException):
        open_one.ehlo()
