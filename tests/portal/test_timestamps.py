"""An authority outside stamps the day's checkpoint; exports and packs carry it, and the verifier asks for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from audit import timestamps
from audit.event import SYSTEM, Event
from audit.evidence import pack
from audit.export import export_tiles
from audit.keys import load_key, verifier_key
from audit.notes import VerifierKey
from audit.verify.command import main
from audit.verify.pack import lines, verify_pack
from audit.verify.proofs import VerifyFailed
from audit.verify.timestamp import CONSISTENCY, NOTE, TOKEN, stamped_at
from connectors.capabilities import Severity
from connectors.errors import Unavailable
from connectors.timestamp_authority import TimestampAuthority
from portal.record.anchors import Anchors
from portal.record.timestamps import Timestamps
from portal.settings.sealer import Anchors as AnchorSettings
from portal.settings.sealer import Timestamp
from portal.work import couriers_of
from tests.portal.site import Site
from tests.servers.tsa import Tsa, tsa


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tsa]:
    with tsa(tmp_path_factory.mktemp("tsa") / "own") as running:
        yield running


@pytest.fixture
def wanted(authority: Tsa) -> Iterator[Timestamp]:
    yield Timestamp(url=authority.url, ca_file=authority.ca_file)
    authority.broken = False


@pytest.fixture
def stamped(site: Site, wanted: Timestamp) -> Site:
    """A record with a stamped checkpoint, which has grown since."""
    parts = site.parts
    _write(site)
    for _ in range(2):
        Anchors(AnchorSettings(timestamp=wanted), "en", parts.database, parts.outbox, parts.clock).run()
    carriers = {
        **couriers_of(parts, site.letters).carriers(),
        "timestamp": Timestamps(asked(wanted), parts.database).carry,
    }
    while parts.outbox.run(carriers):
        pass
    _write(site)
    return site


def asked(wanted: Timestamp) -> TimestampAuthority:
    return TimestampAuthority(wanted.url, wanted.ca_file)


def _write(site: Site) -> int:
    with site.parts.database.write() as tx:
        number = site.parts.log.record(tx, Event(kind="prune", actor=SYSTEM, number=0), "success")
    site.work()
    return number


def _key(site: Site) -> str:
    assert site.settings.audit.signing_key
    return verifier_key(load_key(site.settings.audit.signing_key), site.settings.audit.origin)


def test_an_export_carries_the_timestamp_and_the_verifier_checks_it(
    stamped: Site, authority: Tsa, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with stamped.parts.database.read() as db:
        export_tiles(db, tmp_path / "log")
    command = ["verify", str(tmp_path / "log"), "--key", _key(stamped), "--timestamp-ca"]
    assert main([*command, str(authority.ca_file)], stamped.clock()) == 0
    assert "The checkpoint of 1 entries existed by " in capsys.readouterr().out
    with tsa(tmp_path / "other") as other:
        assert main([*command, str(other.ca_file)], stamped.clock()) == 1
    token = tmp_path / "log" / TOKEN
    token.write_bytes(token.read_bytes()[:-9] + b"\0" * 9)
    assert main([*command, str(authority.ca_file)], stamped.clock()) == 1


def test_everybody_can_fetch_the_timestamp_where_the_log_is_served(stamped: Site, authority: Tsa) -> None:
    anybody = stamped.browser().client
    served = {path: anybody.get(f"/audit/{path}") for path in (NOTE, TOKEN)}
    assert stamped_at(served[NOTE].data, served[TOKEN].data, authority.ca_file)
    assert served[TOKEN].content_type == "application/timestamp-reply"
    assert all(answer.headers["Cache-Control"] == "no-store" for answer in served.values())


def test_where_nothing_is_stamped_there_is_no_timestamp(site: Site) -> None:
    assert {site.browser().client.get(f"/audit/{path}").status_code for path in (NOTE, TOKEN)} == {404}


def test_a_checkpoint_is_stamped_once_and_by_its_bytes(stamped: Site, authority: Tsa, wanted: Timestamp) -> None:
    with stamped.parts.database.read() as db:
        kept = timestamps.newest(db)
    assert kept
    before = authority.asked
    Timestamps(asked(wanted), stamped.parts.database).carry("again", {"size": 1})
    assert authority.asked == before
    stamped_at(kept.note, kept.token, authority.ca_file)
    with pytest.raises(VerifyFailed, match="not of this checkpoint"):
        stamped_at(kept.note + b"x", kept.token, authority.ca_file)


def test_a_pack_carries_it_with_the_proof_that_it_is_of_the_same_log(stamped: Site, authority: Tsa) -> None:
    parts = stamped.parts
    with parts.database.write() as tx:
        files, digest = pack.with_manifest(pack.gather(tx, parts.log.keyring, [0, 1]), {})
        told = parts.log.record(tx, Event(kind="audit_exported", actor=SYSTEM, sha256=digest), "success")
    stamped.work()
    with parts.database.read() as db:
        made = pack.with_proofs(db, files, told)
    key = VerifierKey.parse(_key(stamped))
    report = verify_pack(made, key, authority=authority.ca_file)
    assert report.stamped == 1 and report.stamped_at
    assert any("existed by" in line for line in lines(report))
    assert verify_pack(made, key).stamped_at is None  # whoever has no certificates checks all the rest
    for path in (NOTE, TOKEN, CONSISTENCY):
        for content in (made[path] + b"\n", b"X" + made[path][1:]):
            with pytest.raises(VerifyFailed):
                verify_pack({**made, path: content}, key)
        with pytest.raises(VerifyFailed):
            verify_pack({other: content for other, content in made.items() if other != path}, key)


def test_an_answer_that_does_not_hold_is_not_kept(authority: Tsa, wanted: Timestamp, tmp_path: Path) -> None:
    asking = asked(wanted)
    assert [found.severity for found in asking.examine()] == [Severity.OK]
    authority.broken = True
    with pytest.raises(Unavailable, match="does not hold"):
        asking.stamp(b"something")
    authority.broken = False
    with tsa(tmp_path / "other") as other:
        foreign = TimestampAuthority(wanted.url, other.ca_file)
        assert [found.severity for found in foreign.examine()] == [Severity.FAULT]
    gone = TimestampAuthority("http://127.0.0.1:9/", wanted.ca_file)
    with pytest.raises(Unavailable, match="cannot be reached"):
        gone.stamp(b"something")
