"""Copies by mail, and the signature of webhooks."""

import pytest

from connectors.tickets.settings import TicketSystemSettings
from connectors.tickets.webhook import signature
from portal.settings.installation import Settings
from portal.tickets.copies import State
from tests.connectors.ticket_systems import SECRET
from tests.portal.copying import CAROL, copied_to, copy_of, open_ticket
from tests.portal.site import OpenSite


def test_a_ticket_goes_out_as_a_letter_and_what_happens_as_another(settings: Settings, open_site: OpenSite) -> None:
    site = open_site(copied_to(settings, TicketSystemSettings(kind="mail", address="queue@tickets.example.org")))
    number = open_ticket(site)
    site.parts.counter.take(CAROL, number, 1)
    site.work()
    first, second = site.mails("queue@tickets.example.org")
    copy = copy_of(site, number)
    assert copy.state is State.CURRENT
    assert first.subject == f"Cannot get in [{copy.key}]"
    assert f"/desk/tickets/{number}" in first.text
    assert copy.key in second.subject
    assert "Somebody has taken it." in second.text


def test_a_signature_is_that_of_the_standard() -> None:
    """The example of Standard Webhooks 1.0."""
    signed = signature(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "zammad", "url": "https://t.example.org", "token": "x", "queue": "Users"},
        {"kind": "zammad", "url": "http://t.example.org", "token": "x", "queue": "Users", "requester": "a@b.example"},
        {"kind": "webhook", "url": "https://t.example.org/in", "secret": "whsec_c2hvcnQ="},
        {"kind": "mail", "address": "a@b.example", "timeout": 60.0},
    ],
)
def test_settings_that_could_never_work_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"requester|https|secret|timeout"):
        TicketSystemSettings(**wrong)  # type: ignore[arg-type]
