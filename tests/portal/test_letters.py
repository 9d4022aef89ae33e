"""Letters reach the mail server as they were meant, whatever their subject and their receiver hold."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest

from tests.portal.site import Site


def _letter(site: Site, **changed: Any) -> EmailMessage:
    given = {"to": "alice@fjordpost.example", "subject": "Done", "text": "Hello.\n", "id_": "1", "language": "en"}
    return site.letters.message(**{**given, "at": site.clock(), **changed})


@pytest.mark.parametrize("subject", ["Your password was changed", "Ditt lösenord är ändrat", "lang " * 300 + "end"])
def test_a_letter_reads_as_it_was_written(site: Site, subject: str) -> None:
    sent = _letter(site, subject=subject).as_bytes()
    read = message_from_bytes(sent, policy=default)

    assert read["Subject"] == subject and read["To"] == "alice@fjordpost.example"
    assert read["From"].addresses[0].addr_spec == site.settings.mail.sender
    assert read.get_content_charset() == "utf-8" and read.get_content() == "Hello.\r\n"
    assert sent.isascii() and max(map(len, sent.split(b"\r\n"))) <= 998


@pytest.mark.parametrize("more", ["\r\nBcc: bob@fjordpost.example", "\nBcc: bob@fjordpost.example", "\r\n\r\nHello"])
def test_no_receiver_brings_a_header_along(site: Site, more: str) -> None:
    with pytest.raises(ValueError):
        _letter(site, to=f"alice@fjordpost.example{more}")
