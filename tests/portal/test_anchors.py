"""What was signed is left elsewhere once a day, to the letter."""

import socket
from collections.abc import Callable, Iterator

import pytest

from audit.checkpoints import open_checkpoint
from audit.keys import load_key, verifier_key
from audit.notes import VerifierKey
from connectors.errors import Unavailable
from portal.record.anchors import Anchors
from portal.settings.sealer import Anchors as AnchorSettings
from portal.work import couriers_of
from tests.portal.site import Site

AUDITOR = "auditor@example.org"


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as log:
        log.bind(("127.0.0.1", 0))
        log.settimeout(5)
        yield log


def anchors(site: Site, syslog: str = "") -> Anchors:
    parts, wished = site.parts, AnchorSettings(mail=(AUDITOR,), syslog=syslog)
    return Anchors(wished, "en", parts.database, parts.outbox, parts.clock)


def test_each_day_the_auditors_get_the_checkpoint_once_and_can_verify_it(
    site: Site, later: Callable[..., None]
) -> None:
    anchors(site).run()
    assert not site.mails(AUDITOR)  # nothing was signed yet
    site.browser().sign_in(site.person())
    site.work()
    for days in (0, 0, 1):
        later(days=days)
        for _ in range(2):
            anchors(site).run()
            site.work()
    told = site.mails(AUDITOR)
    assert len(told) == 2
    text = told[0].text.replace("\r\n", "\n")
    origin = site.settings.audit.origin
    note = text[text.rindex(f"\n{origin}\n") + 1 :]
    note = note[: note.index("\n\n", note.index("\u2014")) + 1]
    assert site.settings.audit.signing_key
    key = verifier_key(load_key(site.settings.audit.signing_key), origin)
    kept, _ = open_checkpoint(note.encode(), VerifierKey.parse(key))
    assert kept.size > 0
    digits = kept.root.hex()
    assert f"{digits[:8]} {digits[8:16]}" in text


def test_another_machines_log_gets_one_line_a_day(site: Site, listening: socket.socket) -> None:
    host, port = listening.getsockname()
    leaving = anchors(site, f"{host}:{port}")
    site.browser().sign_in(site.person())
    site.work()
    leaving.run()
    carriers = {**couriers_of(site.parts, site.letters).carriers(), "anchor": leaving.carry}
    with site.app.app_context():
        while site.parts.outbox.run(carriers):
            pass
    line = listening.recv(2000).decode()
    assert f"sparekey: checkpoint {site.settings.audit.origin} 1 " in line


def test_a_log_that_cannot_be_reached_is_tried_again(site: Site, tmp_path: object) -> None:
    with pytest.raises(Unavailable):
        anchors(site, f"{tmp_path}/none").carry("x", {"line": "x"})
